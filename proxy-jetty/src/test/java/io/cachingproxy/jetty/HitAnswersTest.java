package io.cachingproxy.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.Answer;
import io.cachingproxy.CacheStatus;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Answers that are written on the connection are, byte for byte, what Jetty would have written. */
class HitAnswersTest {
    private static final CacheStatus HIT = new CacheStatus(true, Duration.ZERO, null, 0, false, false, null);

    private static final Map<String, Stored> STORED = new ConcurrentHashMap<>();
    private static final String LAST = "GET /last HTTP/1.1\r\nHost: proxy\r\n\r\n";

    private static HitServer server;

    /** What the server has; each answer reads it anew. */
    private record Stored(int status, Headers headers, List<ByteBuffer> body) {
        static Stored of(int status, Headers headers, ByteBuffer... body) {
            return new Stored(status, headers, List.of(body));
        }

        Answer answer(String method) {
            ResponseHead head = new ResponseHead(status, headers);
            ByteBuffer[] content = head.isBodiless(method) ? new ByteBuffer[0] : body.toArray(ByteBuffer[]::new);
            return new Answer(head, Content.of(content), HIT);
        }
    }

    @BeforeAll
    static void start() throws Exception {
        STORED.put("/last", Stored.of(200, Headers.of("Content-Length", "4"), ByteBuffer.wrap("last".getBytes())));
        server = new HitServer((method, target) -> STORED.get(target).answer(method), Limits.DEFAULT);
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    /** Asks for {@code stored} and for another after it, so that it shows whether the connection goes on. */
    private static String ask(String method, String version, String lines) throws Exception {
        return server.ask(
                method + " /a " + version + "\r\nHost: proxy\r\nConnection: keep-alive\r\n" + lines + "\r\n" + LAST);
    }

    /** Whether it is answered on the connection; fails unless that is what the handler answers. */
    private static boolean isAnsweredAlike(String method, Stored stored) throws Exception {
        STORED.put("/a", stored);
        boolean onConnection = isAnsweredAlike(method, "HTTP/1.1", stored);
        assertThat(isAnsweredAlike(method, "HTTP/1.0", stored)).isEqualTo(onConnection);
        return onConnection;
    }

    private static boolean isAnsweredAlike(String method, String version, Stored stored) throws Exception {
        server.handled.set(0);
        String byHandler = ask(method, version, "TE: trailers\r\n");
        assertThat(server.handled.getAndSet(0)).isPositive();
        String answer = ask(method, version, "");
        assertThat(normal(answer)).isEqualTo(normal(byHandler));
        for (ByteBuffer piece : stored.body()) {
            assertThat(piece.position()).isZero();
            assertThat(piece.limit()).isEqualTo(piece.capacity());
        }
        return server.handled.get() == 0;
    }

    /** The first head with names in lower case and in one order, of which neither means anything; the rest as it is. */
    private static String normal(String answer) {
        int end = answer.indexOf("\r\n\r\n");
        if (end < 0) {
            return answer;
        }
        List<String> lines =
                new ArrayList<>(Arrays.asList(answer.substring(0, end).split("\r\n", -1)));
        String status = lines.remove(0);
        lines.removeIf(line -> line.startsWith("Date: ") && line.endsWith(" GMT")); // of error pages
        String fields = lines.stream()
                .map(line -> name(line).toLowerCase(Locale.ROOT)
                        + line.substring(name(line).length()))
                .sorted(Comparator.comparing(HitAnswersTest::name)) // stable: lines of one name in their order
                .collect(Collectors.joining("\r\n"));
        return status + "\r\n" + fields + answer.substring(end);
    }

    private static String name(String line) {
        return line.substring(0, Math.max(0, line.indexOf(':')));
    }

    private static ByteBuffer[] pieces(boolean direct, int... lengths) {
        return Arrays.stream(lengths)
                .mapToObj(length -> {
                    ByteBuffer piece = direct ? ByteBuffer.allocateDirect(length) : ByteBuffer.allocate(length);
                    for (int i = 0; i < length; i++) {
                        piece.put((byte) ('a' + (i * 31 + i / 1000) % 26));
                    }
                    return piece.flip();
                })
                .toArray(ByteBuffer[]::new);
    }

    private static Headers length(int... lengths) {
        return Headers.of(
                "content-type",
                "text/plain",
                "Content-Length",
                String.valueOf(Arrays.stream(lengths).sum()),
                "Age",
                "1");
    }

    static final List<Integer> STATUSES = List.of(200, 203, 206, 301, 302, 404, 410, 416, 500, 503);

    @ParameterizedTest
    @FieldSource("STATUSES")
    void of_any_status_that_has_content(int status) throws Exception {
        Stored stored = Stored.of(status, length(5), pieces(false, 5));
        assertThat(isAnsweredAlike("GET", stored)).isTrue();
        assertThat(isAnsweredAlike("HEAD", stored)).isTrue();
    }

    @ParameterizedTest
    @MethodSource
    void of_a_status_that_has_none(int status, Headers headers, boolean onConnection) throws Exception {
        assertThat(isAnsweredAlike("GET", Stored.of(status, headers))).isEqualTo(onConnection);
        assertThat(isAnsweredAlike("HEAD", Stored.of(status, headers))).isEqualTo(onConnection);
    }

    static Stream<Arguments> of_a_status_that_has_none() {
        Headers etag = Headers.of("ETag", "\"a\"");
        return Stream.of(
                Arguments.of(204, etag, true),
                Arguments.of(304, etag, true),
                Arguments.of(304, etag.plus("Content-Length", "5"), true),
                Arguments.of(304, etag.plus("Content-Length", "0"), true),
                Arguments.of(304, etag.plus("Content-Length", "5", "Content-Length", "5"), false),
                Arguments.of(304, etag.plus("Content-Length", "5x"), false),
                Arguments.of(304, etag.plus("Content-Length", "05"), false),
                Arguments.of(204, etag.plus("Content-Length", "0"), false), // RFC 9110 §8.6: Jetty leaves it out
                Arguments.of(204, etag.plus("Content-Length", "5"), false));
    }

    @ParameterizedTest
    @MethodSource
    void of_bodies_short_long_in_pieces_on_the_heap_and_off_it(boolean onConnection, int... lengths) throws Exception {
        for (boolean direct : new boolean[] {false, true}) {
            Stored stored = Stored.of(200, length(lengths), pieces(direct, lengths));
            assertThat(isAnsweredAlike("GET", stored)).isEqualTo(onConnection);
            assertThat(isAnsweredAlike("HEAD", stored)).isTrue();
        }
    }

    static Stream<Arguments> of_bodies_short_long_in_pieces_on_the_heap_and_off_it() {
        int longest = 1 << 20;
        return Stream.of(
                Arguments.of(true, new int[] {}),
                Arguments.of(true, new int[] {0}),
                Arguments.of(true, new int[] {1}),
                Arguments.of(true, new int[] {31 << 10}),
                Arguments.of(true, new int[] {32 << 10}),
                Arguments.of(true, new int[] {33 << 10}),
                Arguments.of(true, new int[] {longest}),
                Arguments.of(false, new int[] {longest + 1}),
                Arguments.of(true, new int[] {1, 2, 0, 3}),
                Arguments.of(true, new int[] {10_000, 20_000}),
                Arguments.of(false, new int[] {10_000, 30_000}),
                Arguments.of(false, new int[] {100_000, 1}));
    }

    @ParameterizedTest
    @MethodSource
    void of_heads_in_odd_spelling(boolean onConnection, Headers headers) throws Exception {
        Stored stored = Stored.of(200, headers, pieces(false, 5));
        assertThat(isAnsweredAlike("GET", stored)).isEqualTo(onConnection);
        assertThat(isAnsweredAlike("HEAD", stored)).isEqualTo(onConnection);
    }

    static Stream<Arguments> of_heads_in_odd_spelling() {
        Headers good = Headers.of("Content-Length", "5");
        return Stream.of(
                Arguments.of(true, good.plus("X", "")),
                Arguments.of(true, good.plus("X", "a\tb", "x", " a  b ", "X", "\u007f\u0080\u00e9\u00ff")),
                Arguments.of(true, good.plus("CONTENT-type", "a", "eTaG", "\"a\"", "x-OWN", "b", "Vary", "a, b")),
                Arguments.of(true, good.plus("Set-Cookie", "a=b", "Set-Cookie", "c=d", "Link", "<a>", "link", "<b>")),
                Arguments.of(
                        true, good.plus("Keep-Alive", "5", "Trailer", "X", "Upgrade", "a", "Date", "b", "Server", "c")),
                Arguments.of(true, good.plus("X", "x".repeat(8000))),
                Arguments.of(false, good.plus("X", "x".repeat(8200))),
                Arguments.of(true, good.plus("X", "a\r\nb: c")),
                Arguments.of(true, good.plus("X", "a\nb")),
                Arguments.of(true, good.plus("X", "a\u0000\u0001\u001fb")),
                Arguments.of(true, good.plus("X", "\u0100\u20ac")),
                Arguments.of(false, good.plus("X:Y", "a")),
                Arguments.of(false, good.plus("X\r\nY", "a")),
                Arguments.of(false, good.plus("X\u0100", "a")),
                Arguments.of(false, good.plus("X\tY", "a")),
                Arguments.of(false, good.plus("X Y", "a")),
                Arguments.of(false, good.plus("X\u00e9", "a")),
                Arguments.of(false, good.plus("Connection", "close")),
                Arguments.of(false, good.plus("connection", "keep-alive")),
                Arguments.of(false, good.plus("Transfer-Encoding", "chunked")),
                Arguments.of(false, good.plus("Transfer-Encoding", "gzip")));
    }

    @ParameterizedTest
    @MethodSource
    void of_lengths_that_are_missing_wrong_or_not_plain(Headers headers) throws Exception {
        Stored stored = Stored.of(200, headers.plus("X", "y"), pieces(false, 5));
        assertThat(isAnsweredAlike("GET", stored)).isFalse();
    }

    static Stream<Headers> of_lengths_that_are_missing_wrong_or_not_plain() {
        String name = "Content-Length";
        return Stream.of(
                Headers.EMPTY,
                Headers.of(name, "4"),
                Headers.of(name, "6"),
                Headers.of(name, "0"),
                Headers.of(name, ""),
                Headers.of(name, "05"),
                Headers.of(name, "+5"),
                Headers.of(name, "-5"),
                Headers.of(name, " 5"),
                Headers.of(name, "5 "),
                Headers.of(name, "5,5"),
                Headers.of(name, "five"),
                Headers.of(name, "99999999999999999999"),
                Headers.of(name, "5", name, "5"),
                Headers.of(name, "5", name, "6"),
                Headers.of(name, "5", "content-length", "x"));
    }

    @ParameterizedTest
    @MethodSource("of_lengths_that_are_missing_wrong_or_not_plain")
    void of_such_lengths_without_content(Headers headers) throws Exception {
        isAnsweredAlike("HEAD", Stored.of(200, headers.plus("X", "y")));
        isAnsweredAlike("GET", Stored.of(304, headers.plus("X", "y")));
    }

    static final List<Integer> WITHOUT_WORDS = List.of(299, 418, 499, 599, 600, 799);

    @ParameterizedTest
    @FieldSource("WITHOUT_WORDS")
    void of_a_status_that_may_have_no_words(int status) throws Exception {
        isAnsweredAlike("GET", Stored.of(status, length(5), pieces(false, 5)));
    }
}
