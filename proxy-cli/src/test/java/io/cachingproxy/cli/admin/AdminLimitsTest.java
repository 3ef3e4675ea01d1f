package io.cachingproxy.cli.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.cachingproxy.cli.requests.RecentRequests;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.Target;
import io.cachingproxy.jetty.events.AnsweredRequest;
import io.cachingproxy.jetty.events.Redaction;
import io.cachingproxy.jetty.front.MinimumRate;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** What clients of the admin listener can take from it: memory, connections, threads, lines of the log. */
class AdminLimitsTest {
    private static final int MIB = 1 << 20;
    private static final AdminLimits LIMITS =
            new AdminLimits(24, 18, new MinimumRate(240, Duration.ofSeconds(1)), Duration.ofSeconds(30));

    private final List<Socket> clients = Collections.synchronizedList(new ArrayList<>());
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final CountDownLatch interrupted = new CountDownLatch(1);
    private final Queue<AdminExchange> waiting = new ConcurrentLinkedQueue<>();
    private final CountDownLatch ending = new CountDownLatch(1);
    private final SoleTask task = SoleTask.within(Duration.ofMillis(300), "a task");
    private final SoleTask endless = SoleTask.complete("work");
    private final RecentRequests recent = new RecentRequests(new Redaction(List.of()), InstantSource.system());
    private final AnsweredRequest request = new AnsweredRequest(
            null,
            "HTTP/1.1",
            "GET",
            new Target("http", "example.org", "/" + "a".repeat(1_000)),
            Headers.EMPTY,
            null,
            200,
            null,
            Headers.EMPTY,
            1,
            true,
            0,
            0,
            0,
            0,
            null,
            null);
    private AdminServer admin = server(LIMITS);

    private AdminServer server(AdminLimits limits) {
        AdminRoutes routes = AdminRoutes.of(new HealthApi(), new RequestsApi(recent, Duration.ofMillis(100)), all -> {
            all.get("/large", exchange -> exchange.text(200, "x".repeat(8 * MIB)));
            all.get("/small", exchange -> exchange.text(200, "small"));
            all.post("/content", 8 * MIB, (exchange, text) -> exchange.text(200, "read " + text.length()));
            all.post("/purge", exchange -> exchange.receipt(200, "x".repeat(MIB)));
            all.post("/waiting", waiting::add);
            all.post("/working", exchange -> exchange.elsewhere(() -> awaitQuietly(ending)));
            all.post("/nothing", exchange -> exchange.text(200, "done"));
            all.post(
                    "/endless",
                    exchange -> endless.begin(exchange, () -> {
                        awaitQuietly(ending);
                        return new SoleTask.Result(200, List.of());
                    }));
            all.post(
                    "/task",
                    exchange -> task.begin(exchange, () -> {
                        try {
                            ending.await();
                        } catch (InterruptedException late) {
                            interrupted.countDown();
                            throw new CancellationException();
                        }
                        return new SoleTask.Result(200, List.of());
                    }));
        });
        return new AdminServer("127.0.0.1", 0, AdminAccess.of(Optional.empty()), limits, routes);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException unexpected) {
            throw new IllegalStateException(unexpected);
        }
    }

    @BeforeEach
    void start() throws IOException {
        root().addAppender(log);
        log.start();
        admin.start();
    }

    @AfterEach
    void nothing_that_a_client_sends_is_logged() throws IOException {
        ending.countDown();
        for (Socket client : clients) {
            client.close();
        }
        admin.close();
        root().detachAppender(log);
        assertThat(List.copyOf(log.list))
                .filteredOn(it -> it.getLevel().isGreaterOrEqual(Level.WARN))
                .extracting(ILoggingEvent::getFormattedMessage)
                .isEmpty();
    }

    private static Logger root() {
        return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }

    private Socket connect() throws IOException {
        Socket client = new Socket();
        client.setReceiveBufferSize(4096);
        client.setSoTimeout(20_000);
        client.connect(new InetSocketAddress("127.0.0.1", admin.port()));
        clients.add(client);
        return client;
    }

    private Socket send(String text) throws IOException {
        Socket client = connect();
        client.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        return client;
    }

    private String request(String line, String... fields) {
        return line + " HTTP/1.1\r\nHost: 127.0.0.1:" + admin.port() + "\r\n"
                + String.join(
                        "", List.of(fields).stream().map(it -> it + "\r\n").toList())
                + "\r\n";
    }

    /** The status line and the fields of the answer. */
    private static String head(Socket client) throws IOException {
        StringBuilder head = new StringBuilder();
        InputStream in = client.getInputStream();
        for (int next = in.read(); next >= 0; next = in.read()) {
            head.append((char) next);
            if (head.toString().endsWith("\r\n\r\n")) {
                break;
            }
        }
        return head.toString();
    }

    private static String rest(Socket client) throws IOException {
        return new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private String answer(String line, String... fields) throws IOException {
        try (Socket client = send(request(line, fields))) {
            return head(client);
        }
    }

    @Test
    void four_large_answers_wait_for_their_clients_and_others_are_refused_until_one_is_read() throws IOException {
        for (int i = 0; i < 4; i++) {
            assertThat(head(send(request("GET /large")))).startsWith("HTTP/1.1 200");
        }
        assertThat(answer("GET /large")).startsWith("HTTP/1.1 503").contains("Retry-After: 1\r\n");
        assertThat(answer("GET /small")).startsWith("HTTP/1.1 200");
        assertThat(answer("POST /purge")).startsWith("HTTP/1.1 200"); // has happened already
        clients.get(0).close();
        await().untilAsserted(() -> assertThat(answer("GET /large")).startsWith("HTTP/1.1 200"));
    }

    @Test
    void unfinished_uploads_share_one_budget() throws IOException {
        String most = "x".repeat(7 * MIB);
        List<Socket> unfinished = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            unfinished.add(send(request("POST /content", "Content-Length: " + 8 * MIB) + most));
        }
        await().untilAsserted(() -> {
            Socket third = send(request("POST /content", "Content-Length: " + 4 * MIB) + "x".repeat(4 * MIB));
            assertThat(head(third)).startsWith("HTTP/1.1 503").contains("Retry-After: 1\r\n");
        });
        unfinished.get(0).getOutputStream().write(new byte[MIB]);
        assertThat(head(unfinished.get(0))).startsWith("HTTP/1.1 200");
        unfinished.get(1).close();
        await().untilAsserted(() -> {
            Socket later = send(request("POST /content", "Content-Length: " + 8 * MIB) + most + "x".repeat(MIB));
            assertThat(head(later)).startsWith("HTTP/1.1 200");
        });
    }

    @Test
    void a_content_length_above_the_limit_is_413_before_any_content() throws IOException {
        assertThat(answer("POST /content", "Content-Length: " + (8 * MIB + 1))).startsWith("HTTP/1.1 413");
        assertThat(answer("POST /content", "Content-Length: " + (8 * MIB + 1), "Expect: 100-continue"))
                .startsWith("HTTP/1.1 413");
    }

    @Test
    void chunks_above_the_limit_are_413() throws IOException {
        Socket client = send(request("POST /content", "Transfer-Encoding: chunked"));
        for (int i = 0; i < 9; i++) {
            client.getOutputStream()
                    .write(("100000\r\n" + "x".repeat(MIB) + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        }
        client.getOutputStream().write("0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(head(client)).startsWith("HTTP/1.1 413");
        assertThat(rest(client)).isEqualTo("the content is longer than 8388608 bytes\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"zz\r\n", "5\r\nabcdefgh\r\n", "ffffffffffffffffffff\r\n"})
    void a_malformed_chunk_is_400(String chunk) throws IOException {
        Socket client = send(request("POST /content", "Transfer-Encoding: chunked") + chunk);
        assertThat(head(client)).startsWith("HTTP/1.1 400");
    }

    @Test
    void content_that_is_late_is_408() throws IOException {
        admin.close();
        admin = server(new AdminLimits(24, 18, LIMITS.rate(), Duration.ofMillis(300)));
        admin.start();
        Socket client = send(request("POST /content", "Content-Length: 10") + "abc");
        assertThat(head(client)).startsWith("HTTP/1.1 408");
    }

    @Test
    void content_that_breaks_off_is_400_and_an_ended_connection_is_no_error() throws IOException {
        Socket client = send(request("POST /content", "Content-Length: 10") + "abc");
        client.shutdownOutput();
        assertThat(head(client)).startsWith("HTTP/1.1 400");
        Socket reset = send(request("POST /content", "Content-Length: 10") + "abc");
        reset.setSoLinger(true, 0);
        reset.close();
        assertThat(answer("GET /small")).startsWith("HTTP/1.1 200");
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST /nothing", "GET /small", "GET /unknown", "POST /small"})
    void an_answer_before_the_end_of_the_content_is_readable(String line) throws IOException {
        Socket client = send(request(line, "Content-Length: " + 4 * MIB, "Connection: close"));
        for (int i = 0; i < 4; i++) {
            client.getOutputStream().write(new byte[MIB]);
        }
        assertThat(head(client)).matches("(?s)HTTP/1.1 4(13|04|05) .*");
        assertThat(rest(client)).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET bad", "GET /%zz", "GET /../../x", "GET /api/requests?limit=%zz"})
    void a_malformed_request_is_answered_and_not_logged(String line) throws IOException {
        assertThat(answer(line)).startsWith("HTTP/1.1 4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET /small HTTP/1.1\nHost: 127.0.0.1\n\n", "GET /small HTTP/1.1\r\nHost: 127.0.0.1\n\r\n"})
    void a_head_with_bare_line_feeds_is_refused(String head) throws IOException {
        assertThat(head(send(head))).startsWith("HTTP/1.1 400");
    }

    @Test
    void idle_connections_at_the_limit_give_way() throws IOException {
        for (int i = 0; i < LIMITS.connections(); i++) {
            connect();
        }
        assertThat(answer("GET /small")).startsWith("HTTP/1.1 200");
    }

    /** Sends the heads of its requests slowly, but faster than the minimum rate, and connects again when it is cut off. */
    private final class SlowHead {
        private Socket client;

        void next() {
            try {
                if (client == null) {
                    client = send("GET /small HTTP/1.1\r\n");
                }
                client.getOutputStream().write("X: 4567890123456789012345678\r\n".getBytes(StandardCharsets.US_ASCII));
            } catch (IOException cutOff) {
                client = null;
            }
        }
    }

    @Test
    void two_hundred_clients_that_send_heads_slowly_leave_connections_to_others() throws Exception {
        List<SlowHead> slow = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            slow.add(new SlowHead());
        }
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        CountDownLatch rounds = new CountDownLatch(5);
        Runnable round = () -> {
            slow.forEach(SlowHead::next);
            rounds.countDown();
        };
        clock.scheduleWithFixedDelay(round, 0, 100, TimeUnit.MILLISECONDS);
        try {
            rounds.await();
            for (int i = 0; i < 15; i++) {
                String path = List.of("/health/live", "/health/ready", "/small").get(i % 3);
                try (Socket client = new Socket("127.0.0.1", admin.port())) {
                    client.setSoTimeout(10_000);
                    client.getOutputStream().write(request("GET " + path).getBytes(StandardCharsets.ISO_8859_1));
                    assertThat(head(client)).startsWith("HTTP/1.1 200");
                }
            }
        } finally {
            clock.shutdownNow();
            assertThat(clock.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /small HTTP/1.1\r\nX: ",
                "POST /content HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 100\r\n\r\nabc"
            })
    void a_request_below_the_minimum_rate_is_cut_off(String begin) throws IOException {
        Socket client = send(begin.formatted(admin.port()));
        await().atMost(Duration.ofSeconds(20)).until(() -> isCutOff(client));
    }

    /** Sends another byte; whether the connection has ended. */
    private static boolean isCutOff(Socket client) {
        try {
            client.getOutputStream().write('a');
            return false;
        } catch (IOException closed) {
            return true;
        }
    }

    @Test
    void a_follower_that_reads_nothing_is_disconnected_also_without_new_requests() throws IOException {
        Socket follower = send(request("GET /api/requests", "Accept: text/event-stream"));
        assertThat(head(follower)).startsWith("HTTP/1.1 200");
        for (int i = 0; i < 20_000; i++) {
            recent.onAnswered(request);
        }
        await().until(() -> isCutOff(follower));
    }

    @Test
    void sixteen_clients_follow_the_requests_and_leave_connections_to_others() throws IOException {
        for (int i = 0; i < 16; i++) {
            assertThat(head(send(request("GET /api/requests", "Accept: text/event-stream"))))
                    .startsWith("HTTP/1.1 200");
        }
        assertThat(answer("GET /api/requests", "Accept: text/event-stream"))
                .startsWith("HTTP/1.1 503")
                .contains("Retry-After: 1\r\n");
        assertThat(answer("GET /small")).startsWith("HTTP/1.1 200");
        clients.get(0).close();
        await().untilAsserted(() -> assertThat(answer("GET /api/requests", "Accept: text/event-stream"))
                .startsWith("HTTP/1.1 200"));
    }

    @Test
    void abandoned_requests_that_wait_leave_connections_to_others() throws IOException {
        for (int i = 0; i < 3 * LIMITS.connections(); i++) {
            send(request("POST /waiting")).close();
        }
        assertHealthy();
        await().until(() -> waiting.size() == LIMITS.requests());
        assertThat(answer("GET /small")).startsWith("HTTP/1.1 503").contains("Retry-After: 1\r\n");
        waiting.remove().text(200, "late");
        await().untilAsserted(() -> assertThat(answer("GET /small")).startsWith("HTTP/1.1 200"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST /waiting", "POST /working"})
    void health_is_answered_while_all_other_requests_wait(String line) throws IOException {
        for (int i = 0; i < LIMITS.requests(); i++) {
            send(request(line));
        }
        await().untilAsserted(() -> assertThat(answer("GET /small")).startsWith("HTTP/1.1 503"));
        for (int i = 0; i < 10; i++) {
            assertHealthy();
        }
    }

    private void assertHealthy() throws IOException {
        for (String path : List.of("live", "ready")) {
            try (Socket client = connect()) {
                client.setSoTimeout(2_000);
                client.getOutputStream().write(request("GET /health/" + path).getBytes(StandardCharsets.ISO_8859_1));
                assertThat(head(client)).startsWith("HTTP/1.1 200");
            }
        }
    }

    @Test
    void one_task_runs_at_a_time_and_nothing_else_waits_for_it() throws IOException {
        Socket first = send(request("POST /endless"));
        await().untilAsserted(() ->
                assertThat(answer("POST /endless")).startsWith("HTTP/1.1 503").contains("Retry-After: 1\r\n"));
        for (int i = 0; i < 10; i++) {
            assertThat(answer("GET /health/live")).startsWith("HTTP/1.1 200");
        }
        ending.countDown();
        assertThat(head(first)).startsWith("HTTP/1.1 200");
        await().untilAsserted(() -> assertThat(answer("POST /endless")).startsWith("HTTP/1.1 200"));
    }

    @Test
    void a_task_that_misses_its_deadline_is_answered_503_and_ends() throws Exception {
        Socket client = send(request("POST /task", "Connection: close"));
        assertThat(rest(client)).startsWith("HTTP/1.1 503").endsWith("\r\n\r\na task takes longer than 0 s\n");
        interrupted.await();
        ending.countDown();
        await().untilAsserted(() -> assertThat(answer("POST /task")).startsWith("HTTP/1.1 200"));
    }

    @ParameterizedTest
    @CsvSource({
        "cross-site, 403",
        "same-site, 403",
        "'', 403",
        "'none,cross-site', 403",
        "'same-origin|cross-site', 403",
        "'none|same-origin', 200",
        "same-origin, 200",
        "none, 200"
    })
    void pages_of_other_sites_cause_no_request(String values, int status) throws IOException {
        String[] fields = List.of(values.split("\\|", -1)).stream()
                .map(value -> "Sec-Fetch-Site: " + value)
                .toArray(String[]::new);
        assertThat(answer("GET /small", fields))
                .startsWith("HTTP/1.1 " + status)
                .contains("Cross-Origin-Resource-Policy: same-origin\r\n");
        assertThat(answer("GET /health/live", fields)).startsWith("HTTP/1.1 200");
    }
}
