package io.cachingproxy.attack;

import static io.cachingproxy.testkit.Http2Frames.ACK;
import static io.cachingproxy.testkit.Http2Frames.DATA;
import static io.cachingproxy.testkit.Http2Frames.END_HEADERS;
import static io.cachingproxy.testkit.Http2Frames.END_STREAM;
import static io.cachingproxy.testkit.Http2Frames.HEADERS;
import static io.cachingproxy.testkit.Http2Frames.SETTINGS;
import static io.cachingproxy.testkit.Http2Frames.block;
import static io.cachingproxy.testkit.Http2Frames.frame;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.jetty.Limits;
import io.cachingproxy.jetty.ProxyServer;
import io.cachingproxy.origin.OriginProtocol;
import io.cachingproxy.origin.OriginTimeouts;
import io.cachingproxy.testkit.Http2Frames.Frame;
import io.cachingproxy.testkit.OriginCall;
import io.cachingproxy.testkit.RawOrigin;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An HTTP/2 origin that sends malformed responses gets each of its exchanges ended at once, and nothing of it is stored. */
class HostileHttp2OriginTest {
    private static final String FRESH = "max-age=60";
    private static final OriginTimeouts LONG = new OriginTimeouts(
            Duration.ofSeconds(60), Duration.ofSeconds(60), Duration.ofSeconds(60), Duration.ofSeconds(60));

    private final AtomicReference<IntFunction<String>> response = new AtomicReference<>();
    private RawOrigin origin;
    private ProxyServer proxy;

    @BeforeEach
    void start() throws IOException {
        origin = RawOrigin.answering(this::converse);
        proxy = ProxyServer.builder()
                .origin(origin.uri())
                .port(0)
                .originProtocol(OriginProtocol.H2C)
                .originTimeouts(LONG)
                .limits(Limits.DEFAULT.withHeaders(16 << 10, 16 << 10, 50))
                .build();
        proxy.start();
    }

    @AfterEach
    void stop() {
        proxy.close();
        origin.close();
    }

    private void converse(OriginCall call) throws IOException {
        call.read(6); // the rest of the preface
        call.send(frame(SETTINGS, 0, 0, "") + frame(SETTINGS, ACK, 0, ""));
        while (true) {
            Frame frame = call.frame();
            if (frame.type() == HEADERS) {
                call.send(response.get().apply(frame.stream()));
            }
        }
    }

    private void on(IntFunction<String> frames) {
        response.set(frames);
    }

    private Message ask(String request) throws IOException {
        try (RawClient client = new RawClient(proxy.port())) {
            client.patience(Duration.ofSeconds(20));
            return client.send(request).response();
        }
    }

    private static String head(int stream, int flags, String... fields) {
        return frame(HEADERS, END_HEADERS | flags, stream, block(fields));
    }

    private static String well(int stream) {
        return head(stream, 0, ":status", "200", "content-length", "4") + frame(DATA, END_STREAM, stream, "well");
    }

    private void assertNothingStored() throws IOException {
        on(HostileHttp2OriginTest::well);
        Message next = ask(Attack.get("/a"));
        assertThat(next.body()).isEqualTo("well");
        assertThat(next.field("X-Cache")).isEqualTo("MISS");
    }

    private static Arguments fields(String name, String... fields) {
        return Arguments.of(name, (IntFunction<String>)
                stream -> head(stream, 0, fields) + frame(DATA, END_STREAM, stream, "hello"));
    }

    private static Arguments frames(String name, IntFunction<String> frames) {
        return Arguments.of(name, frames);
    }

    static Stream<Arguments> malformed() {
        String[] ok = {":status", "200", "cache-control", FRESH};
        return Stream.of(
                fields("status 1000", ":status", "1000", "cache-control", FRESH),
                fields("status 2000000000", ":status", "2000000000"),
                fields("status 99", ":status", "99"),
                fields("status 0", ":status", "0"),
                fields("status -200", ":status", "-200"),
                fields("status abc", ":status", "abc"),
                fields("status empty", ":status", ""),
                fields("no status", "cache-control", FRESH),
                fields("two statuses", ":status", "200", ":status", "200"),
                fields("status 101", ":status", "101"),
                fields("two lengths", ":status", "200", "content-length", "5", "content-length", "6"),
                fields("a list of lengths", ":status", "200", "content-length", "5, 6"),
                fields("length -2", ":status", "200", "content-length", "-2"),
                fields("length +5", ":status", "200", "content-length", "+5"),
                fields("length abc", ":status", "200", "content-length", "abc"),
                fields("empty length", ":status", "200", "content-length", ""),
                fields("length too large", ":status", "200", "content-length", "99999999999999999999"),
                fields("transfer-encoding", ":status", "200", "transfer-encoding", "chunked"),
                frames(
                        "a length with no data",
                        stream -> head(stream, END_STREAM, ":status", "200", "content-length", "5")),
                frames("data before the head", stream -> frame(DATA, 0, stream, "hello") + well(stream)),
                frames("an interim that ends", stream -> head(stream, END_STREAM, ":status", "103")),
                frames(
                        "a request",
                        stream -> head(
                                stream,
                                END_STREAM,
                                ":method",
                                "GET",
                                ":scheme",
                                "http",
                                ":path",
                                "/",
                                ":authority",
                                "a")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("malformed")
    void a_malformed_response_is_a_502(String name, IntFunction<String> frames) throws IOException {
        on(frames);
        Message answer = ask(Attack.get("/a"));
        assertThat(answer.status()).isEqualTo(502);
        assertThat(answer.field("Cache-Control")).isEqualTo("no-store");
        assertNothingStored();
    }

    static Stream<Arguments> broken() {
        String[] ok = {":status", "200", "cache-control", FRESH};
        return Stream.of(
                frames(
                        "less data than announced",
                        stream -> head(stream, 0, ":status", "200", "cache-control", FRESH, "content-length", "9")
                                + frame(DATA, END_STREAM, stream, "hello")),
                frames(
                        "more data than announced",
                        stream -> head(stream, 0, ":status", "200", "cache-control", FRESH, "content-length", "4")
                                + frame(DATA, 0, stream, "he")
                                + frame(DATA, END_STREAM, stream, "llo")),
                frames(
                        "data after trailers that do not end",
                        stream -> head(stream, 0, ok)
                                + frame(DATA, 0, stream, "hello")
                                + head(stream, 0, "x-sum", "1")
                                + frame(DATA, END_STREAM, stream, "evil")),
                frames(
                        "trailers after trailers",
                        stream -> head(stream, 0, ok)
                                + frame(DATA, 0, stream, "hello")
                                + head(stream, 0, "x-sum", "1")
                                + head(stream, END_STREAM, "x-sum", "2")),
                frames(
                        "two heads",
                        stream -> head(stream, 0, ok)
                                + frame(DATA, 0, stream, "hello")
                                + head(stream, 0, ok)
                                + frame(DATA, END_STREAM, stream, "evil")),
                frames(
                        "an interim after the head",
                        stream -> head(stream, 0, ok)
                                + frame(DATA, 0, stream, "hello")
                                + head(stream, 0, ":status", "103")
                                + frame(DATA, END_STREAM, stream, "evil")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("broken")
    void a_response_that_goes_on_malformed_does_not_end_well_and_is_not_stored(String name, IntFunction<String> frames)
            throws IOException {
        on(frames);
        try (RawClient client = new RawClient(proxy.port())) {
            client.patience(Duration.ofSeconds(20));
            assertThat(client.send(Attack.get("/a", "Connection: close")).untilClosed())
                    .matches("(?s)HTTP/1\\.1 (200|502) .*")
                    .doesNotContain("evil")
                    .doesNotEndWith("\r\n0\r\n\r\n");
        }
        assertNothingStored();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 10, 30})
    void interim_responses_are_no_fault(int interims) throws IOException {
        on(stream -> head(stream, 0, ":status", "100").repeat(interims) + well(stream));
        assertThat(ask(Attack.get("/a")).body()).isEqualTo("well");
    }

    @Test
    void a_length_that_is_announced_twice_alike_is_no_fault() throws IOException {
        on(stream -> head(stream, 0, ":status", "200", "content-length", "4", "content-length", "4")
                + frame(DATA, END_STREAM, stream, "well"));
        assertThat(ask(Attack.get("/a")).body()).isEqualTo("well");
    }

    @ParameterizedTest
    @ValueSource(strings = {"600", "999"})
    void a_status_without_a_class_is_relayed_and_not_stored(String status) throws IOException {
        on(stream -> head(stream, 0, ":status", status) + frame(DATA, END_STREAM, stream, "odd"));
        assertThat(ask(Attack.get("/a")).status()).isEqualTo(Integer.parseInt(status));
        assertNothingStored();
    }

    @Test
    void a_204_with_a_length_ends_and_tells_no_length() throws IOException {
        on(stream -> head(stream, END_STREAM, ":status", "204", "content-length", "5"));
        Message answer = ask(Attack.get("/a"));
        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.field("Content-Length")).isEmpty();
    }

    // RFC 9110 §15.3.6
    @ParameterizedTest
    @ValueSource(strings = {"5", ""})
    void the_content_of_a_205_is_dropped(String length) throws IOException {
        on(stream -> (length.isEmpty()
                        ? head(stream, 0, ":status", "205")
                        : head(stream, 0, ":status", "205", "content-length", length))
                + frame(DATA, END_STREAM, stream, "hello"));
        Message answer = ask(Attack.get("/a"));
        assertThat(answer.status()).isEqualTo(205);
        assertThat(answer.field("Content-Length")).isEqualTo("0");
        assertThat(answer.body()).isEmpty();
    }
}
