package io.cachingproxy.jetty;

import static io.cachingproxy.testkit.RawClient.request;
import static io.cachingproxy.testkit.RawOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.HttpCache;
import io.cachingproxy.origin.ConfiguredOrigin;
import io.cachingproxy.origin.ConnectionSettings;
import io.cachingproxy.origin.OriginTimeouts;
import io.cachingproxy.origin.balance.Balance;
import io.cachingproxy.origin.balance.OriginSettings;
import io.cachingproxy.origin.balance.OriginSettings.Check;
import io.cachingproxy.origin.balance.OriginSettings.Eject;
import io.cachingproxy.origin.balance.OriginSettings.Retry;
import io.cachingproxy.origin.balance.OriginSettings.Server;
import io.cachingproxy.origin.balance.ServerPool;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.rules.Rules;
import io.cachingproxy.rules.Site;
import io.cachingproxy.rules.Sites;
import io.cachingproxy.rules.StatusRange;
import io.cachingproxy.testkit.ManualTime;
import io.cachingproxy.testkit.RawClient;
import io.cachingproxy.testkit.RawOrigin;
import io.cachingproxy.testkit.Reply;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An origin of several real servers, some of which fail. */
class BalancingTest {
    private final List<AutoCloseable> open = new ArrayList<>();
    private final ManualTime time = new ManualTime();
    private final AtomicInteger paths = new AtomicInteger();
    private Retry retry = OriginSettings.RETRY;
    private Eject eject = OriginSettings.EJECT;
    private Optional<Check> check = Optional.empty();
    private OriginTimeouts timeouts = OriginTimeouts.DEFAULT;
    private String host;
    private ProxyServer proxy;

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable it : open) {
            it.close();
        }
    }

    private <T extends AutoCloseable> T closing(T value) {
        open.add(0, value);
        return value;
    }

    private RawOrigin server(String name) {
        return closing(RawOrigin.answering(call -> call.send(ok(name, "Cache-Control: no-store"))));
    }

    private static URI nobody() throws IOException {
        RawOrigin gone = RawOrigin.sending("");
        gone.close();
        return gone.uri();
    }

    private OriginSettings settings(URI... servers) {
        List<Server> all =
                Arrays.stream(servers).map(url -> new Server(url, 1, false)).toList();
        return new OriginSettings(all, new Balance.RoundRobin(), host, check, eject, retry, Duration.ZERO);
    }

    private ConfiguredOrigin configured(URI... servers) {
        return new ConfiguredOrigin(settings(servers), ConnectionSettings.DEFAULT);
    }

    private void start(URI... servers) throws IOException {
        HttpCache cache = closing(HttpCache.builder().clock(time).build());
        proxy = closing(ProxyServer.builder()
                .port(0)
                .cache(cache)
                .origin(settings(servers))
                .originTimeouts(timeouts)
                .build());
        proxy.start();
    }

    private Reply get(String path) {
        return RawClient.ask(proxy.port(), request("GET", path));
    }

    private Reply get() {
        return get("/" + paths.incrementAndGet());
    }

    @Test
    void requests_go_to_one_server_after_the_other() throws Exception {
        start(server("a").uri(), server("b").uri());
        assertThat(List.of(get().text(), get().text(), get().text(), get().text()))
                .containsExactly("a", "b", "a", "b");
    }

    @Test
    void no_request_fails_while_two_of_three_servers_are_gone() throws Exception {
        RawOrigin alive = server("alive");
        start(nobody(), alive.uri(), nobody());
        for (int i = 0; i < 50; i++) {
            assertThat(get().text()).isEqualTo("alive");
        }
        assertThat(RawClient.ask(proxy.port(), "POST /p HTTP/1.1\r\nHost: proxy\r\nContent-Length: 2\r\n\r\nhi")
                        .text())
                .isEqualTo("alive"); // nothing of it was sent to the others
    }

    @Test
    void a_get_whose_connection_breaks_before_a_response_goes_to_another_server_and_a_post_does_not() throws Exception {
        RawOrigin breaking = closing(RawOrigin.answering(call -> {
            call.body();
            throw new IOException("no answer");
        }));
        start(breaking.uri(), server("good").uri());
        for (int i = 0; i < 4; i++) {
            assertThat(get().text()).isEqualTo("good");
        }
        List<String> posts = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            posts.add(RawClient.ask(proxy.port(), "POST /p HTTP/1.1\r\nHost: proxy\r\nContent-Length: 2\r\n\r\nhi")
                    .head()
                    .substring(9, 12));
        }
        assertThat(posts).containsExactlyInAnyOrder("200", "502");
    }

    @Test
    void a_status_that_is_a_reason_sends_the_request_to_another_server_and_no_other_status_does() throws Exception {
        retry = new Retry(2, true, List.of(StatusRange.parse("503")), 20);
        AtomicInteger status = new AtomicInteger(503);
        RawOrigin failing = closing(
                RawOrigin.answering(call -> call.send("HTTP/1.1 " + status + " X\r\nContent-Length: 3\r\n\r\nbad")));
        eject = new Eject(0, Duration.ofSeconds(30), 50);
        start(failing.uri(), server("good").uri());
        for (int i = 0; i < 4; i++) {
            assertThat(get().text()).isEqualTo("good");
        }
        status.set(500);
        assertThat(List.of(get().text(), get().text())).containsExactlyInAnyOrder("bad", "good");
    }

    @Test
    void the_last_server_that_is_left_gives_the_response_whatever_its_status() throws Exception {
        retry = new Retry(2, true, List.of(StatusRange.parse("503")), 20);
        RawOrigin one = closing(RawOrigin.sending("HTTP/1.1 503 One\r\nContent-Length: 3\r\n\r\none"));
        RawOrigin two = closing(RawOrigin.sending("HTTP/1.1 503 Two\r\nContent-Length: 3\r\n\r\ntwo"));
        start(one.uri(), two.uri());
        assertThat(get().text()).isEqualTo("two");
    }

    @Test
    void a_server_that_does_not_answer_in_time_is_a_reason_if_504_is_one() throws Exception {
        retry = new Retry(1, true, List.of(StatusRange.parse("504")), 20);
        timeouts = OriginTimeouts.DEFAULT.withFirstByte(Duration.ofMillis(300));
        CountDownLatch never = new CountDownLatch(1);
        RawOrigin hung = closing(RawOrigin.answering(call -> never.await()));
        start(hung.uri(), server("good").uri());
        assertThat(List.of(get().text(), get().text())).containsExactly("good", "good");
    }

    @Test
    void a_server_that_fails_in_a_row_gets_no_requests_any_more() throws Exception {
        eject = new Eject(2, Duration.ofMinutes(10), 50);
        RawOrigin failing =
                closing(RawOrigin.answering(call -> call.send("HTTP/1.1 503 X\r\nContent-Length: 3\r\n\r\nbad")));
        start(failing.uri(), server("good").uri());
        for (int i = 0; i < 10; i++) {
            get();
        }
        assertThat(failing.count()).isEqualTo(2);
    }

    private static Eject byLatency(int failures) {
        return new Eject(failures, Optional.of(Duration.ofMillis(100)), Duration.ofMinutes(10), 50);
    }

    @Test
    void a_server_whose_responses_are_slow_in_a_row_gets_no_requests_any_more_and_its_responses_are_used()
            throws Exception {
        eject = byLatency(2);
        CountDownLatch never = new CountDownLatch(1);
        RawOrigin slow = closing(RawOrigin.answering(call -> {
            assertThat(never.await(200, TimeUnit.MILLISECONDS)).isFalse();
            call.send(ok("slow", "Cache-Control: no-store"));
        }));
        start(slow.uri(), server("good").uri());
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            texts.add(get().text());
        }
        assertThat(texts.subList(0, 4)).contains("slow");
        assertThat(texts.subList(4, 10)).containsOnly("good");
        assertThat(slow.count()).isEqualTo(2);
    }

    @Test
    void a_server_that_hangs_is_ejected_by_latency_before_its_timeout() throws Exception {
        eject = byLatency(1);
        CountDownLatch never = new CountDownLatch(1);
        RawOrigin hung = closing(RawOrigin.answering(call -> never.await()));
        start(hung.uri(), server("good").uri());
        try (RawClient impatient =
                RawClient.to(proxy.port()).send(request("GET", "/hangs", "Cache-Control: no-store"))) {
            await().until(() -> hung.count() == 1);
            assertThat(never.await(200, TimeUnit.MILLISECONDS)).isFalse();
        }
        await().until(() -> proxy.origins().get("origin").states().get(0).ejected());
        assertThat(List.of(get().text(), get().text())).containsOnly("good");
    }

    @Test
    void a_slow_upload_is_no_latency_of_the_server() throws Exception {
        eject = byLatency(1);
        CountDownLatch never = new CountDownLatch(1);
        RawOrigin[] servers = new RawOrigin[2];
        for (int i = 0; i < 2; i++) {
            servers[i] = closing(RawOrigin.answering(call -> {
                call.body();
                call.send(ok("fine", "Cache-Control: no-store"));
            }));
        }
        start(servers[0].uri(), servers[1].uri());
        for (int i = 0; i < 2; i++) {
            try (RawClient client = RawClient.to(proxy.port())) {
                client.send(request("POST", "/" + i, "Content-Length: 2") + "a");
                assertThat(never.await(200, TimeUnit.MILLISECONDS)).isFalse();
                client.send("b");
                assertThat(client.reply().text()).isEqualTo("fine");
            }
        }
        assertThat(proxy.origins().get("origin").states()).noneMatch(ServerPool.State::ejected);
    }

    private static final byte[] MEGABYTE = new byte[1 << 20];

    private RawOrigin takingItsTime(String name, AtomicInteger cut) {
        return closing(RawOrigin.answering(call -> {
            try {
                if (call.head().startsWith("POST")) {
                    call.body();
                } else if (call.head().startsWith("GET /big")) {
                    call.send("HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: 50000000\r\n\r\n");
                    for (int i = 0; i < 50; i++) {
                        call.send(MEGABYTE);
                    }
                }
                call.send(ok(name, "Cache-Control: no-store"));
            } catch (IOException gone) {
                cut.incrementAndGet();
                throw gone;
            }
        }));
    }

    @Test
    void clients_that_stall_get_408_and_no_server_ejected() throws Exception {
        eject = new Eject(2, Duration.ofMinutes(10), 50);
        timeouts = OriginTimeouts.DEFAULT.withTotal(Duration.ofMillis(400));
        AtomicInteger cut = new AtomicInteger();
        start(takingItsTime("a", cut).uri(), takingItsTime("b", cut).uri());
        List<RawClient> uploading = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            String counted = request("POST", "/counted" + i, "Content-Length: 10") + "abc";
            String chunked = request("POST", "/chunked" + i, "Transfer-Encoding: chunked") + "3\r\nabc\r\n";
            uploading.add(closing(RawClient.to(proxy.port())).send(counted));
            uploading.add(closing(RawClient.to(proxy.port())).send(chunked));
            closing(RawClient.stallingAt(proxy.port())).send(request("GET", "/big" + i));
        }
        for (RawClient client : uploading) {
            assertThat(client.head()).startsWith("HTTP/1.1 408 ");
        }
        await().until(() -> cut.get() == 12);
        assertThat(List.of(get().text(), get().text(), get().text(), get().text()))
                .containsExactlyInAnyOrder("a", "a", "b", "b");
    }

    @Test
    void a_server_that_tires_of_a_stalled_upload_is_not_ejected() throws Exception {
        eject = new Eject(1, Duration.ofMinutes(10), 50);
        CountDownLatch never = new CountDownLatch(1);
        RawOrigin[] servers = new RawOrigin[2];
        for (int i = 0; i < 2; i++) {
            String name = "server" + i;
            servers[i] = closing(RawOrigin.answering(call -> {
                if (call.head().startsWith("POST")) {
                    call.read(3);
                    assertThat(never.await(1_200, TimeUnit.MILLISECONDS)).isFalse();
                    call.close();
                } else {
                    call.send(ok(name, "Cache-Control: no-store"));
                }
            }));
        }
        start(servers[0].uri(), servers[1].uri());
        List<RawClient> uploading = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            uploading.add(
                    closing(RawClient.to(proxy.port())).send(request("POST", "/" + i, "Content-Length: 10") + "abc"));
        }
        for (RawClient client : uploading) {
            assertThat(client.head()).startsWith("HTTP/1.1 502 ");
        }
        assertThat(List.of(get().text(), get().text())).containsExactlyInAnyOrder("server0", "server1");
    }

    /** What the servers get as Host. */
    @Test
    void servers_get_the_host_of_the_settings() throws Exception {
        host = "shop.internal";
        RawOrigin origin = server("a");
        start(origin.uri());
        get();
        assertThat(origin.lastHead()).contains("\r\nHost: shop.internal\r\n").doesNotContain("localhost");
    }

    private static RawOrigin checked(AtomicBoolean healthy, String name) {
        return RawOrigin.answering(call -> {
            boolean isCheck = call.head().startsWith("GET /health ");
            call.send(
                    isCheck && !healthy.get()
                            ? "HTTP/1.1 500 Down\r\nContent-Length: 0\r\n\r\n"
                            : ok(name, "Cache-Control: max-age=1, stale-if-error=600"));
        });
    }

    private void awaitDown(boolean... down) {
        await().untilAsserted(() -> {
            List<ServerPool.State> states = proxy.origins().get("shop").states();
            for (int i = 0; i < down.length; i++) {
                assertThat(states.get(i).down()).isEqualTo(down[i]);
            }
        });
    }

    @Test
    void servers_whose_checks_fail_get_nothing_and_without_any_other_there_is_a_stale_response_or_503_at_once()
            throws Exception {
        check = Optional.of(new Check(
                "/health", Duration.ofMillis(20), Duration.ofMillis(500), List.of(new StatusRange(200, 399)), 2, 3));
        AtomicBoolean healthyA = new AtomicBoolean(true);
        AtomicBoolean healthyB = new AtomicBoolean(true);
        RawOrigin a = closing(checked(healthyA, "a"));
        RawOrigin b = closing(checked(healthyB, "b"));
        HttpCache cache = closing(HttpCache.builder()
                .clock(time)
                .sites(Sites.of(Site.everything(Policy.rfc9111(), Rules.NONE).origin("shop")))
                .build());
        proxy = closing(ProxyServer.builder()
                .port(0)
                .cache(cache)
                .origin("shop", settings(a.uri(), b.uri()))
                .build());
        proxy.start();
        assertThat(get("/kept").head()).contains(" 200 ");
        healthyA.set(false);
        awaitDown(true, false);
        assertThat(List.of(get().text(), get().text(), get().text())).containsOnly("b");
        healthyB.set(false);
        awaitDown(true, true);
        Reply none = get();
        assertThat(none.head()).startsWith("HTTP/1.1 503 ").contains("Retry-After: ");
        time.advance(Duration.ofSeconds(5));
        assertThat(get("/kept").head()).contains(" 200 ");
        healthyA.set(true);
        awaitDown(false, true);
        assertThat(get().text()).isEqualTo("a");
    }

    @Test
    void an_origin_that_is_replaced_while_requests_are_under_way_fails_none_and_one_that_stays_keeps_its_state()
            throws Exception {
        AtomicBoolean go = new AtomicBoolean();
        RawOrigin slow = closing(RawOrigin.answering(call -> {
            await().untilTrue(go);
            call.send(ok("old", "Cache-Control: no-store"));
        }));
        RawOrigin other = server("other");
        HttpCache cache = closing(HttpCache.builder()
                .sites(Sites.of(Site.everything(Policy.rfc9111(), Rules.NONE).origin("shop")))
                .build());
        proxy = closing(ProxyServer.builder()
                .port(0)
                .cache(cache)
                .origin("shop", settings(slow.uri()))
                .origin("stays", settings(other.uri()))
                .build());
        proxy.start();
        ServerPool stays = proxy.origins().get("stays");
        RawClient waiting = closing(RawClient.to(proxy.port())).send(request("GET", "/slow"));
        await().until(() -> slow.count() == 1);
        proxy.origins(Map.of("shop", configured(server("new").uri()), "stays", configured(other.uri())));
        assertThat(get().text()).isEqualTo("new");
        assertThat(proxy.origins().get("stays")).isSameAs(stays);
        go.set(true);
        assertThat(waiting.reply().text()).isEqualTo("old");
    }

    @Test
    void a_replaced_origin_checks_no_more_and_closes_its_idle_connections_at_once() throws Exception {
        RawOrigin a = server("a");
        RawOrigin b = server("b");
        check = Optional.of(new Check(
                "/health", Duration.ofMillis(100), Duration.ofSeconds(5), List.of(new StatusRange(200, 399)), 1, 1));
        HttpCache cache = closing(HttpCache.builder()
                .sites(Sites.of(Site.everything(Policy.rfc9111(), Rules.NONE).origin("shop")))
                .build());
        proxy = closing(ProxyServer.builder()
                .port(0)
                .cache(cache)
                .origin("shop", settings(a.uri()))
                .build());
        proxy.start();
        assertThat(get().text()).isEqualTo("a");
        await().until(() -> a.connections() == 2 && a.count() > 2);
        proxy.origins(Map.of("shop", configured(b.uri())));
        await().until(() -> a.connections() == 0);
        int seen = a.count();
        await().until(() -> b.count() > 3);
        assertThat(a.count()).isEqualTo(seen);
        assertThat(get().text()).isEqualTo("b");
    }
}
