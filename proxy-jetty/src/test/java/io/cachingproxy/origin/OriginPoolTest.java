package io.cachingproxy.origin;

import static io.cachingproxy.testkit.RawOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.OriginException;
import io.cachingproxy.testkit.Certificates;
import io.cachingproxy.testkit.OriginCall;
import io.cachingproxy.testkit.RawOrigin;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which connections requests go out on, and that what comes unasked on one of them answers nothing. */
@Timeout(20)
class OriginPoolTest {
    private static final String POISON = ok("poison");

    private final List<OriginCall> calls = new CopyOnWriteArrayList<>();
    private final CountDownLatch released = new CountDownLatch(1);
    private final RawOrigin origin = RawOrigin.answering(call -> {
        calls.add(call);
        call.body();
        if (call.line().contains("/held")) {
            released.await();
        }
        call.send(ok(call.line(), call.line().contains("/last") ? "Connection: close" : "X: y"));
    });
    private PooledOrigin client;

    @BeforeEach
    void start() throws Exception {
        client = new PooledOrigin(origin.uri(), OriginTimeouts.DEFAULT, 1);
    }

    @AfterEach
    void stop() throws Exception {
        released.countDown();
        client.close();
        origin.close();
    }

    private void awaitConnections(int all, int idle) {
        await().untilAsserted(() -> assertThat(List.of(client.pool.connections(), client.pool.idle()))
                .containsExactly(all, idle));
    }

    private OriginCall answered(String path) throws Exception {
        assertThat(client.ask("GET", path)).isEqualTo("200 GET " + path);
        awaitConnections(1, 1);
        return calls.get(0);
    }

    @Test
    void a_connection_is_kept_for_the_next_request() throws Exception {
        for (int i = 0; i < 5; i++) {
            assertThat(client.ask("GET", "/" + i)).isEqualTo("200 GET /" + i);
            awaitConnections(1, 1);
        }
        assertThat(calls.get(0).sharesConnectionWith(calls.get(4))).isTrue();
    }

    @Test
    void requests_at_the_same_time_have_connections_of_their_own_which_are_kept() throws Exception {
        List<CompletableFuture<String>> answers = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            answers.add(client.send("GET", "/held" + i));
        }
        await().until(() -> calls.size() == 5);
        awaitConnections(5, 0);
        released.countDown();
        for (int i = 0; i < 5; i++) {
            assertThat(answers.get(i).get(10, TimeUnit.SECONDS)).isEqualTo("200 GET /held" + i);
        }
        awaitConnections(5, 5);
    }

    @Test
    void a_connection_of_another_selector_is_taken_over_but_not_for_ever() throws Exception {
        try (PooledOrigin two = new PooledOrigin(origin.uri(), OriginTimeouts.DEFAULT, 2)) {
            for (int i = 0; i < 2 * OriginPool.OWN_EVERY - 2; i++) { // every second one is of the other selector
                assertThat(two.ask("GET", "/")).isEqualTo("200 GET /");
                await().until(() -> two.pool.idle() == 1);
            }
            assertThat(two.pool.connections()).isEqualTo(1);
            for (int i = 0; i < 4; i++) {
                assertThat(two.ask("GET", "/")).isEqualTo("200 GET /");
                await().until(() -> two.pool.idle() == two.pool.connections());
            }
            assertThat(two.pool.connections()).isEqualTo(2);
        }
    }

    @Test
    void a_connection_that_has_been_idle_for_long_is_closed() throws Exception {
        try (PooledOrigin brief =
                new PooledOrigin(origin.uri(), OriginTimeouts.DEFAULT.withIdle(Duration.ofMillis(10)), 1)) {
            assertThat(brief.ask("GET", "/")).isEqualTo("200 GET /");
            calls.get(0).awaitHangUp();
            await().until(() -> brief.pool.connections() == 0);
        }
    }

    @Test
    void a_connection_that_the_origin_does_not_keep_is_closed() throws Exception {
        assertThat(client.ask("GET", "/last")).isEqualTo("200 GET /last");
        calls.get(0).awaitHangUp();
        awaitConnections(0, 0);
    }

    @Test
    void idle_connections_are_closed_by_a_stop() throws Exception {
        OriginCall first = answered("/a");
        client.pool.stop();
        first.awaitHangUp();
    }

    @Test
    void a_request_after_a_stop_fails() throws Exception {
        client.pool.stop();
        assertThat(client.ask("GET", "/a")).startsWith("502 ");
    }

    @Test
    void what_came_before_a_request_is_not_its_answer_even_if_no_thread_has_noticed() throws Exception {
        OriginCall first = answered("/a");
        CompletableFuture<String> next;
        try (AutoCloseable selectors = client.blocked()) {
            first.send(POISON);
            next = client.send("GET", "/b");
        }
        assertThat(next.get(10, TimeUnit.SECONDS)).isEqualTo("200 GET /b");
        first.awaitHangUp();
    }

    @Test
    void a_request_that_may_not_be_repeated_is_not_sent_where_the_origin_has_closed() throws Exception {
        OriginCall first = answered("/a");
        CompletableFuture<String> next;
        try (AutoCloseable selectors = client.blocked()) {
            first.close();
            next = client.send("POST", "/b");
        }
        assertThat(next.get(10, TimeUnit.SECONDS)).isEqualTo("200 POST /b");
    }

    @Test
    void a_connection_is_closed_if_the_beginning_of_a_response_comes_unasked() throws Exception {
        OriginCall first = answered("/a");
        first.send(POISON.substring(0, 5));
        first.awaitHangUp();
        awaitConnections(0, 0);
    }

    @Test
    void a_connection_is_closed_if_more_than_the_response_comes() throws Exception {
        try (RawOrigin generous = RawOrigin.answering(call -> {
                    calls.add(call);
                    call.send(ok("a") + POISON.substring(0, 5));
                });
                PooledOrigin asking = new PooledOrigin(generous.uri(), OriginTimeouts.DEFAULT, 1)) {
            assertThat(asking.ask("GET", "/")).isEqualTo("200 a");
            calls.get(0).awaitHangUp();
        }
    }

    @Test
    void interim_responses_without_end_are_a_fault() throws Exception {
        try (RawOrigin chatty = RawOrigin.answering(call -> {
                    byte[] interims =
                            "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(1000).getBytes(StandardCharsets.US_ASCII);
                    while (true) {
                        call.send(interims);
                    }
                });
                PooledOrigin asking = new PooledOrigin(chatty.uri(), OriginTimeouts.DEFAULT, 1)) {
            assertThat(asking.ask("GET", "/")).startsWith("502 ");
        }
    }

    @Test
    void what_comes_after_a_response_over_tls_is_not_the_answer_to_the_next_request(@TempDir Path folder)
            throws Exception {
        Certificates identity = Certificates.in(folder, "a", "EC");
        AtomicInteger poisons = new AtomicInteger();
        SslContextFactory.Client tls = new SslContextFactory.Client();
        tls.setSslContext(identity.context());
        try (ServerSocket listening = identity.context()
                .getServerSocketFactory()
                .createServerSocket(0, 9, InetAddress.getLoopbackAddress())) {
            Thread serving = new Thread(() -> {
                while (!listening.isClosed()) {
                    try (Socket socket = listening.accept()) {
                        BufferedReader lines = new BufferedReader(
                                new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
                        for (String first = lines.readLine(); first != null; first = lines.readLine()) {
                            String line = first.substring(0, first.indexOf(" HTTP"));
                            while (!lines.readLine().isEmpty()) {}
                            socket.getOutputStream().write(ok(line).getBytes(StandardCharsets.US_ASCII));
                            if (line.endsWith("/generous")) {
                                socket.getOutputStream().write(POISON.getBytes(StandardCharsets.US_ASCII));
                                poisons.incrementAndGet();
                            }
                        }
                    } catch (IOException closed) {
                        // as it should be
                    }
                }
            });
            serving.setDaemon(true);
            serving.start();
            URI uri = URI.create("https://127.0.0.1:" + listening.getLocalPort());
            try (PooledOrigin asking = new PooledOrigin(uri, OriginTimeouts.DEFAULT, 1, tls)) {
                for (int i = 0; i < 20; i++) {
                    assertThat(asking.ask("GET", "/a")).isEqualTo("200 GET /a");
                    int before = i;
                    assertThat(asking.ask("GET", "/generous")).isEqualTo("200 GET /generous");
                    await().until(() ->
                            poisons.get() > before); // what comes after a request was sent may be its answer
                    assertThat(asking.ask("GET", "/b" + i)).isEqualTo("200 GET /b" + i);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "http://a.test, a.test",
        "http://a.test:80, a.test",
        "http://a.test:443, a.test:443",
        "https://a.test:443, a.test",
        "https://[::1]:8443, [::1]:8443",
        "http://user:secret@a.test:8080, a.test:8080"
    })
    void host_names_the_origin_and_its_port_unless_it_is_the_usual_one(URI uri, String host) {
        assertThat(OriginPool.host(uri)).isEqualTo(host);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST"})
    void a_408_on_a_kept_connection_is_no_response_to_a_request_that_may_be_repeated(String method) throws Exception {
        try (RawOrigin impatient = RawOrigin.answering(call -> {
                    calls.add(call);
                    if (call.number() == 2 || call.head().startsWith(method + " /always")) {
                        call.send("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
                        call.close();
                    } else {
                        call.send(ok("fine"));
                    }
                });
                PooledOrigin asking = new PooledOrigin(impatient.uri(), OriginTimeouts.DEFAULT, 1)) {
            asking.ask("GET", "/");
            await().until(() -> asking.pool.idle() == 1);
            assertThat(asking.ask(method, "/")).startsWith(method.equals("GET") ? "200 fine" : "408");
            assertThat(impatient.count()).isEqualTo(method.equals("GET") ? 3 : 2);
            int before = impatient.count();
            assertThat(asking.ask(method, "/always")).startsWith("408");
            assertThat(impatient.count()).isEqualTo(before + (method.equals("GET") ? 2 : 1));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST"})
    void a_request_whose_connection_breaks_is_repeated_once_if_it_may(String method) throws Exception {
        try (RawOrigin closing = RawOrigin.answering(call -> {
                    calls.add(call);
                    if (call.number() == 2) {
                        call.close();
                    } else {
                        call.send(ok("fine"));
                    }
                });
                PooledOrigin asking = new PooledOrigin(closing.uri(), OriginTimeouts.DEFAULT, 1)) {
            asking.ask("GET", "/");
            await().until(() -> asking.pool.idle() == 1);
            assertThat(asking.ask(method, "/")).startsWith(method.equals("GET") ? "200 fine" : "502 ");
            assertThat(closing.count()).isEqualTo(method.equals("GET") ? 3 : 2);
        }
    }

    @Test
    void a_request_whose_exchange_ends_while_another_server_is_chosen_stays() throws Exception {
        CountDownLatch late = new CountDownLatch(1);
        List<String> said = new CopyOnWriteArrayList<>();
        Attempt attempt = new Attempt() {
            @Override
            public boolean answered(int status) {
                try {
                    return late.await(10, TimeUnit.SECONDS);
                } catch (InterruptedException stopped) {
                    throw new IllegalStateException(stopped);
                }
            }

            @Override
            public boolean failed(OriginException fault, Progress progress, boolean slowClient) {
                late.countDown();
                return false;
            }

            @Override
            public void retry() {
                said.add("goes elsewhere");
            }

            @Override
            public void cancelRetry() {
                said.add("stays");
            }
        };
        OriginTimeouts soon = OriginTimeouts.DEFAULT.withTotal(Duration.ofMillis(200));
        try (PooledOrigin impatient = new PooledOrigin(origin.uri(), soon, 1)) {
            assertThat(impatient.send("GET", "/a", attempt).get(10, TimeUnit.SECONDS))
                    .startsWith("504 ");
            await().untilAsserted(() -> assertThat(said).containsExactly("stays"));
        }
    }
}
