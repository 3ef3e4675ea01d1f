package io.cachingproxy.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.testkit.Http2Frames;
import io.cachingproxy.testkit.RawOrigin;
import io.cachingproxy.testkit.TestProxy;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The last content of a response that is not stored is written together with the end of the response. */
class LastContentTest {
    private static final String HEAD = "HTTP/1.1 200 OK\r\nCache-Control: no-store\r\n";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 5\r\n\r\nhello",
                "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"
            })
    void a_small_response_over_http_2_has_one_frame_of_content(String response) throws Exception {
        try (RawOrigin origin = RawOrigin.answering(call -> call.send(HEAD + response));
                TestProxy proxy = TestProxy.of(origin)) {
            assertThat(frames(proxy.port())).containsExactly("hello END");
        }
    }

    /** Each DATA frame of one response. */
    private static List<String> frames(int port) throws Exception {
        List<String> frames = new ArrayList<>();
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
            client.setSoTimeout(5_000);
            client.getOutputStream()
                    .write((Http2Frames.HELLO + Http2Frames.asking(1, "/a")).getBytes(StandardCharsets.ISO_8859_1));
            InputStream in = client.getInputStream();
            boolean ended = false;
            while (!ended) {
                Http2Frames.Frame frame = Http2Frames.read(in);
                ended = frame.stream() == 1 && (frame.flags() & Http2Frames.END_STREAM) != 0;
                if (frame.type() == Http2Frames.DATA) {
                    frames.add(new String(frame.payload(), StandardCharsets.ISO_8859_1) + (ended ? " END" : ""));
                }
            }
        }
        return frames;
    }
}
