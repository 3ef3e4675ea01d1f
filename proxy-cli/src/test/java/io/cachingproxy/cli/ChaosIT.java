package io.cachingproxy.cli;

import static io.cachingproxy.cli.Client.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.cli.ChaosServer.Mode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An origin of three servers, the addresses of one name, that fail in turn under light load. The name comes from a hosts
 * file, which the JVM reads again at each lookup.
 */
@Tag("faults")
class ChaosIT {
    /** Within which a server that fails gets no requests any more. */
    private static final Duration EJECTED = Duration.ofSeconds(4);

    /** Within which a server that is well again gets requests. */
    private static final Duration RECOVERED = Duration.ofSeconds(6);

    private static final int WARM_UP = 200;
    private static final long MILLIS_BETWEEN_REQUESTS = 8;

    @TempDir
    private Path folder;

    private final List<ChaosServer> servers = new ArrayList<>();
    private final AtomicInteger answers = new AtomicInteger();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final ScheduledExecutorService clients = Executors.newSingleThreadScheduledExecutor();
    private RunningProxy proxy;

    @BeforeEach
    void start() throws IOException {
        int port = 0;
        for (int i = 1; i <= 4; i++) {
            ChaosServer server = new ChaosServer("127.0.0." + i, port, 1_200);
            servers.add(server);
            port = server.port();
        }
        hosts(0, 1, 2);
        Path file = Files.writeString(folder.resolve("c.yaml"), """
                memory: 5MB
                origins:
                  shop:
                    servers: http://shop.test:%d
                    balance: least-requests
                    check: {path: /health, every: 300ms, timeout: 1s, passes: 2, fails: 2}
                    eject: {failures: 3, latency: 800ms, for: 1s, at-most: 70%%}
                    retry: {attempts: 2, on: [connect, 503, 504], budget: 100%%}
                    slow-start: 500ms
                    resolve: 200ms
                    timeouts: {first-byte: 3s}
                    connections: {max-lifetime: 2s}
                """.formatted(port));
        proxy = RunningProxy.startWithConfig(List.of("-Djdk.net.hosts.file=" + folder.resolve("hosts")), file);
    }

    @AfterEach
    void stop() throws IOException {
        clients.shutdownNow();
        proxy.close();
        for (ChaosServer server : servers) {
            server.close();
        }
    }

    /** Gives the name the addresses of these servers. */
    private void hosts(int... indexes) throws IOException {
        StringBuilder lines = new StringBuilder("127.0.0.9 unrelated.test\n");
        for (int index : indexes) {
            lines.append(servers.get(index).address()).append(" shop.test\n");
        }
        Path next = Files.writeString(folder.resolve("hosts.next"), lines);
        Files.move(next, folder.resolve("hosts"), StandardCopyOption.ATOMIC_MOVE);
    }

    private void beginLoad() {
        clients.scheduleWithFixedDelay(
                () -> Client.begin(proxy.uri("/" + answers.get())).whenComplete((response, failure) -> {
                    answers.incrementAndGet();
                    if (failure != null || response.statusCode() != 200) {
                        failures.add(failure == null ? "status " + response.statusCode() : failure.toString());
                    }
                }),
                0,
                MILLIS_BETWEEN_REQUESTS,
                TimeUnit.MILLISECONDS);
    }

    /** The states by address, as {@code 127.0.0.1 available}. */
    private List<String> states() throws Exception {
        String json = new String(get(proxy.adminUri("/api/origins")).body(), StandardCharsets.UTF_8);
        return Pattern.compile("\"address\":\"([0-9.]+)\",\"state\":\"([a-z]+)\"")
                .matcher(json)
                .results()
                .map(match -> match.group(1) + " " + match.group(2))
                .collect(Collectors.toList());
    }

    private void awaitOut(ChaosServer server) {
        await("ejection of " + server.address())
                .atMost(EJECTED)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> states().stream()
                        .anyMatch(it -> it.matches(Pattern.quote(server.address()) + " (down|ejected)")));
    }

    private void awaitServing(ChaosServer server) {
        int before = server.requests();
        await("recovery of " + server.address())
                .atMost(RECOVERED)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> states().contains(server.address() + " available") && server.requests() > before + 5);
        assertNoFailure();
    }

    private void assertNoFailure() {
        assertThat(failures)
                .as("of " + answers + " requests; " + proxy.stderr())
                .isEmpty();
    }

    @Test
    void no_idempotent_request_fails_while_one_server_lives_and_each_server_recovers() throws Exception {
        await().until(() -> states().size() == 3);
        assertThat(get(proxy.uri("/kept")).statusCode()).isEqualTo(200);
        for (int i = 0; i < WARM_UP; i++) {
            assertThat(get(proxy.uri("/")).statusCode()).isEqualTo(200);
        }
        beginLoad();
        servers.subList(0, 3).forEach(this::awaitServing);

        for (Mode mode : List.of(Mode.HUNG, Mode.SLOW, Mode.FAILING, Mode.HUNG_CHECK)) {
            ChaosServer victim = servers.get(mode.ordinal() % 3);
            victim.mode(mode);
            awaitOut(victim);
            victim.mode(Mode.FINE);
            awaitServing(victim);
        }

        servers.get(0).kill();
        awaitOut(servers.get(0));
        servers.get(1).mode(Mode.HUNG);
        awaitOut(servers.get(1));
        awaitServing(servers.get(2));
        servers.get(0).revive();
        servers.get(1).mode(Mode.FINE);
        awaitServing(servers.get(0));
        awaitServing(servers.get(1));

        hosts(0, 1, 3);
        awaitServing(servers.get(3));
        await().until(() -> states().stream().noneMatch(it -> it.startsWith("127.0.0.3 ")));
        int gone = servers.get(2).requests();
        hosts();
        await().until(() -> proxy.stderr().contains("shop.test of origin"));
        awaitServing(servers.get(0));
        assertThat(servers.get(2).requests()).isEqualTo(gone);
        hosts(0, 1, 2);
        awaitServing(servers.get(2));

        clients.shutdown();
        assertNoFailure();
        assertThat(answers.get()).isGreaterThan(1_000);
        for (ChaosServer server : servers) {
            server.kill();
        }
        await().until(() -> states().stream().allMatch(it -> it.endsWith(" down")));
        long begun = System.nanoTime();
        HttpResponse<byte[]> none = get(proxy.uri("/none"));
        assertThat(none.statusCode()).isEqualTo(503);
        assertThat(none.headers().firstValue("Retry-After")).isPresent();
        assertThat(get(proxy.uri("/kept")).statusCode()).isEqualTo(200);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(1));
        servers.get(0).revive();
        await().atMost(RECOVERED).until(() -> get(proxy.uri("/none")).statusCode() == 200);
    }
}
