package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * SIGTERM under load, with clients as a load balancer is one: they use connections again, look at readiness, and go
 * elsewhere when it ends. {@code -Dshutdown.rounds=50} for more rounds.
 */
class ShutdownIT {
    private static final int ROUNDS = Integer.getInteger("shutdown.rounds", 3);
    private static final int CLIENTS = 12;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    /** Opens when the proxy is not ready any more: the slow responses are then in flight, and follow. */
    private final AtomicReference<CountDownLatch> unready = new AtomicReference<>(new CountDownLatch(1));

    private TestOrigin origin;

    @BeforeEach
    void start() throws IOException {
        origin = TestOrigin.start();
        origin.on("/hit", "x".repeat(1000));
        origin.on("/slow", exchange -> {
            awaitUnready();
            TestOrigin.send(exchange, 200, "late".getBytes(StandardCharsets.UTF_8));
        });
        origin.on("/miss", "y".repeat(1000), "Cache-Control", "no-store");
    }

    @AfterEach
    void stop() {
        unready.get().countDown();
        origin.close();
        threads.shutdownNow();
    }

    private void awaitUnready() throws IOException {
        try {
            if (!unready.get().await(60, TimeUnit.SECONDS)) {
                throw new IOException("the proxy was never told to stop");
            }
        } catch (InterruptedException stopped) {
            throw new InterruptedIOException();
        }
    }

    @Test
    void sigterm_under_load_loses_no_request() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            unready.set(new CountDownLatch(1));
            try (RunningProxy proxy = RunningProxy.start(origin.uri())) {
                Load load = new Load(proxy);
                load.begin();
                await().atMost(Duration.ofSeconds(30)).until(() -> load.done.get() > 200);
                proxy.terminate();
                load.await();
                assertThat(load.lost).as("lost in round " + round).isEmpty();
                assertThat(proxy.awaitExit()).isEqualTo(143);
                assertThat(proxy.stderr()).isEmpty();
            }
        }
    }

    @Test
    void a_connection_ends_with_its_next_response_once_told_to_stop() throws Exception {
        try (RunningProxy proxy = RunningProxy.start(origin.uri(), "--drain", "10s");
                Socket client = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
            assertThat(exchange(client, "/hit")).doesNotContainIgnoringCase("connection: close");
            proxy.terminate();
            await().until(() -> Client.get(proxy.adminUri("/health/ready")).statusCode() == 503);
            assertThat(exchange(client, "/hit")).containsIgnoringCase("connection: close");
            assertThat(Client.get(proxy.uri("/hit")).statusCode()).isEqualTo(200);
        }
    }

    /** The head of the response, after its whole body was read. */
    private static String exchange(Socket connection, String path) throws IOException {
        connection
                .getOutputStream()
                .write(("GET " + path + " HTTP/1.1\r\nHost: proxy\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        InputStream in = connection.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("ended after: " + head);
            }
            head.append((char) next);
        }
        String text = head.toString();
        String length = text.replaceAll("(?is).*\r\ncontent-length: (\\d+).*", "$1");
        if (in.readNBytes(Integer.parseInt(length)).length < Integer.parseInt(length)) {
            throw new IOException("body ended early");
        }
        return text;
    }

    /** Clients that ask one request after another while the proxy is ready. */
    private final class Load {
        private final RunningProxy proxy;
        private final AtomicBoolean ready = new AtomicBoolean(true);
        private final AtomicInteger done = new AtomicInteger();
        private final ConcurrentLinkedQueue<String> lost = new ConcurrentLinkedQueue<>();
        private final List<CompletableFuture<Void>> clients = new ArrayList<>();

        Load(RunningProxy proxy) {
            this.proxy = proxy;
        }

        void begin() {
            threads.execute(this::watch);
            for (int i = 0; i < CLIENTS; i++) {
                String path = i % 3 == 0 ? "/slow" : i % 3 == 1 ? "/hit" : "/miss";
                clients.add(CompletableFuture.runAsync(() -> ask(path), threads));
            }
        }

        private void watch() {
            try {
                Awaitility.await()
                        .atMost(Duration.ofSeconds(60))
                        .pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofMillis(20))
                        .until(() -> Client.get(proxy.adminUri("/health/ready")).statusCode() != 200);
            } catch (Exception gone) {
                lost.add("readiness never ended: " + gone);
            }
            ready.set(false);
            unready.get().countDown();
        }

        private void ask(String path) {
            while (ready.get()) {
                try (Socket connection = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
                    boolean open = true;
                    while (open && ready.get()) {
                        String head = exchange(connection, path);
                        open = !head.toLowerCase().contains("connection: close");
                        if (!head.startsWith("HTTP/1.1 200 ")) {
                            lost.add(head);
                        }
                        done.incrementAndGet();
                    }
                } catch (IOException failed) {
                    lost.add(path + ": " + failed);
                }
            }
        }

        void await() {
            CompletableFuture.allOf(clients.toArray(CompletableFuture[]::new)).join();
        }
    }
}
