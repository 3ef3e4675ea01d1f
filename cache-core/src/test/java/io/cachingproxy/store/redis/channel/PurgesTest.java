package io.cachingproxy.store.redis.channel;

import static io.cachingproxy.testkit.StoredResponses.join;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.Purge;
import io.cachingproxy.store.redis.link.KeyNames;
import io.cachingproxy.store.redis.link.Node;
import io.cachingproxy.store.redis.link.RedisLink;
import io.cachingproxy.store.redis.near.NearCache;
import io.cachingproxy.testkit.RedisProcess;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.redisson.Redisson;
import org.redisson.config.Config;

class PurgesTest {
    private final Redisson client = (Redisson) Redisson.create(unreachable());
    private final NearCache near =
            new NearCache(new MemoryStore(1 << 20, 1 << 10), Duration.ofDays(1), Duration.ofDays(1), () -> false);
    private final RedisLink link = new RedisLink(client, "cp:control", Duration.ofMillis(50));
    private final Node node = new Node(link, new KeyNames("cp", 0), "node", Duration.ofMillis(5));
    private final KnownRemovals gone = new KnownRemovals(near);
    private final Purges purges = new Purges(node, new Control(node, gone.stamps()), gone);

    private static Config unreachable() {
        Config config = new Config();
        config.useSingleServer().setAddress("redis://127.0.0.1:" + RedisProcess.freePort());
        return config.setLazyInitialization(true);
    }

    @AfterEach
    void shutDown() {
        client.shutdown(0, 2, TimeUnit.SECONDS);
    }

    /** An answer may come when the way to Redis has just been shut: of the thread that brings it others wait for it. */
    @Test
    @Timeout(20)
    void what_is_owed_is_told_once_for_each_pulse_even_if_redis_cannot_be_told() {
        join(purges.purge(Purge.hard(new Purge.Scope.Tag("a"))));
        purges.settle();
        assertThat(purges.areKnown()).isFalse();
    }
}
