package io.cachingproxy.store.redis;

import static io.cachingproxy.testkit.StoredResponses.find;
import static io.cachingproxy.testkit.StoredResponses.join;
import static io.cachingproxy.testkit.StoredResponses.key;
import static io.cachingproxy.testkit.StoredResponses.response;
import static io.cachingproxy.testkit.StoredResponses.store;
import static io.cachingproxy.testkit.StoredResponses.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.store.Fill;
import io.cachingproxy.store.Purge;
import io.cachingproxy.store.redis.link.KeyNames;
import io.cachingproxy.testkit.RedisClusterProcesses;
import io.cachingproxy.testkit.RedisProcess;
import io.cachingproxy.testkit.RedisSentinelProcesses;
import io.cachingproxy.testkit.RedisServers;
import io.cachingproxy.testkit.Relay;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two nodes at work while all sorts of things happen to Redis: no wrong byte, no failed stage, no long wait. */
class RedisFaultsUnderLoadTest {
    @RegisterExtension
    static final RedisServers SERVERS = new RedisServers();

    private final RedisProcess redis = SERVERS.start();

    @Test
    void nothing_fails_and_no_byte_is_wrong_whatever_becomes_of_redis() {
        try (Load load = new Load(redis.url())) {
            redis.kill();
            load.awaitShut();
            redis.restart();
            load.awaitShared();
            redis.freeze();
            load.awaitShut();
            redis.thaw();
            load.awaitShared();
            redis.command("FLUSHALL");
            load.awaitShared();
            redis.command("CONFIG", "SET", "maxmemory", "1");
            load.awaitServed(1000);
            redis.command("CONFIG", "SET", "maxmemory", "0");
            load.awaitShared();
        }
    }

    @Test
    void redis_behind_a_black_hole_is_given_up_within_a_second_and_found_again_within_five() {
        try (Relay relay = Relay.to(redis.port());
                Load load = new Load("redis://127.0.0.1:" + relay.port())) {
            relay.swallow();
            load.awaitShut();
            load.awaitServed(1000);
            relay.pass();
            load.awaitShared();
        }
    }

    @Test
    void a_redis_that_answers_every_call_later_than_the_deadline_is_as_bad_as_a_dead_one() {
        assertShutWhileLate(Duration.ofMillis(200), Duration.ofSeconds(3));
    }

    @Test
    @Tag("faults")
    void however_late_it_answers_it_stays_shut_until_it_answers_in_time() {
        assertShutWhileLate(Duration.ofMillis(90), Duration.ofSeconds(10));
        assertShutWhileLate(Duration.ofMillis(450), Duration.ofSeconds(10));
    }

    private void assertShutWhileLate(Duration late, Duration time) {
        try (Relay relay = Relay.to(redis.port());
                Load load = new Load("redis://127.0.0.1:" + relay.port())) {
            relay.answerLate(late);
            load.awaitShut();
            load.staysShut(time);
            relay.pass();
            load.awaitShared();
        }
    }

    @Test
    @Tag("faults")
    void connections_that_break_anywhere_break_nothing() {
        try (Relay relay = Relay.to(redis.port());
                Load load = new Load("redis://127.0.0.1:" + relay.port())) {
            for (int round = 0; round < 10; round++) {
                relay.reset();
                load.awaitServed(200);
                relay.cutAfter(50_000L * round + 1);
                load.awaitServed(200);
                load.awaitShared();
            }
        }
    }

    @Test
    @Tag("faults")
    void a_redis_that_is_slower_than_the_deadline_delays_nobody_for_longer() {
        try (Relay relay = Relay.to(redis.port());
                Load load = new Load("redis://127.0.0.1:" + relay.port())) {
            relay.trickle(Duration.ofMillis(20), 4096);
            load.awaitServed(500);
            relay.trickle(Duration.ofMillis(100), 64);
            load.awaitServed(500);
            relay.pass();
            load.awaitShared();
        }
    }

    @Test
    @Tag("faults")
    void a_redis_that_is_stopped_for_ten_seconds_is_gone_for_ten_seconds() {
        try (Load load = new Load(redis.url())) {
            redis.freeze();
            load.awaitShut();
            load.staysShut(Duration.ofSeconds(10));
            redis.thaw();
            load.awaitShared();
        }
    }

    @Test
    @Tag("faults")
    void a_password_that_is_changed_is_an_outage_until_it_is_changed_back() {
        String rights = "resetchannels ~cp:* &cp:* -@all +@read +@write +@connection +@pubsub +@scripting +time +info";
        redis.command(("ACL SETUSER cache on >right " + rights).split(" "));
        try (Load load = new Load("redis://cache:right@127.0.0.1:" + redis.port())) {
            redis.command("ACL", "SETUSER", "cache", "resetpass", ">changed");
            redis.command("CLIENT", "KILL", "USER", "cache");
            load.awaitShut();
            load.awaitServed(1000);
            redis.command("ACL", "SETUSER", "cache", "resetpass", ">right");
            load.awaitShared();
        }
    }

    @Test
    @Tag("faults")
    void rights_that_are_taken_away_are_an_outage_until_they_are_given_back() {
        redis.command("ACL SETUSER cache on >p resetchannels ~cp:* &cp:* +@all".split(" "));
        try (Load load = new Load("redis://cache:p@127.0.0.1:" + redis.port())) {
            redis.command("ACL", "SETUSER", "cache", "-@write", "-@read");
            load.awaitShut();
            load.awaitServed(1000);
            redis.command("ACL", "SETUSER", "cache", "+@all");
            load.awaitShared();
        }
    }

    @Test
    @Tag("faults")
    void slots_of_a_cluster_that_move_to_another_node_are_followed() {
        RedisClusterProcesses cluster = SERVERS.startCluster();
        KeyNames names = new KeyNames("cp");
        try (Load load = new Load(cluster.url())) {
            for (int number = 0; number < 5; number++) {
                cluster.move(names.entry(key("/" + number)), () -> load.awaitServed(200));
                load.awaitShared();
            }
            cluster.move(names.control(), () -> load.awaitServed(200));
            load.awaitShared();
        }
    }

    @Test
    @Tag("faults")
    void a_replica_that_takes_over_is_followed() {
        RedisSentinelProcesses servers = SERVERS.startSentinel();
        try (Load load = new Load(servers.url())) {
            servers.master().kill();
            load.awaitShut();
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> servers.replica().command("ROLE").toString().contains("master"));
            load.awaitShared();
        }
    }

    @Test
    void no_fill_that_races_with_a_removal_on_another_node_restores_anything() {
        RedisStore one = Stores.awaitReady(RedisStore.at(redis.url()).open());
        RedisStore two = Stores.awaitReady(RedisStore.at(redis.url()).open());
        for (int round = 0; round < 100; round++) {
            List<CompletableFuture<Boolean>> commits = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                CacheKey key = key("/race/" + i);
                Fill fill = one.fill(key);
                fill.write(utf8("old"));
                commits.add(fill.commit(response("Cache-Tag", "race")).toCompletableFuture());
            }
            join(two.purge(Purge.hard(new Purge.Scope.Tag("race"))));
            commits.forEach(CompletableFuture::join);
            for (int i = 0; i < 10; i++) {
                CacheKey key = key("/race/" + i);
                assertThat(find(two, key)).isEmpty();
                await().pollDelay(Duration.ZERO)
                        .atMost(Duration.ofSeconds(1))
                        .until(() -> find(one, key).isEmpty());
            }
        }
        assertThat(store(one, key("/race/0"), "new")).isTrue();
        one.close();
        two.close();
    }
}
