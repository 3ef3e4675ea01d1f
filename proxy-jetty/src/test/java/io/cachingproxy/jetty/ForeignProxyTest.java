package io.cachingproxy.jetty;

import static io.cachingproxy.testkit.RawOrigin.ok;
import static io.cachingproxy.testkit.Verdicts.assertHit;
import static io.cachingproxy.testkit.Verdicts.assertStored;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.HttpCache;
import io.cachingproxy.servlet.CachingFilter;
import io.cachingproxy.testkit.JettyFront;
import io.cachingproxy.testkit.RawOrigin;
import jakarta.servlet.Servlet;
import java.util.Map;
import org.eclipse.jetty.ee10.proxy.AsyncMiddleManServlet;
import org.eclipse.jetty.ee10.proxy.AsyncProxyServlet;
import org.eclipse.jetty.ee10.proxy.ProxyServlet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Jetty's own proxy servlets behind the filter: they write to the response of an async context. */
class ForeignProxyTest {
    private static Servlet proxy(String name) {
        return switch (name) {
            case "blocking" -> new ProxyServlet.Transparent();
            case "async" -> new AsyncProxyServlet.Transparent();
            default -> new AsyncMiddleManServlet.Transparent();
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"blocking", "async", "middle man"})
    void the_bytes_of_the_origin_are_recorded(String name) {
        String body = "0123456789".repeat(50_000);
        try (RawOrigin origin = RawOrigin.sending(ok(body, "Cache-Control: max-age=60"));
                HttpCache cache = HttpCache.builder().build();
                JettyFront front = JettyFront.of(
                        new CachingFilter(cache),
                        proxy(name),
                        Map.of("proxyTo", origin.uri().toString()))) {
            assertThat(assertStored(front.get("/")).text()).isEqualTo(body);
            assertThat(assertHit(front.get("/")).text()).isEqualTo(body);
            assertThat(origin.count()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"blocking", "async", "middle man"})
    void a_body_that_breaks_off_is_not_stored(String name) {
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    if (call.number() == 1) {
                        call.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                        call.chunk("begun");
                        call.close();
                    } else {
                        call.send(ok("whole"));
                    }
                });
                HttpCache cache = HttpCache.builder().build();
                JettyFront front = JettyFront.of(
                        new CachingFilter(cache),
                        proxy(name),
                        Map.of("proxyTo", origin.uri().toString()))) {
            try (var client = front.connect()) {
                client.send("GET / HTTP/1.1\r\nHost: proxy\r\nConnection: close\r\n\r\n");
                client.rest();
            }
            assertThat(assertStored(front.get("/")).text()).isEqualTo("whole");
        }
    }
}
