package io.cachingproxy.jetty;

import static io.cachingproxy.jetty.HitServer.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.Answer;
import io.cachingproxy.CacheStatus;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.jetty.hit.HitConnection;
import io.cachingproxy.testkit.Http2Frames;
import java.io.InputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.eclipse.jetty.io.Connection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests in any order and in any pieces: what is simple is answered on the connection, and Jetty answers the rest. */
class HitConnectionTest {
    private static final CacheStatus HIT = new CacheStatus(true, Duration.ZERO, null, 0, false, false, null);

    private static final int LINES = 5;
    private static final int HEAD_BYTES = 1000;

    private HitServer server;

    @BeforeEach
    void start() throws Exception {
        server = new HitServer(
                (method, target) -> answer(target), Limits.DEFAULT.withHeaders(HEAD_BYTES, 64 << 10, LINES));
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private static Answer answer(String target) {
        Headers headers = Headers.of("Content-Length", String.valueOf(target.length()));
        return new Answer(new ResponseHead(200, headers), Content.of(ByteBuffer.wrap(target.getBytes())), HIT);
    }

    private static String get(String target, String... lines) {
        return "GET " + target + " HTTP/1.1\r\nHost: proxy\r\n"
                + String.join("", lines).replace("|", "\r\n")
                + "\r\n";
    }

    private static String post(String target, String content) {
        return "POST " + target + " HTTP/1.1\r\nHost: proxy\r\nContent-Length: " + content.length() + "\r\n\r\n"
                + content;
    }

    private static String chunked(String target, String content) {
        String chunk = content.isEmpty() ? "" : Integer.toHexString(content.length()) + "\r\n" + content + "\r\n";
        return "POST " + target + " HTTP/1.1\r\nHost: proxy\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk
                + "0\r\n\r\n";
    }

    private static String ok(String body) {
        return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    private static void send(Socket client, String bytes) throws Exception {
        client.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void assertNext(Socket client, String expected) throws Exception {
        InputStream in = client.getInputStream();
        assertThat(new String(in.readNBytes(expected.length()), StandardCharsets.ISO_8859_1))
                .isEqualTo(expected);
    }

    @Test
    void a_simple_request_does_not_come_to_the_handler_and_any_other_does() throws Exception {
        assertThat(server.ask(get("/a"))).isEqualTo(ok("/a"));
        assertThat(server.handled).hasValue(0);
        assertThat(server.ask(get("/a", "TE: trailers|"))).isEqualTo(ok("/a"));
        assertThat(server.handled).hasValue(1);
    }

    @Test
    void simple_requests_in_one_packet_are_answered_in_their_order() throws Exception {
        assertThat(server.ask(get("/1") + get("/22") + get("/333"))).isEqualTo(ok("/1") + ok("/22") + ok("/333"));
        assertThat(server.handled).hasValue(0);
    }

    @Test
    void simple_requests_around_one_with_content_are_answered_in_their_order() throws Exception {
        for (String content : new String[] {"", "x", get("/smuggled"), "x".repeat(20_000)}) {
            for (String request : new String[] {post("/22", content), chunked("/22", content)}) {
                assertThat(server.ask(get("/1") + request + get("/333") + get("/4444")))
                        .isEqualTo(ok("/1") + ok("/22") + ok("/333") + ok("/4444"));
            }
        }
        assertThat(server.handled).hasValueGreaterThanOrEqualTo(5); // what is chunked or long
    }

    @Test
    void after_jetty_the_connection_answers_again() throws Exception {
        try (Socket client = server.client(0)) {
            for (int i = 1; i <= 3; i++) {
                send(client, chunked("/jetty", "x"));
                assertNext(client, ok("/jetty"));
                until(() -> server.connection().getEndPoint().isFillInterested()); // else Jetty reads on
                send(client, get("/simple"));
                assertNext(client, ok("/simple"));
                assertThat(server.handled).hasValue(i);
            }
        }
    }

    @Test
    void a_request_in_two_packets_is_answered_wherever_it_is_cut() throws Exception {
        String request = get("/cut", "X: y|");
        try (Socket client = server.client(0)) {
            for (int cut = 1; cut < request.length(); cut++) {
                send(client, get("/a") + request.substring(0, cut));
                assertNext(client, ok("/a"));
                send(client, request.substring(cut) + get("/b"));
                assertNext(client, ok("/cut") + ok("/b"));
            }
        }
    }

    @Test
    void a_request_that_comes_byte_by_byte_is_answered() throws Exception {
        try (Socket client = server.client(0)) {
            for (char c : (get("/a") + get("/b")).toCharArray()) {
                send(client, String.valueOf(c));
            }
            assertNext(client, ok("/a") + ok("/b"));
        }
    }

    @Test
    void requests_longer_than_what_is_read_at_a_time_are_answered_in_their_order() throws Exception {
        StringBuilder requests = new StringBuilder();
        StringBuilder answers = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            requests.append(get("/" + i, "X: " + "x".repeat(i) + "|"));
            answers.append(ok("/" + i));
        }
        assertThat(server.ask(requests.toString())).isEqualTo(answers.toString());
    }

    @Test
    void who_ends_after_the_request_is_answered_and_the_connection_is_closed() throws Exception {
        assertThat(server.ask(get("/a"))).isEqualTo(ok("/a"));
        assertThat(server.ask(get("/a") + "GET /half HTT")).startsWith(ok("/a"));
        assertThat(server.ask("")).isEmpty();
        until(() -> server.connector.getConnectedEndPoints().isEmpty());
    }

    @Test
    void without_persistent_connections_jetty_answers_and_says_that_it_is_the_last() throws Exception {
        assertJettyAnswersLast(() -> server.configuration().setPersistentConnectionsEnabled(false));
    }

    @Test
    void once_the_connector_shuts_down_jetty_answers_and_says_that_it_is_the_last() throws Exception {
        assertJettyAnswersLast(() -> server.connector.shutdown());
    }

    private void assertJettyAnswersLast(Runnable once) throws Exception {
        try (Socket client = server.client(0)) {
            send(client, get("/a"));
            assertNext(client, ok("/a"));
            once.run();
            send(client, get("/b") + get("/c"));
            assertThat(HitServer.rest(client))
                    .contains("\r\nConnection: close\r\n")
                    .endsWith("/b");
        }
        assertThat(server.handled).hasValue(1);
    }

    @Test
    void a_head_that_is_too_long_is_jettys_to_refuse() throws Exception {
        String longest =
                get("/a", "X: " + "x".repeat(HEAD_BYTES - get("/a", "X: |").length()) + "|");
        assertThat(server.ask(longest)).isEqualTo(ok("/a"));
        assertThat(server.handled).hasValue(0);
        assertThat(server.provoke(get("/a", "X: " + "x".repeat(2 * HEAD_BYTES) + "|")))
                .startsWith("HTTP/1.1 431 ");
    }

    @Test
    void more_lines_than_there_may_be_are_the_guards_to_refuse() throws Exception {
        assertThat(server.ask(get("/a", "X: y|".repeat(LINES - 1)))).isEqualTo(ok("/a"));
        assertThat(server.provoke(get("/a", "X: y|".repeat(LINES)))).startsWith("HTTP/1.1 431 ");
        assertThat(server.handled).hasValue(0);
    }

    @Test
    void what_jetty_refuses_after_a_simple_request_is_refused() throws Exception {
        assertThat(server.provoke(get("/a") + "GET /b HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + get("/c")))
                .startsWith(ok("/a") + "HTTP/1.1 400 ")
                .doesNotContain("/c");
    }

    @Test
    void http_1_0_is_jettys() throws Exception {
        assertThat(server.ask("GET /a HTTP/1.0\r\nHost: proxy\r\n\r\n"))
                .startsWith("HTTP/1.1 200 OK\r\n")
                .endsWith("/a");
        assertThat(server.handled).hasValue(1);
    }

    @Test
    void http_2_with_prior_knowledge_is_jettys() throws Exception {
        try (Socket client = server.client(0)) {
            send(client, Http2Frames.HELLO + Http2Frames.asking(1, "/a"));
            Http2Frames.Frame frame = Http2Frames.read(client.getInputStream());
            while (frame.type() != Http2Frames.DATA) {
                frame = Http2Frames.read(client.getInputStream());
            }
            assertThat(new String(frame.payload(), StandardCharsets.ISO_8859_1)).isEqualTo("/a");
        }
        assertThat(server.handled).hasValue(1);
    }

    @Test
    void messages_and_bytes_are_counted_whoever_answers() throws Exception {
        try (Socket client = server.client(0)) {
            int in = 0;
            int out = 0;
            for (int messages = 1; messages <= 4; messages++) {
                String request = messages % 2 == 0 ? get("/a", "TE: trailers|") : get("/a");
                send(client, request);
                assertNext(client, ok("/a"));
                in += request.length();
                out += ok("/a").length();
                Connection connection = server.connection();
                assertThat(connection).isInstanceOf(HitConnection.class);
                assertThat(connection.getMessagesIn()).isEqualTo(messages);
                assertThat(connection.getMessagesOut()).isEqualTo(messages);
                assertThat(connection.getBytesIn()).isEqualTo(in);
                assertThat(connection.getBytesOut()).isEqualTo(out);
            }
        }
    }
}
