package io.cachingproxy.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.Answer;
import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.testkit.Http2Frames;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
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
        try (HitServer server = server(200, "hello", Headers.of("Sum", "7"));
                Socket client = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            client.setSoTimeout(5_000);
            String windowOfTwo = Http2Frames.frame(Http2Frames.SETTINGS, 0, 0, "\0\4" + Http2Frames.integer(2));
            send(client, Http2Frames.PREFACE + windowOfTwo + Http2Frames.asking(1, "/a"));
            assertThat(frames(client, frame -> frame.type() == Http2Frames.DATA))
                    .containsExactly("he");
            send(client, Http2Frames.frame(Http2Frames.WINDOW_UPDATE, 0, 1, Http2Frames.integer(9)));
            assertThat(frames(client, Http2ResponseTest::isEnd)).containsExactly("llo", "TRAILERS");
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
                (method, target) -> new Answer(head, new Known(body, trailers), null), Limits.DEFAULT, null);
    }

    /** Content that is available at once, with trailers. */
    private static final class Known implements Content {
        private final Headers trailers;
        private ByteBuffer bytes;

        Known(String body, Headers trailers) {
            this.bytes = ByteBuffer.wrap(body.getBytes(StandardCharsets.ISO_8859_1));
            this.trailers = trailers;
        }

        @Override
        public Chunk read() {
            ByteBuffer next = bytes;
            bytes = ByteBuffer.allocate(0);
            return next.hasRemaining() ? Chunk.of(next) : END;
        }

        @Override
        public void demand(Runnable ready) {
            ready.run();
        }

        @Override
        public void cancel() {}

        @Override
        public Headers trailers() {
            return trailers;
        }
    }

    private static void send(Socket client, String frames) throws IOException {
        client.getOutputStream().write(frames.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static boolean isEnd(Http2Frames.Frame frame) {
        return frame.stream() == 1 && (frame.flags() & Http2Frames.END_STREAM) != 0;
    }

    /** The content and the trailers of one response, up to the {@code last} frame. */
    private static List<String> frames(Socket client, Predicate<Http2Frames.Frame> last) throws IOException {
        List<String> frames = new ArrayList<>();
        InputStream in = client.getInputStream();
        Http2Frames.Frame frame;
        do {
            frame = Http2Frames.read(in);
            if (frame.type() == Http2Frames.DATA) {
                frames.add(new String(frame.payload(), StandardCharsets.ISO_8859_1));
            } else if (frame.type() == Http2Frames.HEADERS && isEnd(frame)) {
                frames.add("TRAILERS");
            }
        } while (!last.test(frame));
        return frames;
    }
}
