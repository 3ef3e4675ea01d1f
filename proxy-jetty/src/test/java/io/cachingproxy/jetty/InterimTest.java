package io.cachingproxy.jetty;

import static io.cachingproxy.testkit.RawClient.request;
import static io.cachingproxy.testkit.RawOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.HttpCache;
import io.cachingproxy.testkit.RawClient;
import io.cachingproxy.testkit.RawOrigin;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.client.transport.HttpClientTransportOverHTTP2;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An interim response has no content, and no connection of its own, whatever its fields say (RFC 9110 §15.2). */
class InterimTest {
    private static final String LINK = "Link: </a.css>; rel=preload\r\n";

    private static RawOrigin hinting(String lines) {
        return RawOrigin.sending("HTTP/1.1 103 Early Hints\r\n" + lines + LINK + "\r\n" + ok("body"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Content-Length: 7\r\n",
                "Connection: close\r\n",
                "Connection: X-Hop, close\r\nX-Hop: 1\r\nKeep-Alive: 1\r\nUpgrade: a\r\nTrailer: b\r\n",
                "Transfer-Encoding: chunked\r\n"
            })
    void framing_and_connection_fields_of_an_interim_response_are_not_relayed(String lines) throws Exception {
        try (RawOrigin origin = hinting(lines);
                HttpCache cache = HttpCache.builder().build();
                ProxyServer proxy = ProxyServer.builder()
                        .origin(origin.uri())
                        .port(0)
                        .cache(cache)
                        .build()) {
            proxy.start();
            try (RawClient client = RawClient.to(proxy.port())) {
                client.send(request("GET", "/a"));
                assertThat(client.anyHead()).isEqualTo("HTTP/1.1 103 Early Hints\r\n" + LINK + "\r\n");
                assertThat(client.reply().text()).isEqualTo("body");
            }
            try (HttpClient http2 = new HttpClient(new HttpClientTransportOverHTTP2(new HTTP2Client()))) {
                http2.start();
                assertThat(http2.GET("http://localhost:" + proxy.port() + "/b").getContentAsString())
                        .isEqualTo("body");
            }
        }
    }
}
