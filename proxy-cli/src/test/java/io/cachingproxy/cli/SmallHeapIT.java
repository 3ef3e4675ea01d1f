package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that read nothing, or leave, of bodies of all sizes and framings: others are answered, and all memory is back. */
@Tag("resources")
class SmallHeapIT {
    private static final int MIB = 1 << 20;
    /** Twice the time after which stalled clients are cut off, and some time on a machine that does other things. */
    private static final Duration PROMPT = Duration.ofSeconds(15);

    private final AtomicInteger next = new AtomicInteger();

    private static void fixed(HttpExchange exchange, String cacheControl, int length) throws IOException {
        exchange.getResponseHeaders().add("Cache-Control", cacheControl);
        exchange.getResponseHeaders().add("Vary", "X-Variant");
        exchange.sendResponseHeaders(200, length);
        write(exchange.getResponseBody(), length, 64 * 1024);
    }

    private static void chunked(HttpExchange exchange, int length, int chunk) throws IOException {
        exchange.getResponseHeaders().add("Cache-Control", "max-age=60");
        exchange.sendResponseHeaders(200, 0);
        write(exchange.getResponseBody(), length, chunk);
    }

    private static void write(OutputStream out, int length, int at) throws IOException {
        byte[] some = new byte[at];
        for (int sent = 0; sent < length; sent += at) {
            out.write(some, 0, Math.min(at, length - sent));
            if (at < 64) {
                out.flush(); // a chunk of its own
            }
        }
    }

    private static TestOrigin origin() throws IOException {
        return TestOrigin.start()
                .on("/small", "small", "Cache-Control", "max-age=600")
                .on("/1m", exchange -> fixed(exchange, "max-age=60", MIB))
                .on("/2m", exchange -> fixed(exchange, "max-age=60", 2 * MIB))
                .on("/8m", exchange -> fixed(exchange, "max-age=60", 8 * MIB))
                .on("/30m", exchange -> fixed(exchange, "max-age=60", 30 * MIB))
                .on("/private", exchange -> fixed(exchange, "private", 8 * MIB))
                .on("/chunked", exchange -> chunked(exchange, 20 * MIB, 64 * 1024))
                .on("/bytes", exchange -> chunked(exchange, 100_000, 1));
    }

    private String target(String path) {
        return path + "?" + next.incrementAndGet();
    }

    private List<String> targets(String path, int count) {
        return IntStream.range(0, count).mapToObj(i -> target(path)).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"64m", "128m", "256m", "1g"})
    @Timeout(value = 240, unit = TimeUnit.SECONDS)
    void no_client_takes_the_memory_of_the_others(String heap) throws Exception {
        try (TestOrigin origin = origin();
                RunningProxy proxy = RunningProxy.start(List.of("-Xmx" + heap), origin.uri());
                Prober prober = new Prober(proxy)) {
            try (StallingClients clients = new StallingClients(proxy.port())) {
                stall(clients, proxy);
                prober.assertPrompt(PROMPT);
            } catch (IOException | AssertionError failed) {
                throw new AssertionError("stderr: " + proxy.stderr(), failed);
            }
            leave(proxy);
            prober.assertPrompt(PROMPT);
            // all memory is back: what was refused is stored again
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                String target = target("/1m");
                Client.get(proxy.uri(target));
                Client.assertHit(Client.get(proxy.uri(target)));
            });
            assertThat(proxy.stderr()).doesNotContain("OutOfMemory");
            prober.stop();
            proxy.terminate();
            assertThat(proxy.awaitExit()).isIn(0, 143);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-Xmx64m", "-Xmx256m -XX:MaxDirectMemorySize=128m"})
    @Timeout(value = 180, unit = TimeUnit.SECONDS)
    void twelve_hundred_stalled_streams_do_not_exhaust_direct_memory(String options) throws Exception {
        try (TestOrigin origin = origin();
                RunningProxy proxy = RunningProxy.start(List.of(options.split(" ")), origin.uri())) {
            try (StallingClients clients = new StallingClients(proxy.port())) {
                for (int i = 0; i < 6; i++) {
                    clients.http2(targets("/2m", 100));
                    clients.http2(targets("/private", 100), 10_000);
                }
                await().atMost(Duration.ofSeconds(90)) // at first the queue for the origin is full
                        .untilAsserted(() -> settle(proxy, 1));
            }
            assertSound(proxy);
        }
    }

    @Test
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    void hundreds_of_streams_that_stall_and_go_on_get_stored_bodies_to_the_end() throws Exception {
        int bodies = 30;
        int streams = 100;
        try (TestOrigin origin = origin();
                RunningProxy proxy =
                        RunningProxy.start(List.of("-Xmx256m", "-XX:MaxDirectMemorySize=24m"), origin.uri())) {
            for (int i = 0; i < bodies; i++) { // most of them on the heap
                Client.get(proxy.uri("/2m?stored" + i));
            }
            try (StallingClients clients = new StallingClients(proxy.port())) {
                for (int i = 0; i < 8; i++) {
                    clients.http2(
                            IntStream.range(0, streams)
                                    .mapToObj(n -> "/2m?stored" + n % bodies)
                                    .toList(),
                            16 * MIB);
                }
                settle(proxy, 2);
                clients.readAll(streams * 2L * MIB);
            }
            assertSound(proxy);
        }
    }

    private void assertSound(RunningProxy proxy) throws Exception {
        assertThat(Client.get(proxy.uri(target("/2m"))).body()).hasSize(2 * MIB);
        assertThat(proxy.stderr()).doesNotContain("OutOfMemory");
        proxy.terminate();
        assertThat(proxy.awaitExit()).isIn(0, 143);
    }

    private void stall(StallingClients clients, RunningProxy proxy) throws Exception {
        clients.http2(targets("/2m", 100));
        clients.http2(targets("/2m", 100));
        settle(proxy);
        for (int i = 0; i < 2; i++) {
            clients.http2(targets("/8m", 100));
        }
        settle(proxy);
        for (int i = 0; i < 40; i++) {
            String target = target("/30m");
            clients.http1(target);
            clients.http1(target); // one that reads along
        }
        settle(proxy);
        for (String path : List.of("/chunked", "/private", "/bytes")) {
            clients.http2(targets(path, 50));
            for (int i = 0; i < 20; i++) {
                clients.http1(target(path));
            }
            settle(proxy);
        }
        String varying = target("/1m");
        for (int i = 0; i < 100; i++) {
            clients.http1(varying, "X-Variant: " + i);
        }
        settle(proxy);
    }

    /** Gives the stalled ones time to take what they get, while others ask. */
    private void settle(RunningProxy proxy) throws Exception {
        settle(proxy, 10);
    }

    private void settle(RunningProxy proxy, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            HttpResponse<byte[]> answer = Client.get(proxy.uri(target("/2m")));
            assertThat(answer.body()).hasSize(2 * MIB);
        }
    }

    /** Clients that leave in the middle. */
    private void leave(RunningProxy proxy) throws Exception {
        for (int i = 0; i < 10; i++) {
            try (StallingClients clients = new StallingClients(proxy.port())) {
                clients.http2(targets("/2m", 20));
                for (int n = 0; n < 5; n++) {
                    clients.http1(target("/8m"));
                }
                Client.get(proxy.uri(target("/small")));
            }
        }
    }
}
