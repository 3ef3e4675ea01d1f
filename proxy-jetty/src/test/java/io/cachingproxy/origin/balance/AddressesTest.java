package io.cachingproxy.origin.balance;

import static io.cachingproxy.testkit.Messages.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachingproxy.http.RequestHead;
import io.cachingproxy.origin.balance.OriginSettings.Check;
import io.cachingproxy.origin.balance.OriginSettings.Eject;
import io.cachingproxy.origin.balance.OriginSettings.Server;
import io.cachingproxy.origin.balance.ServerPool.AddressState;
import io.cachingproxy.origin.balance.ServerPool.Turn;
import io.cachingproxy.rules.StatusRange;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The addresses of servers whose names are looked up. */
class AddressesTest {
    private static final RequestHead REQUEST = get("/").head();
    private static final URI SHOP = URI.create("http://shop.test");
    private static final Check CHECK = new Check(
            "/health", Duration.ofSeconds(5), Duration.ofSeconds(1), List.of(new StatusRange(200, 399)), 2, 3);

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5); // overflows soon
    private Balance balance = new Balance.RoundRobin();
    private Duration slowStart = Duration.ZERO;

    private ServerPool pool(Server... servers) {
        OriginSettings settings = new OriginSettings(
                List.of(servers),
                balance,
                null,
                Optional.of(CHECK),
                new Eject(3, Duration.ofSeconds(30), 50),
                OriginSettings.RETRY,
                slowStart,
                Optional.of(Duration.ofSeconds(30)));
        return new ServerPool(settings, nanos::get, new SplittableRandom(1));
    }

    private ServerPool shop(String... addresses) {
        ServerPool pool = pool(new Server(SHOP, 1, false));
        pool.addresses(0, addresses(addresses));
        return pool;
    }

    private static List<InetAddress> addresses(String... texts) {
        return Arrays.stream(texts).map(AddressesTest::address).toList();
    }

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException impossible) {
            throw new IllegalArgumentException(impossible);
        }
    }

    private static String name(Turn turn) {
        InetAddress address = turn.address();
        return address == null ? turn.server().url().getHost() : address.getHostAddress();
    }

    private static Map<String, Integer> share(ServerPool pool, int requests) {
        Map<String, Integer> share = new TreeMap<>();
        for (int i = 0; i < requests; i++) {
            Turn turn = pool.first(REQUEST, null);
            turn.end();
            share.merge(name(turn), 1, Integer::sum);
        }
        return share;
    }

    private static Turn turnAt(ServerPool pool, String name) {
        Turn turn = pool.first(REQUEST, null);
        while (!name(turn).equals(name)) {
            turn.end();
            turn = pool.first(REQUEST, null);
        }
        return turn;
    }

    private static void fail(ServerPool pool, String name, int times) {
        for (int i = 0; i < times; i++) {
            Turn turn = turnAt(pool, name);
            turn.failed();
            turn.end();
        }
    }

    @Test
    void a_name_is_one_server_until_its_addresses_are_known() {
        ServerPool pool = pool(new Server(SHOP, 1, false));
        assertThat(share(pool, 4)).containsOnlyKeys("shop.test");
        assertThat(pool.states().get(0).addresses()).isEmpty();
        assertThat(pool.addresses(SHOP)).isEmpty();
    }

    @Test
    void all_addresses_of_a_name_share_the_weight_of_the_server() {
        ServerPool pool = pool(new Server(SHOP, 2, false), new Server(URI.create("http://other.test"), 2, false));
        assertThat(pool.addresses(0, addresses("10.0.0.1", "10.0.0.2")).added()).hasSize(2);
        assertThat(share(pool, 400)).isEqualTo(Map.of("10.0.0.1", 100, "10.0.0.2", 100, "other.test", 200));
        pool.addresses(0, addresses("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"));
        assertThat(share(pool, 400)).containsEntry("10.0.0.1", 50).containsEntry("other.test", 200);
        pool.addresses(0, addresses("10.0.0.3"));
        assertThat(share(pool, 400)).isEqualTo(Map.of("10.0.0.3", 200, "other.test", 200));
    }

    @Test
    void addresses_that_are_new_later_start_slowly_and_the_first_ones_do_not() {
        slowStart = Duration.ofSeconds(30);
        ServerPool pool = shop("10.0.0.1");
        pool.addresses(0, addresses("10.0.0.1", "10.0.0.2"));
        assertThat(share(pool, 110).get("10.0.0.2")).isBetween(9, 11);
        nanos.addAndGet(Duration.ofSeconds(30).toNanos());
        assertThat(share(pool, 110).get("10.0.0.2")).isBetween(54, 56);
        assertThat(share(shop("10.0.0.1", "10.0.0.2"), 100).get("10.0.0.2")).isEqualTo(50);
    }

    @Test
    void an_address_that_is_gone_finishes_its_requests_and_is_removed_then() {
        ServerPool pool = shop("10.0.0.1", "10.0.0.2");
        Turn turn = turnAt(pool, "10.0.0.1");
        ServerPool.Changes changes = pool.addresses(0, addresses("10.0.0.2", "10.0.0.3"));
        assertThat(changes.added()).containsExactly(address("10.0.0.3"));
        assertThat(changes.gone()).containsExactly(address("10.0.0.1"));
        assertThat(share(pool, 10)).containsOnlyKeys("10.0.0.2", "10.0.0.3");
        assertThat(pool.removeUnused(0)).isEmpty();
        assertThat(pool.states().get(0).underWay()).isEqualTo(1);
        assertThat(pool.states().get(0).addresses())
                .contains(new AddressState(address("10.0.0.1"), false, false, true, 1));
        turn.end();
        assertThat(pool.removeUnused(0)).containsExactly(address("10.0.0.1"));
        assertThat(pool.states().get(0).addresses()).hasSize(2);
    }

    @Test
    void a_retry_of_a_request_at_an_address_that_is_gone_goes_to_one_that_is_not() {
        ServerPool pool = shop("10.0.0.1");
        Turn turn = turnAt(pool, "10.0.0.1");
        pool.addresses(0, addresses("10.0.0.2"));
        turn.failed();
        assertThat(name(turn.again())).isEqualTo("10.0.0.2");
    }

    @Test
    void an_address_that_comes_back_before_it_was_removed_starts_slowly() {
        slowStart = Duration.ofSeconds(30);
        ServerPool pool = shop("10.0.0.1", "10.0.0.2");
        pool.addresses(0, addresses("10.0.0.2"));
        assertThat(pool.addresses(0, addresses("10.0.0.1", "10.0.0.2")).added()).containsExactly(address("10.0.0.1"));
        assertThat(pool.removeUnused(0)).isEmpty();
        assertThat(share(pool, 110).get("10.0.0.1")).isBetween(9, 11);
    }

    @Test
    void the_same_addresses_in_another_order_change_nothing() {
        ServerPool pool = shop("10.0.0.1", "10.0.0.2");
        assertThat(pool.addresses(0, addresses("10.0.0.2", "10.0.0.1", "10.0.0.2"))
                        .isEmpty())
                .isTrue();
    }

    @Test
    void each_address_has_its_own_health_and_the_last_one_is_not_ejected() {
        ServerPool pool = shop("10.0.0.1", "10.0.0.2");
        fail(pool, "10.0.0.1", 3);
        assertThat(share(pool, 10)).containsOnlyKeys("10.0.0.2");
        fail(pool, "10.0.0.2", 9);
        assertThat(share(pool, 10)).containsOnlyKeys("10.0.0.2");
        assertThat(pool.states().get(0).ejected()).isFalse();
        assertThat(pool.states().get(0).addresses())
                .extracting(AddressState::ejected)
                .containsExactly(true, false);
    }

    @Test
    void a_server_is_down_if_the_checks_of_all_its_addresses_fail() {
        ServerPool pool = shop("10.0.0.1", "10.0.0.2");
        for (Member member : pool.current()) {
            assertThat(pool.states().get(0).down()).isFalse();
            for (int i = 0; i < 3; i++) {
                pool.checked(member, CHECK, false);
            }
        }
        assertThat(pool.states().get(0).down()).isTrue();
        assertThat(pool.first(REQUEST, null)).isNull();
    }

    @Test
    void a_drained_server_drains_all_addresses_and_new_ones_too() {
        ServerPool pool = pool(new Server(SHOP, 1, false), new Server(URI.create("http://other.test"), 1, false));
        pool.drain(0, true);
        pool.addresses(0, addresses("10.0.0.1"));
        pool.addresses(0, addresses("10.0.0.1", "10.0.0.2"));
        assertThat(share(pool, 10)).containsOnlyKeys("other.test");
        pool.drain(0, false);
        assertThat(share(pool, 10)).containsOnlyKeys("10.0.0.1", "10.0.0.2", "other.test");
    }

    @Test
    void a_pool_continues_with_the_health_of_the_addresses_of_the_one_before() {
        ServerPool before = shop("10.0.0.1", "10.0.0.2", "10.0.0.3");
        fail(before, "10.0.0.1", 3);
        ServerPool after = shop("10.0.0.1", "10.0.0.2");
        after.continueFrom(before);
        assertThat(share(after, 10)).containsOnlyKeys("10.0.0.2");
        before.drain(0, true);
        ServerPool unresolved = pool(new Server(SHOP, 1, false));
        unresolved.continueFrom(before);
        assertThat(unresolved.first(REQUEST, null)).isNull();
    }

    @Test
    void a_hash_keeps_the_address_of_a_path_when_another_one_is_gone() {
        balance = new Balance.Hash(new Balance.HashOn.Path());
        ServerPool pool = shop("10.0.0.1", "10.0.0.2", "10.0.0.3");
        Map<String, String> before = new TreeMap<>();
        for (int i = 0; i < 300; i++) {
            before.put("/" + i, name(pool.first(get("/" + i).head(), null)));
        }
        assertThat(before.values()).contains("10.0.0.1", "10.0.0.2", "10.0.0.3");
        pool.addresses(0, addresses("10.0.0.3", "10.0.0.1"));
        before.forEach((path, address) -> {
            if (!address.equals("10.0.0.2")) {
                assertThat(name(pool.first(get(path).head(), null))).isEqualTo(address);
            }
        });
    }

    @Test
    void an_empty_list_of_addresses_is_refused() {
        ServerPool pool = shop("10.0.0.1");
        assertThatThrownBy(() -> pool.addresses(0, List.of())).hasMessage("no addresses");
        assertThat(share(pool, 2)).containsOnlyKeys("10.0.0.1");
    }
}
