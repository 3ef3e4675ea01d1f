package io.cachingproxy.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.cachingproxy.HttpCache;
import io.cachingproxy.http.AddressRanges;
import io.cachingproxy.jetty.events.AnsweredRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What listeners receive of the requests that the proxy has answered. */
class AnsweredRequestsTest {
    private final BlockingQueue<AnsweredRequest> answered = new LinkedBlockingQueue<>();
    private final HttpCache cache = HttpCache.builder().build();
    private HttpServer origin;
    private ProxyServer proxy;

    @BeforeEach
    void start() throws IOException {
        origin = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        origin.createContext("/", exchange -> {
            exchange.getResponseHeaders().add("Cache-Control", "max-age=60");
            exchange.sendResponseHeaders(200, 5);
            exchange.getResponseBody().write("hello".getBytes(StandardCharsets.US_ASCII));
            exchange.close();
        });
        origin.start();
        proxy = ProxyServer.builder()
                .origin(URI.create("http://127.0.0.1:" + origin.getAddress().getPort()))
                .port(0)
                .cache(cache)
                .trustedPeers(AddressRanges.parse("127.0.0.1"))
                .requestListener(answered::add)
                .build();
        proxy.start();
    }

    @AfterEach
    void stop() {
        proxy.close();
        cache.close();
        origin.stop(0);
    }

    private void send(String request) throws IOException {
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
            client.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            client.shutdownOutput();
            InputStream in = client.getInputStream();
            in.readAllBytes();
        }
    }

    private AnsweredRequest next() throws InterruptedException {
        AnsweredRequest next = answered.poll(20, TimeUnit.SECONDS);
        assertThat(next).isNotNull();
        return next;
    }

    @Test
    void a_miss_and_the_hit_after_it_are_reported_once_each() throws Exception {
        String get = "GET /a?b=c HTTP/1.1\r\nHost: example.org\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n";
        send(get);
        AnsweredRequest miss = next();
        send(get);
        AnsweredRequest hit = next();
        for (AnsweredRequest each : new AnsweredRequest[] {miss, hit}) {
            assertThat(each.client()).isEqualTo(InetAddress.getByName("192.0.2.7"));
            assertThat(each.protocol()).isEqualTo("HTTP/1.1");
            assertThat(each.method()).isEqualTo("GET");
            assertThat(each.target().pathAndQuery()).isEqualTo("/a?b=c");
            assertThat(each.status()).isEqualTo(200);
            assertThat(each.bytes()).isEqualTo(5);
            assertThat(each.complete()).isTrue();
            assertThat(each.site()).isEqualTo("default");
            assertThat(each.totalNanos()).isGreaterThanOrEqualTo(each.headNanos());
        }
        assertThat(miss.cacheStatus().hit()).isFalse();
        assertThat(miss.origin().toHead()).isNotNull();
        assertThat(hit.cacheStatus().hit()).isTrue();
        assertThat(miss.attempts()).isEqualTo(1);
        assertThat(hit.origin()).isNull();
        assertThat(hit.attempts()).isZero();
        assertThat(answered).isEmpty();
    }

    @Test
    void a_malformed_request_is_reported_with_its_status() throws Exception {
        send("GET http://user@example.org/ HTTP/1.1\r\nHost: example.org\r\n\r\n");
        AnsweredRequest refused = next();
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.cached()).isNull();
        assertThat(refused.cacheStatus()).isNull();
        assertThat(Duration.ofNanos(refused.totalNanos())).isBetween(Duration.ZERO, Duration.ofMinutes(1));
    }

    @Test
    void an_origin_that_is_gone_is_reported_as_a_502_with_the_time_it_took() throws Exception {
        origin.stop(0);
        send("GET /gone HTTP/1.1\r\nHost: example.org\r\n\r\n");
        AnsweredRequest failed = next();
        assertThat(failed.status()).isEqualTo(502);
        assertThat(failed.origin()).isNotNull();
        assertThat(failed.cacheStatus().originStatus()).isZero();
    }
}
