package io.cachingproxy.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.Answer;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.testkit.ContentWithTrailers;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.client.ContentResponse;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.client.transport.HttpClientTransportOverHTTP2;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Responses to HTTP/2 requests whose content, end and trailers are known before the head is written. */
class Http2ResponseTest {
    @Test
    void trailers_come_after_content_that_waits_for_a_window() throws Exception {
        try (HitServer server = server(200, "hello", Headers.of("Sum", "7"))) {
            assertThat(ContentWithTrailers.received(server.port())).containsExactly("he", "llo", "TRAILERS");
        }
    }

    @ParameterizedTest
    @CsvSource({"GET,204", "HEAD,200", "GET,304"})
    void one_without_content_has_no_length_that_the_answer_does_not_have(String method, int status) throws Exception {
        HttpClient client = new HttpClient(new HttpClientTransportOverHTTP2(new HTTP2Client()));
        try (HitServer server = server(status, "", Headers.EMPTY)) {
            client.start();
            ContentResponse response = client.newRequest("http://127.0.0.1:" + server.port() + "/a")
                    .method(method)
                    .timeout(5, TimeUnit.SECONDS)
                    .send();
            assertThat(response.getStatus()).isEqualTo(status);
            assertThat(response.getHeaders().contains("Content-Length")).isFalse();
        } finally {
            client.stop();
        }
    }

    private static HitServer server(int status, String body, Headers trailers) throws Exception {
        ResponseHead head = new ResponseHead(status, Headers.of("X-A", "b"));
        return new HitServer(
                (method, target) -> new Answer(head, new ContentWithTrailers(body, trailers), null),
                Limits.DEFAULT,
                null);
    }
}
