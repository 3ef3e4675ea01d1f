package io.cachingproxy.attack;

import static io.cachingproxy.testkit.Http2Frames.DATA;
import static io.cachingproxy.testkit.Http2Frames.END_HEADERS;
import static io.cachingproxy.testkit.Http2Frames.END_STREAM;
import static io.cachingproxy.testkit.Http2Frames.HEADERS;
import static io.cachingproxy.testkit.Http2Frames.HELLO;
import static io.cachingproxy.testkit.Http2Frames.RST_STREAM;
import static io.cachingproxy.testkit.Http2Frames.asking;
import static io.cachingproxy.testkit.Http2Frames.frame;
import static io.cachingproxy.testkit.Http2Frames.head;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.testkit.Http2Frames;
import io.cachingproxy.testkit.Http2Frames.Frame;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A malformed HTTP/2 request ends its stream and nothing else, and the origin never sees it (RFC 9113 §8.1.1). */
class MalformedHttp2Test extends Attack {
    private static final byte[] PROTOCOL_ERROR = {0, 0, 0, 1};

    private Socket socket;
    private InputStream in;

    @BeforeEach
    void connect() throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        socket.setSoTimeout(10_000);
        in = new BufferedInputStream(socket.getInputStream());
        send(HELLO);
    }

    @AfterEach
    void hangUp() throws IOException {
        socket.close();
    }

    private void send(String frames) throws IOException {
        socket.getOutputStream().write(frames.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** The first frame of a type on a stream. */
    private Frame await(int type, int stream) throws IOException {
        Frame frame = Http2Frames.read(in);
        while (frame.type() != type || frame.stream() != stream) {
            frame = Http2Frames.read(in);
        }
        return frame;
    }

    private void assertReset(int stream) throws IOException {
        assertThat(await(RST_STREAM, stream).payload()).isEqualTo(PROTOCOL_ERROR);
    }

    /** Another request on the same connection is answered, and the origin has seen no other. */
    private void assertConnectionLives() throws IOException {
        send(asking(9, "/b"));
        assertThat(await(HEADERS, 9).payload()).isNotEmpty();
        assertThat(new String(await(DATA, 9).payload(), StandardCharsets.ISO_8859_1))
                .isEqualTo("GET /b");
        assertThat(origin.asked()).containsExactly("GET /b");
        assertThat(origin.garbled()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "transfer-encoding,chunked",
        "transfer-encoding,identity",
        "keep-alive,timeout=5",
        "proxy-connection,keep-alive",
        "upgrade,h2c",
        "http2-settings,AAMAAABk",
        "connection,keep-alive",
        "connection,TE",
        "te,gzip",
        "content-length,+3",
        "content-length,-3",
        "content-length,-0",
        "content-length,999999999999999999"
    })
    void a_field_of_a_connection_or_a_length_that_is_no_number_resets_the_stream(String name, String value)
            throws IOException {
        send(frame(HEADERS, END_HEADERS, 1, head("POST", "/a", name, value)) + frame(DATA, END_STREAM, 1, "abc"));
        if (name.equals("te") || value.equals("keep-alive") && name.equals("connection")) {
            await(HEADERS, 1); // Jetty refuses them with 400
        } else {
            assertReset(1);
        }
        assertConnectionLives();
    }

    @ParameterizedTest
    @ValueSource(strings = {"3x", " 3", "3, 3", "0x3", "99999999999999999999", ""})
    void a_length_that_cannot_be_read_ends_the_connection_and_reaches_no_origin(String length) throws IOException {
        send(frame(HEADERS, END_HEADERS, 1, head("POST", "/a", "content-length", length))
                + frame(DATA, END_STREAM, 1, "abc"));
        assertThat(in.readAllBytes()).isNotEmpty();
        assertVictimUnharmed();
    }

    @Test
    void so_do_two_lengths() throws IOException {
        String head = head("POST", "/a", "content-length", "3", "content-length", "3");
        send(frame(HEADERS, END_HEADERS, 1, head) + frame(DATA, END_STREAM, 1, "abc"));
        assertReset(1);
        assertConnectionLives();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST"})
    void so_does_a_length_of_content_that_does_not_come(String method) throws IOException {
        send(frame(HEADERS, END_HEADERS | END_STREAM, 1, head(method, "/a", "content-length", "5")));
        assertReset(1);
        assertConnectionLives();
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", "abcdef"})
    void content_of_another_length_than_announced_does_not_reach_the_origin_as_a_whole(String content)
            throws IOException {
        send(frame(HEADERS, END_HEADERS, 1, head("POST", "/a", "content-length", "5"))
                + frame(DATA, END_STREAM, 1, content));
        assertReset(1);
        send(asking(9, "/b"));
        assertThat(await(HEADERS, 9).payload()).isNotEmpty();
        assertThat(origin.asked()).containsExactly("GET /b");
    }

    @Test
    void nor_does_content_that_trailers_end_too_early() throws IOException {
        send(frame(HEADERS, END_HEADERS, 1, head("POST", "/a", "content-length", "5"))
                + frame(DATA, 0, 1, "abc")
                + frame(HEADERS, END_HEADERS | END_STREAM, 1, ""));
        await(HEADERS, 1);
        send(asking(9, "/b"));
        assertThat(await(HEADERS, 9).payload()).isNotEmpty();
        assertThat(origin.asked()).containsExactly("GET /b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/a HTTP/1.1",
                "/a\tb",
                "/a\r\nX: y",
                "/a\u0000",
                "/a\u007f",
                "/a?b c",
                "/a?b\nc",
                " /a",
                "/a ",
                "/a#b"
            })
    void a_path_that_is_more_than_one_word_is_refused(String path) throws IOException {
        send(frame(HEADERS, END_HEADERS | END_STREAM, 1, head("GET", path)));
        Frame answer = Http2Frames.read(in);
        while (answer.stream() != 1) {
            answer = Http2Frames.read(in);
        }
        assertThat(answer.type()).isIn(HEADERS, RST_STREAM);
        if (answer.type() == HEADERS) {
            assertThat(answer.payload()).as(":status 400 of the static table").contains((byte) (0x80 | 12));
        }
        assertConnectionLives();
    }
}
