package io.cachingproxy.store.redis;

import static io.cachingproxy.store.Responses.join;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.Purge;
import io.cachingproxy.testkit.RedisProcess;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.redisson.Redisson;

class PurgesTest {
    private final Redisson client =
            (Redisson) Redisson.create(Connections.of(RedisUrl.parse("redis://127.0.0.1:" + RedisProcess.freePort())));
    private final NearCache near =
            new NearCache(new MemoryStore(1 << 20, 1 << 10), Duration.ofDays(1), Duration.ofDays(1), () -> false);
    private final RedisLink link = new RedisLink(client, "cp:control", Duration.ofMillis(50));
    private final Stamps stamps = new Stamps();
    private final Purges purges = new Purges(
            link,
            new Control(link, new KeyNames("cp"), stamps, "node"),
            new KnownPurges(near),
            stamps,
            "node",
            Duration.ofMillis(50));

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
