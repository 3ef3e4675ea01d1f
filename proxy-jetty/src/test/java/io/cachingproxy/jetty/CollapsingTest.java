package io.cachingproxy.jetty;

import static io.cachingproxy.testkit.RawClient.request;
import static io.cachingproxy.testkit.RawOrigin.ok;
import static io.cachingproxy.testkit.Verdicts.assertForwarded;
import static io.cachingproxy.testkit.Verdicts.assertHit;
import static io.cachingproxy.testkit.Verdicts.assertStored;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.testkit.RawClient;
import io.cachingproxy.testkit.RawOrigin;
import io.cachingproxy.testkit.Reply;
import io.cachingproxy.testkit.TestProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Many clients that want the same at once: one request to the origin, and nobody depends on anybody. */
class CollapsingTest {
    private static final String BODY = "0123456789".repeat(10_000);

    private static List<RawClient> clients(TestProxy proxy, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> proxy.connect().send(request("GET", "/")))
                .toList();
    }

    private static List<Reply> replies(List<RawClient> clients) {
        List<Reply> replies = new ArrayList<>();
        for (RawClient client : clients) {
            try (client) {
                replies.add(client.reply());
            }
        }
        return replies;
    }

    @Test
    void fifty_clients_at_a_cold_key_make_one_request() {
        CountDownLatch all = new CountDownLatch(1);
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    all.await();
                    call.send(ok(BODY));
                });
                TestProxy proxy = TestProxy.of(origin)) {
            List<RawClient> clients = clients(proxy, 50);
            all.countDown();
            for (Reply reply : replies(clients)) {
                assertThat(reply.status()).isEqualTo(200);
                assertThat(reply.text()).isEqualTo(BODY);
            }
            assertThat(origin.count()).isEqualTo(1);
            assertHit(proxy.get("/"));
        }
    }

    @Test
    void a_late_joiner_gets_the_first_bytes_while_the_origin_still_sends() {
        CountDownLatch seen = new CountDownLatch(1);
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    call.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst");
                    seen.await();
                    call.send("-last");
                });
                TestProxy proxy = TestProxy.of(origin);
                RawClient leader = proxy.connect().send(request("GET", "/"))) {
            leader.head();
            assertThat(leader.read(5)).isEqualTo("first");
            try (RawClient late = proxy.connect().send(request("GET", "/"))) {
                assertThat(late.head()).contains("collapsed");
                assertThat(late.read(5)).isEqualTo("first");
                seen.countDown();
                assertThat(late.read(5)).isEqualTo("-last");
            }
            assertThat(leader.read(5)).isEqualTo("-last");
            assertThat(origin.count()).isEqualTo(1);
        }
    }

    @RepeatedTest(5)
    void a_leader_that_hangs_up_hurts_neither_the_others_nor_the_store() {
        CountDownLatch gone = new CountDownLatch(1);
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    call.send("HTTP/1.1 200 OK\r\nContent-Length: " + BODY.length() + "\r\n\r\n" + BODY.charAt(0));
                    gone.await();
                    call.send(BODY.substring(1));
                });
                TestProxy proxy = TestProxy.of(origin)) {
            RawClient leader = proxy.connect().send(request("GET", "/"));
            leader.head();
            try (RawClient other = proxy.connect().send(request("GET", "/"))) {
                assertThat(other.head()).contains("collapsed");
                leader.close();
                gone.countDown();
                assertThat(other.read(BODY.length())).isEqualTo(BODY);
            }
            assertThat(assertHit(proxy.get("/")).text()).isEqualTo(BODY);
            assertThat(origin.count()).isEqualTo(1);
        }
    }

    @RepeatedTest(5)
    void a_fill_goes_on_when_its_only_client_hangs_up() {
        CountDownLatch gone = new CountDownLatch(1);
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    call.send("HTTP/1.1 200 OK\r\nContent-Length: " + BODY.length() + "\r\n\r\n" + BODY.charAt(0));
                    gone.await();
                    call.send(BODY.substring(1));
                });
                TestProxy proxy = TestProxy.of(origin)) {
            try (RawClient only = proxy.connect().send(request("GET", "/"))) {
                only.head();
            }
            gone.countDown();
            assertThat(proxy.get("/").text()).isEqualTo(BODY);
            assertThat(origin.count()).isEqualTo(1);
        }
    }

    @Test
    void a_private_response_releases_all_waiters_at_once_and_each_is_forwarded() {
        CountDownLatch all = new CountDownLatch(1);
        CountDownLatch together = new CountDownLatch(9);
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    if (call.number() == 1) {
                        all.await();
                    } else {
                        together.countDown();
                        together.await(); // each needs the others at the origin
                    }
                    call.send(ok("for " + call.number(), "Cache-Control: private"));
                });
                TestProxy proxy = TestProxy.of(origin)) {
            RawClient leader = proxy.connect().send(request("GET", "/"));
            await().until(() -> origin.count() == 1);
            List<RawClient> waiters = clients(proxy, 9);
            await().during(Duration.ofMillis(200)).until(() -> origin.count() == 1);
            all.countDown();
            assertThat(assertForwarded(leader.reply()).text()).isEqualTo("for 1");
            List<Reply> replies = replies(waiters);
            replies.forEach(reply -> assertForwarded(reply));
            assertThat(replies.stream().map(Reply::text))
                    .doesNotHaveDuplicates()
                    .hasSize(9);
            leader.close();
        }
    }

    @Test
    void a_key_that_was_private_once_does_not_make_the_next_ones_wait() {
        CountDownLatch never = new CountDownLatch(1);
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    if (call.number() == 2) {
                        never.await();
                    }
                    call.send(ok("for " + call.number(), "Cache-Control: no-store"));
                });
                TestProxy proxy = TestProxy.of(origin)) {
            assertForwarded(proxy.get("/"));
            try (RawClient stuck = proxy.connect().send(request("GET", "/"))) {
                await().until(() -> origin.count() == 2);
                assertThat(assertForwarded(proxy.get("/")).text()).isEqualTo("for 3");
                never.countDown();
                stuck.reply();
            }
        }
    }

    @Test
    void a_leader_that_fails_does_not_fail_the_others() {
        CountDownLatch all = new CountDownLatch(1);
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    if (call.number() <= 2) { // the leader, and its one repetition
                        all.await();
                        call.close();
                    } else {
                        call.send(ok("fine"));
                    }
                });
                TestProxy proxy = TestProxy.of(origin)) {
            RawClient leader = proxy.connect().send(request("GET", "/"));
            await().until(() -> origin.count() == 1);
            List<RawClient> others = clients(proxy, 5);
            all.countDown();
            assertThat(leader.reply().status()).isEqualTo(502);
            for (Reply reply : replies(others)) {
                assertThat(reply.text()).isEqualTo("fine");
            }
            leader.close();
        }
    }

    @Test
    void a_follower_whose_selecting_headers_differ_is_forwarded() {
        CountDownLatch all = new CountDownLatch(1);
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    if (call.number() == 1) {
                        all.await();
                    }
                    String language = call.head().contains("Accept-Language: de") ? "de" : "fr";
                    call.send(ok(language, "Vary: Accept-Language"));
                });
                TestProxy proxy = TestProxy.of(origin);
                RawClient german = proxy.connect().send(request("GET", "/", "Accept-Language: de"))) {
            await().until(() -> origin.count() == 1);
            try (RawClient french = proxy.connect().send(request("GET", "/", "Accept-Language: fr"))) {
                all.countDown();
                assertThat(assertStored(german.reply()).text()).isEqualTo("de");
                assertThat(french.reply().text()).isEqualTo("fr");
            }
        }
    }

    @Test
    void a_follower_that_stalls_does_not_delay_the_others() {
        String large = "x".repeat(4_000_000);
        CountDownLatch all = new CountDownLatch(1);
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    all.await();
                    call.send(ok(large));
                });
                TestProxy proxy = TestProxy.of(origin);
                RawClient stalled = RawClient.stallingAt(proxy.port()).send(request("GET", "/"))) {
            List<RawClient> others = clients(proxy, 2);
            all.countDown();
            for (Reply reply : replies(others)) {
                assertThat(reply.body()).hasSize(large.length());
            }
            assertHit(proxy.get("/"));
            assertThat(stalled.head()).contains("200 OK");
        }
    }

    @Test
    void followers_of_a_slow_response_occupy_no_threads() {
        CountDownLatch later = new CountDownLatch(1);
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    if (call.line().equals("GET /other")) {
                        call.send(ok("at once"));
                    } else {
                        call.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ns");
                        later.await();
                        call.send("low");
                    }
                });
                TestProxy proxy = TestProxy.of(origin);
                RawClient leader = proxy.connect().send(request("GET", "/"))) {
            leader.head();
            List<RawClient> followers = clients(proxy, 250); // more than there are threads
            for (RawClient follower : followers.subList(0, 100)) {
                follower.head();
            }
            assertThat(proxy.get("/other").text()).isEqualTo("at once");
            later.countDown();
            assertThat(leader.read(4)).isEqualTo("slow");
            for (RawClient follower : followers.subList(100, 250)) {
                assertThat(follower.reply().text()).isEqualTo("slow");
            }
            followers.forEach(RawClient::close);
        }
    }

    @Test
    void one_request_refreshes_what_many_see_stale() {
        CountDownLatch all = new CountDownLatch(1);
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    if (call.number() > 1) {
                        all.await();
                    }
                    call.send(ok("version " + call.number(), "Cache-Control: max-age=1, stale-while-revalidate=60"));
                });
                TestProxy proxy = TestProxy.of(origin)) {
            assertStored(proxy.get("/"));
            proxy.advance(Duration.ofSeconds(5));
            for (Reply reply : replies(clients(proxy, 20))) {
                assertThat(assertHit(reply).text()).isEqualTo("version 1");
            }
            all.countDown();
            await().until(() -> proxy.get("/").text().equals("version 2"));
            assertThat(origin.count()).isEqualTo(2);
        }
    }
}
