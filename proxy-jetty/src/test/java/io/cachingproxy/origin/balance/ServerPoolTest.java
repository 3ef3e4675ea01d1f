package io.cachingproxy.origin.balance;

import static io.cachingproxy.testkit.Messages.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cachingproxy.http.RequestHead;
import io.cachingproxy.origin.balance.Balance.Hash;
import io.cachingproxy.origin.balance.Balance.HashOn;
import io.cachingproxy.origin.balance.Balance.LeastRequests;
import io.cachingproxy.origin.balance.Balance.RoundRobin;
import io.cachingproxy.origin.balance.OriginSettings.Check;
import io.cachingproxy.origin.balance.OriginSettings.Eject;
import io.cachingproxy.origin.balance.OriginSettings.Retry;
import io.cachingproxy.origin.balance.OriginSettings.Server;
import io.cachingproxy.origin.balance.ServerPool.Turn;
import io.cachingproxy.rules.StatusRange;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Which server gets a request. */
class ServerPoolTest {
    private static final RequestHead REQUEST = get("/").head();
    private static final Check CHECK = new Check(
            "/health", Duration.ofSeconds(5), Duration.ofSeconds(1), List.of(new StatusRange(200, 399)), 2, 3);

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5); // overflows soon
    private final List<String> told = new ArrayList<>();
    private Balance balance = new RoundRobin();
    private Eject eject = new Eject(3, Duration.ofSeconds(30), 50);
    private Retry retry = OriginSettings.RETRY;
    private Duration slowStart = Duration.ZERO;

    private static Server server(String name, int weight, boolean backup) {
        return new Server(URI.create("http://" + name), weight, backup);
    }

    private static Server server(String name) {
        return server(name, 1, false);
    }

    private ServerPool pool(Server... servers) {
        OriginSettings settings =
                new OriginSettings(List.of(servers), balance, null, Optional.of(CHECK), eject, retry, slowStart);
        return new ServerPool(settings, nanos::get, new SplittableRandom(1), new ServerPool.Ejections() {
            @Override
            public void ejected(ServerAddress server, int failures, Duration period) {
                told.add(server.url().getHost() + " ejected for " + period + " after " + failures);
            }

            @Override
            public void returned(ServerAddress server) {
                told.add(server.url().getHost() + " back");
            }
        });
    }

    @Test
    void an_ejection_and_its_end_are_told_once_each() {
        eject = new Eject(2, Duration.ofSeconds(30), 50);
        ServerPool pool = pool(server("a"), server("b"));
        for (int i = 0; i < 4; i++) {
            Turn turn = pool.first(REQUEST, null);
            if (name(turn).equals("a")) {
                turn.failed();
            }
        }
        assertThat(told).containsExactly("a ejected for PT30S after 2");
        next(pool);
        pass(Duration.ofSeconds(29));
        next(pool);
        assertThat(told).hasSize(1);
        pass(Duration.ofSeconds(1));
        next(pool);
        next(pool);
        assertThat(told).containsExactly("a ejected for PT30S after 2", "a back");
    }

    private ServerPool abc() {
        return pool(server("a"), server("b"), server("c"));
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    private static String name(Turn turn) {
        return turn.server().url().getHost();
    }

    private static String next(ServerPool pool) {
        Turn turn = pool.first(REQUEST, null);
        turn.end();
        return name(turn);
    }

    private static Map<String, Integer> share(ServerPool pool, int requests) {
        Map<String, Integer> share = new TreeMap<>();
        for (int i = 0; i < requests; i++) {
            share.merge(next(pool), 1, Integer::sum);
        }
        return share;
    }

    private static void fail(ServerPool pool, String name, int times) {
        for (int failed = 0; failed < times; ) {
            Turn turn = pool.first(REQUEST, null);
            if (name(turn).equals(name)) {
                turn.failed();
                failed++;
            }
            turn.end();
        }
    }

    private static void check(ServerPool pool, int index, boolean passed, int times) {
        for (int i = 0; i < times; i++) {
            pool.checked(pool.current().get(index), CHECK, passed);
        }
    }

    @Test
    void round_robin_takes_one_after_the_other() {
        assertThat(share(abc(), 300)).containsExactlyInAnyOrderEntriesOf(Map.of("a", 100, "b", 100, "c", 100));
    }

    @Test
    void a_weight_is_a_share_that_is_spread_evenly() {
        ServerPool pool = pool(server("a", 3, false), server("b"));
        assertThat(List.of(next(pool), next(pool), next(pool), next(pool))).containsExactly("a", "a", "b", "a");
    }

    @Test
    void least_requests_spares_a_server_that_has_many() {
        balance = new LeastRequests();
        ServerPool pool = abc();
        for (int i = 0; i < 50; i++) { // all that go to a stay there
            Turn turn = pool.first(REQUEST, null);
            if (!name(turn).equals("a")) {
                turn.end();
            }
        }
        assertThat(share(pool, 900).get("a")).isLessThan(900 / 9 + 50);
    }

    @Test
    void least_requests_follows_the_weights_while_servers_are_idle() {
        balance = new LeastRequests();
        assertThat(share(pool(server("a", 3, false), server("b")), 4_000).get("a"))
                .isCloseTo(3_000, within(150));
    }

    @Test
    void random_follows_the_weights() {
        balance = new Balance.Random();
        assertThat(share(pool(server("a", 3, false), server("b")), 4_000).get("a"))
                .isCloseTo(3_000, within(150));
    }

    private static Map<String, String> byPath(ServerPool pool) {
        Map<String, String> servers = new HashMap<>();
        for (int i = 0; i < 1_000; i++) {
            Turn turn = pool.first(get("/" + i).head(), null);
            turn.end();
            servers.put("/" + i, name(turn));
        }
        return servers;
    }

    @Test
    void a_hash_gives_each_path_its_server_and_moves_no_other_when_one_is_gone() {
        balance = new Hash(new HashOn.Path());
        ServerPool pool = abc();
        Map<String, String> before = byPath(pool);
        assertThat(byPath(pool)).isEqualTo(before);
        assertThat(before.values().stream().filter("a"::equals).count()).isBetween(270L, 400L);
        pool.drain(1, true);
        Map<String, String> after = byPath(pool);
        assertThat(after).doesNotContainValue("b");
        before.forEach((path, server) -> {
            if (!server.equals("b")) {
                assertThat(after.get(path)).isEqualTo(server);
            }
        });
    }

    @Test
    void a_hash_goes_by_client_header_or_cookie() throws Exception {
        InetAddress client = InetAddress.getByName("192.0.2.7");
        RequestHead request = get("/").header("X-User", "joe")
                .header("Cookie", "a=1; session=s7; b=2")
                .head();
        assertThat(new HashOn.Client().of(request, client)).isEqualTo("192.0.2.7");
        assertThat(new HashOn.Client().of(request, null)).isNull();
        assertThat(new HashOn.Header("x-user").of(request, client)).isEqualTo("joe");
        assertThat(new HashOn.Cookie("session").of(request, client)).isEqualTo("s7");
        assertThat(new HashOn.Cookie("other").of(request, client)).isNull();
        balance = new Hash(new HashOn.Cookie("other"));
        assertThat(share(abc(), 300)).hasSize(3); // without a value: any
    }

    @Test
    void a_backup_gets_requests_only_while_no_other_server_is_available() {
        ServerPool pool = pool(server("a"), server("b"), server("spare", 1, true));
        assertThat(share(pool, 100)).containsOnlyKeys("a", "b");
        check(pool, 0, false, 3);
        assertThat(share(pool, 100)).containsOnlyKeys("b");
        check(pool, 1, false, 3);
        assertThat(share(pool, 100)).containsOnlyKeys("spare");
        check(pool, 0, true, 2);
        assertThat(share(pool, 100)).containsOnlyKeys("a");
    }

    @Test
    void failures_in_a_row_eject_for_a_while_and_the_next_failure_after_that_ejects_again() {
        ServerPool pool = abc();
        fail(pool, "a", 2);
        assertThat(share(pool, 99)).containsKey("a");
        fail(pool, "a", 1);
        assertThat(share(pool, 99)).containsOnlyKeys("b", "c");
        pass(Duration.ofSeconds(30));
        assertThat(share(pool, 99)).containsKey("a");
        fail(pool, "a", 1);
        assertThat(share(pool, 99)).containsOnlyKeys("b", "c");
    }

    @Test
    void a_success_between_failures_forgets_them() {
        ServerPool pool = pool(server("a"), server("b"));
        fail(pool, "a", 2);
        for (int i = 0; i < 2; i++) {
            Turn turn = pool.first(REQUEST, null);
            turn.succeeded();
            turn.end();
        }
        fail(pool, "a", 2);
        assertThat(share(pool, 10)).containsKey("a");
    }

    @Test
    void no_more_servers_are_ejected_than_may_be_and_never_the_last_one() {
        ServerPool half = abc();
        fail(half, "a", 3);
        fail(half, "b", 9);
        assertThat(share(half, 99)).containsOnlyKeys("b", "c");
        eject = new Eject(3, Duration.ofSeconds(30), 100);
        ServerPool all = abc();
        fail(all, "a", 3);
        fail(all, "b", 3);
        fail(all, "c", 9);
        assertThat(share(all, 99)).containsOnlyKeys("c");
        assertThat(share(pool(server("alone")), 9)).containsOnlyKeys("alone");
    }

    @Test
    void the_server_that_returns_first_is_used_while_no_other_is_left() {
        ServerPool pool = abc();
        fail(pool, "a", 3);
        check(pool, 1, false, 3);
        check(pool, 2, false, 3);
        assertThat(share(pool, 9)).containsOnlyKeys("a");
    }

    @Test
    void a_pool_whose_servers_are_all_down_gives_nothing() {
        ServerPool pool = pool(server("a"), server("b"));
        check(pool, 0, false, 3);
        check(pool, 1, false, 3);
        assertThat(pool.first(REQUEST, null)).isNull();
        assertThat(pool.states()).allMatch(ServerPool.State::down);
    }

    @Test
    void one_failed_check_takes_no_server_away_and_one_passed_check_brings_none_back() {
        ServerPool pool = pool(server("a"), server("b"));
        check(pool, 0, false, 2);
        check(pool, 0, true, 1);
        check(pool, 0, false, 2);
        assertThat(share(pool, 10)).containsKey("a");
        check(pool, 0, false, 1);
        assertThat(share(pool, 10)).doesNotContainKey("a");
        check(pool, 0, true, 1);
        assertThat(share(pool, 10)).doesNotContainKey("a");
        check(pool, 0, true, 1);
        assertThat(share(pool, 10)).containsKey("a");
    }

    @Test
    void a_server_that_comes_back_starts_slowly() {
        slowStart = Duration.ofSeconds(30);
        ServerPool pool = pool(server("a"), server("b"));
        assertThat(share(pool, 100).get("a")).isEqualTo(50);
        check(pool, 0, false, 3);
        check(pool, 0, true, 2);
        assertThat(share(pool, 110).get("a")).isBetween(9, 11);
        pass(Duration.ofSeconds(15));
        assertThat(share(pool, 150).get("a")).isBetween(48, 52);
        pass(Duration.ofSeconds(15));
        assertThat(share(pool, 100).get("a")).isBetween(49, 51);
    }

    @Test
    void a_retry_goes_to_a_server_that_had_the_request_not_yet_and_failed_least() {
        eject = new Eject(0, Duration.ofSeconds(30), 50);
        ServerPool pool = abc();
        fail(pool, "b", 1);
        for (int i = 0; i < 20; i++) {
            Turn first = pool.first(REQUEST, null);
            Turn second = first.again();
            Turn third = second.again();
            assertThat(List.of(name(first), name(second), name(third))).containsExactlyInAnyOrder("a", "b", "c");
            if (!name(first).equals("b")) {
                assertThat(name(third)).isEqualTo("b");
            }
            assertThat(third.retries()).isEqualTo(2);
            assertThat(third.again()).isNull();
        }
    }

    @Test
    void retries_are_bounded_by_a_part_of_the_requests() {
        retry = new Retry(1, true, List.of(), 20);
        ServerPool pool = pool(server("a"), server("b"));
        int retries = 0;
        for (int i = 0; i < 1_000; i++) {
            retries += pool.first(REQUEST, null).again() == null ? 0 : 1;
        }
        assertThat(retries).isEqualTo(100 + 200);
    }

    @Test
    void the_number_of_requests_under_way_returns_to_zero() {
        ServerPool pool = pool(server("a"), server("b"));
        Turn one = pool.first(REQUEST, null);
        Turn two = one.again();
        assertThat(pool.states()).extracting(ServerPool.State::underWay).containsExactly(1, 1);
        one.end();
        one.end();
        two.end();
        assertThat(pool.states()).extracting(ServerPool.State::underWay).containsExactly(0, 0);
    }

    @Test
    void a_pool_with_other_servers_continues_with_what_is_known_of_the_old_ones() {
        ServerPool before = abc();
        before.drain(0, true);
        check(before, 1, false, 3);
        fail(before, "c", 2);
        ServerPool after = pool(server("c"), server("b"), server("a"), server("d"));
        after.continueFrom(before);
        assertThat(share(after, 10)).containsOnlyKeys("c", "d");
        fail(after, "c", 1);
        assertThat(share(after, 10)).containsOnlyKeys("d");
        check(after, 1, true, 2);
        after.drain(2, false);
        assertThat(share(after, 12)).containsOnlyKeys("a", "b", "d");
        assertThat(share(before, 10)).containsOnlyKeys("c");
    }

    @Test
    void a_server_that_is_down_is_available_in_a_pool_without_checks() {
        ServerPool before = abc();
        check(before, 1, false, 3);
        ServerPool after =
                new ServerPool(OriginSettings.of(URI.create("http://b")), nanos::get, new SplittableRandom(1));
        after.continueFrom(before);
        assertThat(next(after)).isEqualTo("b");
    }

    @Test
    void settings_that_cannot_be_meant_are_refused() {
        assertThatThrownBy(() -> OriginSettings.of()).hasMessage("there are no servers");
        assertThatThrownBy(() -> pool(server("a"), server("a"))).hasMessage("a server is there twice");
        assertThatThrownBy(() -> pool(server("a", 1, true))).hasMessageStartingWith("all servers are backups");
        assertThatThrownBy(() -> server("a", 0, false)).hasMessage("weight is 0, not from 1 to 1000");
        assertThatThrownBy(() -> new Eject(1, Duration.ZERO, 50)).hasMessage("for is not longer than zero");
        assertThat(TimeUnit.NANOSECONDS.toSeconds(OriginSettings.EJECT.period().toNanos()))
                .isEqualTo(30);
    }
}
