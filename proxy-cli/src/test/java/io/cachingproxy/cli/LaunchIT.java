package io.cachingproxy.cli;

import static io.cachingproxy.cli.Client.assertHit;
import static io.cachingproxy.cli.Client.assertMiss;
import static io.cachingproxy.cli.Client.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.cli.RunningProxy.Ended;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How the process begins and ends, and what its operator can do. */
class LaunchIT {
    private TestOrigin origin;

    @BeforeEach
    void start() throws IOException {
        origin = TestOrigin.start();
    }

    @AfterEach
    void stop() {
        origin.close();
    }

    @Test
    void says_what_listens_where_on_which_store_for_which_origin() throws Exception {
        try (RunningProxy proxy = RunningProxy.start(origin.uri(), "--memory", "5MB")) {
            assertThat(proxy.startLine())
                    .endsWith(" listening on http://127.0.0.1:" + proxy.port() + " for " + origin.uri()
                            + ", policy standard (default TTL 300s), stored in memory (5 MB), admin on 127.0.0.1:"
                            + proxy.adminPort());
            assertThat(proxy.stderr()).isEmpty();
        }
    }

    @Test
    void a_wrong_option_is_one_line_and_2() throws Exception {
        assertOneLine(RunningProxy.run("--origin", "nonsense"), 2, "nonsense");
    }

    @Test
    void a_taken_port_is_one_line_and_1() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String port = "" + taken.getLocalPort();
            assertOneLine(run("--port", port, "--no-admin"), 1, "Cannot listen on 127.0.0.1:" + port);
        }
    }

    @Test
    void a_taken_admin_port_is_one_line_and_1() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            assertOneLine(run("--port", "0", "--admin-port", "" + taken.getLocalPort()), 1, "--no-admin");
        }
    }

    @Test
    void a_certificate_that_is_not_there_is_one_line_and_1() throws Exception {
        assertOneLine(run("--tls-cert", "none.pem", "--tls-key", "none.pem"), 1, "none.pem cannot be read");
        assertOneLine(
                RunningProxy.run("--origin", "https://localhost:1", "--origin-ca", "none.pem"),
                1,
                "none.pem cannot be read");
    }

    @Test
    void what_a_client_gets_wrong_does_not_fill_the_log_nor_put_secrets_in_it() throws Exception {
        List<String> heads = List.of(
                "GET /a?secret HTTP/1.1\r\nHost: user:secret@proxy\r\n",
                "GET /a?secret HTTP/1.1\r\nHost: secret\r\nHost: secret\r\n",
                "GET http://user:secret@proxy/ HTTP/1.1\r\nHost: proxy\r\n",
                "GET /a?secret HTTP/1.1\r\nHost: proxy\r\nAuthorization: secret\nX: y\r\n",
                "POST /a?secret HTTP/1.1\r\nHost: proxy\r\nCookie: secret\r\nContent-Length: x\r\n");
        try (RunningProxy proxy = RunningProxy.start(origin.uri())) {
            for (String head : heads) {
                try (Socket client = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
                    client.getOutputStream().write((head + "\r\n").getBytes(StandardCharsets.US_ASCII));
                    assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                            .startsWith("HTTP/1.1 400 ")
                            .doesNotContain("secret");
                }
            }
            assertThat(proxy.stderr()).isEmpty();
        }
    }

    @Test
    void an_address_of_another_machine_is_one_line_and_1() throws Exception {
        assertOneLine(run("--port", "0", "--host", "192.0.2.1"), 1, "192.0.2.1");
        assertOneLine(run("--port", "0", "--host", "192.0.2.1"), 1, "choose another --host");
    }

    @Test
    void a_host_name_that_is_unknown_is_one_line_and_1() throws Exception {
        assertOneLine(run("--port", "0", "--host", "no-such-name.invalid"), 1, "'no-such-name.invalid' is unknown");
    }

    @Test
    void an_origin_whose_name_is_unknown_is_a_warning() throws Exception {
        try (RunningProxy proxy = RunningProxy.start(URI.create("http://no-such-name.invalid"))) {
            await().untilAsserted(() ->
                    assertThat(proxy.stderr()).contains("WARN", "origin http://no-such-name.invalid is unknown (DNS)"));
        }
    }

    @Test
    void the_policy_is_in_the_start_line() throws Exception {
        try (RunningProxy proxy = RunningProxy.start(origin.uri(), "--policy", "override", "--ttl", "500ms")) {
            assertThat(proxy.startLine()).contains(", policy override (TTL 500ms), stored ");
        }
        try (RunningProxy proxy = RunningProxy.start(origin.uri(), "--policy", "rfc9111")) {
            assertThat(proxy.startLine()).contains(", policy rfc9111, stored ");
        }
    }

    @Test
    void more_memory_than_fits_is_a_warning() throws Exception {
        try (RunningProxy proxy = RunningProxy.start(List.of("-Xmx96m"), origin.uri(), "--memory", "90MB")) {
            assertThat(proxy.startLine()).contains("stored in memory (3");
            assertThat(proxy.stderr().lines())
                    .singleElement()
                    .asString()
                    .startsWith("caching-proxy: warning: --memory: 90 MB is more than a third of the heap");
        }
    }

    private Ended run(String... args) throws IOException, InterruptedException {
        String[] all = new String[args.length + 2];
        System.arraycopy(args, 0, all, 2, args.length);
        all[0] = "--origin";
        all[1] = origin.uri().toString();
        return RunningProxy.run(all);
    }

    @Test
    void another_process_clears_the_cache() throws Exception {
        origin.on("/a", "a");
        try (RunningProxy proxy = RunningProxy.start(origin.uri())) {
            assertMiss(get(proxy.uri("/a")));
            assertHit(get(proxy.uri("/a")));
            Ended cleared = RunningProxy.run("--clear-cache", "--admin-port", "" + proxy.adminPort());
            assertThat(cleared).isEqualTo(new Ended(0, "Cache cleared" + System.lineSeparator(), ""));
            assertMiss(get(proxy.uri("/a")));
        }
    }

    @Test
    void nothing_to_clear_is_one_line_and_1() throws Exception {
        assertOneLine(RunningProxy.run("--clear-cache", "--admin-port", "" + FreePort.number()), 1, "Nothing to clear");
    }

    @Test
    void a_listener_that_is_no_proxy_is_not_taken_for_one() throws Exception {
        String port = "" + origin.uri().getPort();
        assertOneLine(
                RunningProxy.run("--clear-cache", "--admin-port", port), 1, "127.0.0.1:" + port + " answered 404");
    }

    @Test
    void sigterm_ends_readiness_and_finishes_the_requests_under_way() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        origin.on("/slow", exchange -> {
            arrived.countDown();
            awaitQuietly(released);
            TestOrigin.send(exchange, 200, "worth waiting for".getBytes(StandardCharsets.UTF_8));
        });
        try (RunningProxy proxy = RunningProxy.start(origin.uri())) {
            CompletableFuture<HttpResponse<byte[]>> slow = Client.begin(proxy.uri("/slow"));
            assertThat(arrived.await(20, TimeUnit.SECONDS)).isTrue();
            URI ready = proxy.adminUri("/health/ready");
            assertThat(get(ready).statusCode()).isEqualTo(200);
            proxy.terminate();
            await().until(() -> get(ready).statusCode() == 503);
            released.countDown();
            assertThat(slow.get(20, TimeUnit.SECONDS).body())
                    .isEqualTo("worth waiting for".getBytes(StandardCharsets.UTF_8));
            assertThat(proxy.awaitExit()).isEqualTo(143);
            assertThat(proxy.moreOutput())
                    .containsExactly(
                            "caching-proxy draining: not ready, accepting for another 1s",
                            "caching-proxy stopping: requests under way have 30s",
                            "caching-proxy stopped");
            assertThat(proxy.stderr()).isEmpty();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void a_small_heap_is_enough_for_the_defaults() throws Exception {
        origin.on("/a", "a");
        try (RunningProxy proxy = RunningProxy.start(List.of("-Xmx64m"), origin.uri())) {
            assertMiss(get(proxy.uri("/a")));
            assertHit(get(proxy.uri("/a")));
        }
    }

    private static void assertOneLine(Ended ended, int exitCode, String complaint) {
        assertThat(ended.err().lines()).hasSize(1);
        assertThat(ended.err()).startsWith("caching-proxy: ").contains(complaint);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.exitCode()).isEqualTo(exitCode);
    }
}
