package io.cachingproxy.jetty;

import static io.cachingproxy.testkit.RawClient.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.HttpCache;
import io.cachingproxy.testkit.RawClient;
import io.cachingproxy.testkit.RawOrigin;
import io.cachingproxy.testkit.Reply;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.client.AsyncRequestContent;
import org.eclipse.jetty.client.CompletableResponseListener;
import org.eclipse.jetty.client.ContentResponse;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.client.transport.HttpClientTransportOverHTTP2;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A final response that comes before the end of the request's content. */
class EarlyResponseTest {
    private static final String DENIED =
            "HTTP/1.1 403 Forbidden\r\nCache-Control: no-store\r\nContent-Length: 2\r\n\r\nno";

    private final HttpCache cache = HttpCache.builder().build();
    private final RawOrigin origin = RawOrigin.answering(call -> {
        if (call.head().startsWith("POST /drop")) {
            call.close();
        } else {
            call.send(DENIED);
            call.body();
        }
    });
    private final ProxyServer proxy =
            ProxyServer.builder().origin(origin.uri()).port(0).cache(cache).build();

    @BeforeEach
    void start() throws Exception {
        proxy.start();
    }

    @AfterEach
    void stop() {
        proxy.close();
        cache.close();
        origin.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/deny", "/drop"})
    void announces_the_close_and_reaches_a_client_that_goes_on_sending(String path) {
        for (String framing : new String[] {"Content-Length: 3000000", "Transfer-Encoding: chunked"}) {
            try (RawClient client = RawClient.to(proxy.port())) {
                client.send(request("POST", path, framing));
                String head = client.head();
                assertThat(head)
                        .startsWith(path.equals("/deny") ? "HTTP/1.1 403 " : "HTTP/1.1 502 ")
                        .contains("\r\nConnection: close\r\n");
                client.send(framing.startsWith("Content") ? "x".repeat(3_000_000) : "5\r\nhello\r\n0\r\n\r\n");
                assertThat(client.rest()).endsWith(path.equals("/deny") ? "no" : "\n");
            }
        }
        await().until(() -> proxy.requests() == 0);
    }

    @Test
    void a_response_to_content_that_was_read_to_its_end_keeps_the_connection() {
        try (RawClient client = RawClient.to(proxy.port())) {
            for (int i = 0; i < 3; i++) {
                Reply reply = client.send(request("POST", "/deny", "Content-Length: 5") + "hello")
                        .reply();
                assertThat(reply.head()).startsWith("HTTP/1.1 403 ").doesNotContain("Connection: close");
            }
        }
    }

    @Test
    void ends_a_stream_of_http2() throws Exception {
        try (HttpClient http2 = new HttpClient(new HttpClientTransportOverHTTP2(new HTTP2Client()))) {
            http2.start();
            for (int i = 0; i < 3; i++) {
                AsyncRequestContent never = new AsyncRequestContent();
                ContentResponse response = new CompletableResponseListener(
                                http2.POST("http://localhost:" + proxy.port() + "/deny")
                                        .body(never))
                        .send()
                        .handle((complete, reset) -> complete)
                        .get(5, TimeUnit.SECONDS);
                assertThat(response == null ? 403 : response.getStatus()).isEqualTo(403);
            }
        } catch (TimeoutException hung) {
            throw new AssertionError("a stream hangs", hung);
        }
        await().until(() -> proxy.requests() == 0);
    }
}
