package io.cachingproxy.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.cachingproxy.jetty.Limits;
import io.cachingproxy.jetty.ProxyServer;
import io.cachingproxy.origin.OriginTimeouts;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** What a client sees fail is in the log once, and tells no secret. */
class FaultLogTest extends Attack {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

    private final Logger logger = (Logger) LoggerFactory.getLogger("io.cachingproxy.jetty.front.FaultLog");
    private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();
    private final CountDownLatch released = new CountDownLatch(1);
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            events.add(event);
        }
    };

    @Override
    ProxyServer.Builder configured(ProxyServer.Builder builder) {
        return builder.limits(Limits.DEFAULT.withOriginRequests(1, 1))
                .originTimeouts(OriginTimeouts.DEFAULT
                        .withFirstByte(Duration.ofMillis(700))
                        .withIdle(Duration.ofMillis(700)));
    }

    @BeforeEach
    void listen() {
        appender.start();
        logger.addAppender(appender);
        logger.setLevel(Level.DEBUG);
        logger.setAdditive(false);
    }

    @AfterEach
    void stopListening() {
        released.countDown();
        logger.detachAppender(appender);
        logger.setLevel(null);
        logger.setAdditive(true);
    }

    private static String secretive(String method, String path, String... lines) {
        return method + " " + path + "?secret=1 HTTP/1.1\r\nHost: proxy\r\nCookie: secret\r\nAuthorization: secret\r\n"
                + "X-Request-Id: id-7\r\ntraceparent: 00-" + TRACE + "-00f067aa0ba902b7-01\r\n"
                + String.join(
                        "", List.of(lines).stream().map(line -> line + "\r\n").toList()) + "\r\n";
    }

    /** One line, and no other. */
    private String assertOne(Level level) {
        await().until(() -> !events.isEmpty());
        await().during(Duration.ofMillis(100)).until(() -> events.size() == 1);
        assertThat(events.get(0).getLevel()).isEqualTo(level);
        String line = events.get(0).getFormattedMessage();
        assertThat(line).doesNotContain("secret");
        return line;
    }

    private void assertOne(Level level, String... parts) {
        assertThat(assertOne(level))
                .contains("[request id-7, trace " + TRACE + "]")
                .contains(parts);
    }

    @Test
    void an_origin_that_hangs_up_is_a_warning() throws IOException {
        origin.on("/a", (request, connection) -> connection.close());
        assertThat(ask(secretive("GET", "/a")).status()).isEqualTo(502);
        assertOne(Level.WARN, "GET /a: 502 the origin");
    }

    @Test
    void a_session_in_a_path_is_not_logged() throws IOException {
        origin.close();
        assertThat(ask(secretive("GET", "/a;jsessionid=secret;v=1")).status()).isEqualTo(502);
        assertOne(Level.WARN, "GET /a;jsessionid=***;v=1: 502");
    }

    @Test
    void an_origin_that_is_away_is_a_warning() throws IOException {
        origin.close();
        assertThat(ask(secretive("GET", "/a")).status()).isEqualTo(502);
        assertOne(Level.WARN, "GET /a: 502 the origin cannot be reached (ConnectException");
    }

    @Test
    void an_origin_that_breaks_the_protocol_is_a_warning() throws IOException {
        origin.onceAndClose("/a", "HTTP/1.1 200 OK\r\nContent-Length: secret\r\n\r\n");
        assertThat(ask(secretive("GET", "/a")).status()).isEqualTo(502);
        assertOne(Level.WARN, "GET /a: 502 the origin's response broke off or is malformed");
    }

    @Test
    void an_origin_that_says_nothing_is_a_warning() throws IOException {
        origin.on("/a", (request, connection) -> released.await());
        assertThat(ask(secretive("GET", "/a")).status()).isEqualTo(504);
        assertOne(
                Level.WARN,
                "GET /a: 504 the origin did not answer in time (TimeoutException: no response after 700 ms,"
                        + " see --origin-first-byte-timeout)");
    }

    @Test
    void a_body_that_breaks_off_is_a_warning() throws IOException {
        origin.onceAndClose("/a", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
        assertThat(attacker().send(secretive("GET", "/a", "Connection: close")).untilClosed())
                .doesNotContain("halfhalf");
        assertOne(Level.WARN, "GET /a: 502 the origin's response broke off");
    }

    @Test
    void a_body_that_stops_is_a_warning_that_names_the_option() throws IOException {
        origin.on("/a", (request, connection) -> {
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
            released.await();
        });
        attacker().send(secretive("GET", "/a", "Connection: close")).untilClosed();
        assertOne(
                Level.WARN,
                "GET /a: 504 the origin did not answer in time (TimeoutException: silent after 700 ms,"
                        + " see --origin-idle-timeout)");
    }

    @Test
    void a_request_that_is_shed_is_a_warning() throws IOException {
        origin.on("/held", (request, connection) -> released.await());
        attacker().send(get("/held"));
        await().until(() -> origin.asked().contains("GET /held"));
        for (int i = 0; i < 3; i++) { // one waits, two are shed
            attacker().send(secretive("POST", "/a", "Content-Length: 0"));
        }
        await().until(() -> events.size() == 2);
        assertThat(events).allSatisfy(event -> {
            assertThat(event.getLevel()).isEqualTo(Level.WARN);
            assertThat(event.getFormattedMessage())
                    .startsWith("POST /a: 503 too many requests at once")
                    .doesNotContain("secret");
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CONNECT proxy:80 HTTP/1.1\r\nHost: proxy:80\r\n\r\n",
                "TRACE /secret HTTP/1.1\r\nHost: proxy\r\n\r\n",
                "GET /a?secret HTTP/1.1\r\nHost: proxy\r\nHost: secret\r\n\r\n",
                "GET /a?secret HTTP/1.1\r\nHost: proxy\r\nConnection: Host\r\n\r\n",
                "GET /a?secret HTTP/1.1\r\nHost: proxy\r\nCache-Control: only-if-cached\r\n\r\n",
                "GET /a?secret HTTP/1.1\r\nHost: proxy\r\nX: secret\nsecret\r\n\r\n",
                "POST /a?secret HTTP/1.1\r\nHost: proxy\r\nTransfer-Encoding: secret\r\n\r\n",
                "GET /a HTTP/9.1\r\nHost: secret\r\n\r\n"
            })
    void what_a_client_gets_wrong_is_told_to_who_wants_to_debug_it(String request) throws IOException {
        assertThat(ask(request.replace("TRACE /secret", "TRACE /a")).status()).isGreaterThanOrEqualTo(400);
        assertOne(Level.DEBUG);
    }

    @Test
    void a_head_that_is_too_large_is_told_to_who_wants_to_debug_it() throws IOException {
        assertThat(ask(get("/a", "X: " + "s".repeat(20_000))).status()).isEqualTo(431);
        assertOne(Level.DEBUG);
    }

    @Test
    void a_client_that_hangs_up_is_not_a_fault_of_the_origin() throws IOException {
        origin.on("/a", (request, connection) -> {
            connection.send("HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: 99999999\r\n\r\n");
            while (released.getCount() > 0) {
                connection.send("x".repeat(10_000));
            }
        });
        RawClient client = attacker().send(secretive("GET", "/a"));
        await().until(client::isAnswered);
        client.close();
        await().until(() -> events.size() >= 1);
        assertThat(events).allMatch(event -> event.getLevel() == Level.DEBUG);
        assertThat(events).noneMatch(event -> event.getFormattedMessage().contains("secret"));
    }

    @Test
    void an_id_that_is_none_is_not_repeated() throws IOException {
        origin.on("/a", (request, connection) -> connection.close());
        ask(get("/a", "X-Request-Id: a b", "traceparent: 00-" + "0".repeat(32) + "-00f067aa0ba902b7-01"));
        assertThat(assertOne(Level.WARN)).containsPattern("\\[request [0-9a-f]{1,16}]$");
    }

    @Test
    void many_failures_of_one_kind_do_not_fill_the_log() throws IOException {
        origin.on("/a", (request, connection) -> connection.close());
        for (int i = 0; i < 30; i++) {
            ask(request("POST", "/a"));
        }
        assertThat(events).hasSize(10);
    }
}
