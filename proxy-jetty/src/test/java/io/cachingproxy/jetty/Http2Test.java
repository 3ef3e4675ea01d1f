package io.cachingproxy.jetty;

import static io.cachingproxy.testkit.RawOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.HttpCache;
import io.cachingproxy.servlet.CachingFilter;
import io.cachingproxy.testkit.JettyFront;
import io.cachingproxy.testkit.RawOrigin;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.client.AsyncRequestContent;
import org.eclipse.jetty.client.CompletableResponseListener;
import org.eclipse.jetty.client.ContentResponse;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.StringRequestContent;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.client.transport.HttpClientTransportOverHTTP2;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** The proxy servlet for clients that speak HTTP/2, behind the filter and without it. */
@ParameterizedClass
@ValueSource(booleans = {true, false})
class Http2Test {
    @Parameter
    boolean filtered;

    private final HttpCache cache = HttpCache.builder().build();
    private final HttpClient client = new HttpClient(new HttpClientTransportOverHTTP2(new HTTP2Client()));
    private final RawOrigin origin = RawOrigin.answering(call -> {
        String body = new String(call.body());
        call.send(
                body.equals("reset")
                        ? "HTTP/1.1 205 Reset Content\r\nContent-Length: 5\r\n\r\nhello"
                        : ok(body.isEmpty() ? "none" : body));
    });
    private JettyFront front;

    @BeforeEach
    void start() throws Exception {
        front = JettyFront.of(
                filtered ? new CachingFilter(cache) : null,
                new CachingProxyServlet(),
                Map.of("proxyTo", origin.uri().toString()));
        client.start();
    }

    @AfterEach
    void stop() throws Exception {
        client.stop();
        front.close();
        cache.close();
        origin.close();
    }

    private Request request(String method) {
        return client.newRequest("http://127.0.0.1:" + front.port() + "/a?b=c")
                .method(method)
                .timeout(5, TimeUnit.SECONDS);
    }

    @Test
    void a_request_body_without_content_length_reaches_the_origin() throws Exception {
        AsyncRequestContent content = new AsyncRequestContent();
        CompletableFuture<ContentResponse> sent =
                new CompletableResponseListener(request("POST").body(content)).send();
        content.write(ByteBuffer.wrap("first, ".getBytes()), Callback.NOOP);
        await().until(() -> origin.heads().size() == 1);
        content.write(ByteBuffer.wrap("second".getBytes()), Callback.NOOP);
        content.close();
        ContentResponse response = sent.get(5, TimeUnit.SECONDS);
        assertThat(response.getContentAsString()).isEqualTo("first, second");
        assertThat(origin.lastHead()).contains("Transfer-Encoding: chunked");
    }

    // RFC 9110 §15.3.6
    @Test
    void the_content_of_a_205_is_dropped() throws Exception {
        ContentResponse response =
                request("POST").body(new StringRequestContent("reset")).send();
        assertThat(response.getStatus()).isEqualTo(205);
        assertThat(response.getHeaders().get("Content-Length")).isEqualTo("0");
        assertThat(response.getContent()).isEmpty();
        assertThat(request("GET").send().getContentAsString()).isEqualTo("none");
    }

    @Test
    void the_host_at_the_origin_is_the_origins_and_there_is_but_one() throws Exception {
        assertThat(request("GET").send().getContentAsString()).isEqualTo("none");
        assertThat(origin.lastHead()).startsWith("GET /a?b=c HTTP/1.1\r\n");
        assertThat(origin.lastHead().lines().filter(line -> line.toLowerCase().startsWith("host:")))
                .containsExactly("Host: " + origin.uri().getAuthority());
        assertThat(origin.lastHead()).doesNotContain("orwarded", "null");
    }

    // RFC 9113 §8.2.3
    @Test
    void cookies_in_several_lines_reach_the_origin_in_one() throws Exception {
        request("GET")
                .headers(fields ->
                        fields.add("Cookie", "a=1").add("Cookie", "b=2; c=3").add("Cookie", "d=4"))
                .send();
        assertThat(origin.lastHead().lines().filter(line -> line.toLowerCase().startsWith("cookie:")))
                .singleElement()
                .asString()
                .endsWith(": a=1; b=2; c=3; d=4");
    }

    @Test
    void a_get_without_a_body_is_one_for_the_cache() throws Exception {
        assertThat(request("GET").send().getHeaders().get("X-Cache")).isEqualTo("MISS");
        ContentResponse second = request("GET").send();
        assertThat(second.getContentAsString()).isEqualTo("none");
        assertThat(second.getHeaders().get("X-Cache")).isEqualTo(filtered ? "HIT" : "MISS");
        assertThat(origin.lastHead()).doesNotContain("Transfer-Encoding");
    }
}
