package io.cachingproxy.store.redis;

import static io.cachingproxy.testkit.StoredResponses.find;
import static io.cachingproxy.testkit.StoredResponses.join;
import static io.cachingproxy.testkit.StoredResponses.key;
import static io.cachingproxy.testkit.StoredResponses.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.Purge;
import io.cachingproxy.testkit.RedisProcess;
import io.cachingproxy.testkit.RedisServers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The nodes that share a Redis and a prefix. */
class NodesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Purge NEWS = Purge.hard(new Purge.Scope.Tag("news"));

    @RegisterExtension
    static final RedisServers SERVERS = new RedisServers();

    private final RedisProcess redis = SERVERS.start();
    private final RedisStore one = open("one");

    private RedisStore open(String name) {
        return Stores.awaitReady(RedisStore.at(redis.url())
                .name(() -> name)
                .deadline(Duration.ofSeconds(1))
                .near(new MemoryStore(1 << 20, 1 << 20))
                .open());
    }

    @AfterEach
    void close() {
        one.close();
        redis.close();
    }

    private static List<String> names(RedisStore store) {
        return store.nodes().stream().map(RedisNode::name).sorted().toList();
    }

    private static RedisNode node(List<RedisNode> nodes, String name) {
        return nodes.stream()
                .filter(node -> node.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void each_node_lists_all_nodes_with_itself_first() {
        Instant before = Instant.now();
        try (RedisStore two = open("two")) {
            await().atMost(PATIENCE).until(() -> names(one).equals(List.of("one", "two")));
            await().atMost(PATIENCE).until(() -> names(two).equals(List.of("one", "two")));
            assertThat(two.nodes().get(0).name()).isEqualTo("two");
            assertThat(two.nodes()).extracting(RedisNode::here).containsExactly(true, false);
            assertThat(one.nodes()).allSatisfy(node -> {
                assertThat(node.gone()).isFalse();
                assertThat(node.version()).isEqualTo("unknown");
                assertThat(node.lastSeen()).isBetween(before.minusSeconds(20), Instant.now());
            });
            RedisNode second = node(one.nodes(), "two");
            assertThat(second.id()).isEqualTo(two.nodes().get(0).id());
            assertThat(second.started()).isBetween(before.minusSeconds(1), Instant.now());
        }
        await().atMost(PATIENCE).until(() -> names(one).equals(List.of("one")));
    }

    @Test
    void a_node_is_listed_alone_before_it_reaches_redis() {
        try (RedisStore lost =
                RedisStore.at("redis://127.0.0.1:1").name(() -> "lost").open()) {
            assertThat(lost.nodes()).extracting(RedisNode::name).containsExactly("lost");
            assertThat(join(lost.purgedNodes(Duration.ofSeconds(1)))).hasSize(1);
        }
    }

    @Test
    void the_nodes_confirm_a_purge_once_they_have_applied_it() {
        try (RedisStore two = open("two")) {
            await().atMost(PATIENCE).until(() -> names(one).equals(List.of("one", "two")));
            assertThat(store(two, key("/a"), "a")).isTrue();
            await().atMost(PATIENCE).until(() -> {
                find(two, key("/a")); // becomes a near copy
                return two.findHere(key("/a")) != null;
            });
            join(one.purge(Purge.hard(new Purge.Scope.All())));
            List<RedisNode> nodes = join(one.purgedNodes(Duration.ofSeconds(10)));
            assertThat(nodes).extracting(RedisNode::name).containsExactly("one", "two");
            assertThat(nodes).allMatch(RedisNode::purged);
            assertThat(two.findHere(key("/a"))).isNull();
        }
    }

    @Test
    void a_node_that_announces_nothing_does_not_confirm_a_purge_and_is_not_waited_for_longer() {
        redis.command("HSET", "cp:4:nodes", "silent", silent());
        await().atMost(PATIENCE).until(() -> names(one).equals(List.of("one", "silent")));
        join(one.purge(NEWS));
        long begin = System.nanoTime();
        CompletionStage<List<RedisNode>> asked = one.purgedNodes(Duration.ofMillis(300));
        List<RedisNode> nodes = join(asked);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
        assertThat(node(nodes, "one").purged()).isTrue();
        assertThat(node(nodes, "silent").purged()).isFalse();
    }

    /** The announcement of a node that will announce no more. */
    private static String silent() {
        return System.currentTimeMillis() + " " + "\0".repeat(16) + "\0\0\0\u0001v\0\0\0\u0006silent";
    }

    @Test
    void announcements_that_are_malformed_and_keys_of_another_type_are_ignored() {
        redis.command("HSET", "cp:4:nodes", "foreign", "no announcement");
        redis.command("HSET", "cp:4:nodes", "silent", silent());
        await().atMost(PATIENCE).until(() -> names(one).equals(List.of("one", "silent")));
        redis.command("DEL", "cp:4:nodes");
        redis.command("SET", "cp:4:nodes", "foreign");
        await().atMost(PATIENCE).until(() -> redis.command("TYPE", "cp:4:nodes").equals("hash"));
        assertThat((long) redis.command("PTTL", "cp:4:nodes")).isBetween(1L, 120_000L);
    }
}
