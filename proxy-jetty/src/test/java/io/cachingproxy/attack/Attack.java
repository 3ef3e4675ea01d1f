package io.cachingproxy.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.HttpCache;
import io.cachingproxy.jetty.ProxyServer;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.testkit.ManualClock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What every attack has: a recording origin, the proxy in front of it, an attacker who sends what he likes and a victim
 * who sends what is proper.
 */
abstract class Attack {
    final ManualClock clock = ManualClock.atNoon();
    final MemoryStore store = new MemoryStore(64 << 20, 8 << 20);
    private final List<RawClient> clients = new ArrayList<>();
    RecordingOrigin origin;
    ProxyServer proxy;

    @BeforeEach
    void start() throws IOException {
        origin = new RecordingOrigin();
        proxy = configured(ProxyServer.builder()
                        .origin(origin.uri())
                        .port(0)
                        .cache(HttpCache.builder().store(store).clock(clock).build()))
                .build();
        proxy.start();
    }

    /** The settings of the proxy, where a test wants its own. */
    ProxyServer.Builder configured(ProxyServer.Builder builder) {
        return builder.originIdleTimeout(Duration.ofSeconds(5));
    }

    @AfterEach
    void stop() throws IOException {
        for (RawClient client : clients) {
            client.close();
        }
        proxy.close();
        origin.close();
    }

    RawClient attacker() throws IOException {
        RawClient client = new RawClient(proxy.port());
        clients.add(client);
        return client;
    }

    /** A well-formed request without content. */
    static String request(String method, String target, String... lines) {
        return method + " " + target + " HTTP/1.1\r\nHost: proxy\r\n"
                + String.join(
                        "", List.of(lines).stream().map(line -> line + "\r\n").toList())
                + "\r\n";
    }

    static String get(String target, String... lines) {
        return request("GET", target, lines);
    }

    /** Sends a request on a connection of its own and returns the response. */
    Message ask(String request) throws IOException {
        return attacker().send(request).response();
    }

    /** What a proper client gets at {@code target}, on a connection of its own. */
    Message victim(String target) throws IOException {
        return ask(get(target));
    }

    /** The victim gets what it asked for, and the origin saw nothing but that. */
    void assertVictimUnharmed(String... askedBefore) throws IOException {
        Message response = victim("/victim");
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("GET /victim");
        List<String> expected = new ArrayList<>(List.of(askedBefore));
        expected.add("GET /victim");
        assertThat(origin.asked()).isEqualTo(expected);
        assertThat(origin.garbled()).isEmpty();
    }

    /** What the attacker sends is refused with {@code status} and the connection is closed; the origin never sees it. */
    void assertRefused(int status, String attack) throws IOException {
        String answer = attacker().send(attack).untilClosed();
        assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
        assertThat(answer.indexOf("HTTP/1.1 ", 1)).as("a second answer").isNegative();
        assertIsAnErrorPage(answer);
        assertVictimUnharmed();
    }

    static void assertIsAnErrorPage(String answer) {
        assertThat(answer.toLowerCase())
                .contains("cache-control: no-store\r\n")
                .contains("content-type: text/plain")
                .doesNotContain("server:", "jetty", "<html", "exception", "\tat ");
    }
}
