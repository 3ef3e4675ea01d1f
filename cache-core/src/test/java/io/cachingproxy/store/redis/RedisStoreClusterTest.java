package io.cachingproxy.store.redis;

import static io.cachingproxy.testkit.StoredResponses.bodies;
import static io.cachingproxy.testkit.StoredResponses.find;
import static io.cachingproxy.testkit.StoredResponses.join;
import static io.cachingproxy.testkit.StoredResponses.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.redis.link.KeyNames;
import io.cachingproxy.testkit.RedisClusterProcesses;
import io.cachingproxy.testkit.RedisProcess;
import io.cachingproxy.testkit.RedisServers;
import io.cachingproxy.testkit.StoredResponses;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("faults")
class RedisStoreClusterTest extends RedisStoreContract {
    @RegisterExtension
    static final RedisServers SERVERS = new RedisServers();

    @SuppressWarnings("NullAway.Init")
    private static RedisClusterProcesses servers;

    @BeforeAll
    static void startServers() {
        servers = SERVERS.startCluster();
    }

    @Override
    String url() {
        return servers.url();
    }

    @Test
    void a_master_that_hangs_costs_only_its_own_keys_and_those_soon_nothing() {
        RedisClusterProcesses cluster = SERVERS.startCluster();
        cluster.trustForever();
        KeyNames names = new KeyNames("cp");
        RedisProcess control = cluster.master(names.control());
        RedisProcess hung = cluster.masters().stream()
                .filter(master -> master != control && master != cluster.master(names.changes()))
                .findFirst()
                .orElseThrow();
        List<CacheKey> its = keys(cluster, names, hung);
        List<CacheKey> others = keys(cluster, names, control);
        try (RedisStore shared =
                        RedisStore.at(cluster.url()).near(new MemoryStore(0, 0)).open();
                hung) {
            Stores.awaitReady(shared);
            for (CacheKey key : others) {
                await().until(() -> store(shared, key, "hello"));
            }
            hung.freeze();
            await().atMost(Duration.ofSeconds(10)).until(() -> {
                long asked = System.nanoTime();
                its.forEach(key -> find(shared, key));
                return System.nanoTime() - asked < Duration.ofMillis(25).toNanos();
            });
            assertThat(shared.isReachable()).isTrue();
            others.forEach(key -> await().until(() -> bodies(shared, key).equals(List.of("hello"))));
            hung.thaw();
            await().atMost(Duration.ofSeconds(5)).until(() -> store(shared, its.get(0), "back"));
        }
    }

    private static List<CacheKey> keys(RedisClusterProcesses cluster, KeyNames names, RedisProcess master) {
        return IntStream.range(0, 1000)
                .mapToObj(i -> StoredResponses.key("/" + i))
                .filter(key -> cluster.master(names.entry(key)) == master)
                .limit(5)
                .toList();
    }

    @Test
    void a_cluster_that_is_taken_for_one_server_is_said_in_words() {
        String one = "redis://127.0.0.1:" + servers.masters().get(0).port() + "/0";
        for (String prefix : new String[] {"a", "b", "c", "d", "e", "f"}) {
            try (RedisStore wrong = RedisStore.at(one).prefix(prefix).open()) {
                join(wrong.clearOrFail().handle((keys, failure) -> {
                    assertThat(failure == null ? "it is a cluster" : failure.getMessage())
                            .contains("it is a cluster");
                    return null;
                }));
            }
        }
    }

    @Test
    void one_server_that_is_taken_for_a_cluster_is_said_in_words() {
        String cluster = SERVERS.start().url().replace("redis:", "redis-cluster:");
        try (RedisStore wrong = RedisStore.at(cluster).open()) {
            assertThatThrownBy(() -> join(wrong.clearOrFail())).cause().hasMessageContaining("it is no cluster");
        }
    }
}
