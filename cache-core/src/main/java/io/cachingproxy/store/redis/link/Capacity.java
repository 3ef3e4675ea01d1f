package io.cachingproxy.store.redis.link;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether Redis accepts new responses. It refuses them when {@code maxmemory} is reached and its policy permits no
 * eviction. Removals and purges still succeed, because their scripts begin with a command that needs no memory.
 */
public final class Capacity {

    /** How long fills are suspended after a refusal; renewed by each pulse while Redis is full. */
    private static final Duration REFUSES = Duration.ofSeconds(1);

    /**
     * Time without a refused write after which Redis counts as having room again: room comes and goes while entries
     * expire.
     */
    private static final Duration CALM = Duration.ofSeconds(5);

    private final RedisLink link;

    /** The key whose write was refused, in a cluster slot without room; null if there is room. */
    private volatile @Nullable String refusing;

    private volatile long refusedAt;

    public Capacity(RedisLink link) {
        this.link = link;
    }

    /** Whether fills are suspended. */
    public boolean isFull() {
        return refusing != null && isWithin(REFUSES);
    }

    private boolean isWithin(Duration time) {
        return System.nanoTime() - refusedAt < time.toNanos();
    }

    /** Evaluates the result of a write to {@code key}. */
    public synchronized void judge(String key, @Nullable Throwable failure) {
        if (failure != null && RedisLink.isFull(failure)) {
            if (refusing == null) {
                RedisLog.LOG.warn("Redis is full (maxmemory is reached, and nothing may be evicted):"
                        + " new responses are stored in the near cache only");
            }
            refusing = key;
            refusedAt = System.nanoTime();
        } else if (failure == null && refusing != null && !isWithin(CALM)) {
            refusing = null;
            RedisLog.LOG.info("Redis has room again: new responses are shared again");
        }
    }

    /** Tests whether there is room again; to be called several times a second. */
    public void probe(Duration deadline) {
        String key = refusing;
        if (key != null) {
            link.call(Operation.ROOM, deadline, () -> link.number(Script.ROOM, List.of(key)))
                    .whenComplete((done, failure) -> judge(key, failure));
        }
    }
}
