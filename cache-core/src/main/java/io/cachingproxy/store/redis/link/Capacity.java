package io.cachingproxy.store.redis.link;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether Redis accepts new responses. It refuses them when {@code maxmemory} is reached and its eviction policy lets it
 * evict nothing. Removals and purges go on: their scripts begin with a command that needs no memory.
 */
public final class Capacity {

    /** For how long no fill is tried after a refusal; renewed by each pulse while Redis is full. */
    private static final Duration REFUSES = Duration.ofSeconds(1);

    /** How long nothing may be refused until there is room again: it comes and goes where entries expire one by one. */
    private static final Duration CALM = Duration.ofSeconds(5);

    private final RedisLink link;

    /** What was written to when Redis refused, in whose slot of a cluster there is no room; null: there is room. */
    private volatile @Nullable String refusing;

    private volatile long refusedAt;

    public Capacity(RedisLink link) {
        this.link = link;
    }

    /** Whether fills are not worth trying now. */
    public boolean isFull() {
        return refusing != null && isWithin(REFUSES);
    }

    private boolean isWithin(Duration time) {
        return System.nanoTime() - refusedAt < time.toNanos();
    }

    /** What became of a command that writes to {@code key}. */
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

    /** Tries whether there is room again; to be called several times a second. */
    public void probe(Duration deadline) {
        String key = refusing;
        if (key != null) {
            link.call(deadline, () -> link.number(Script.ROOM, List.of(key)))
                    .whenComplete((done, failure) -> judge(key, failure));
        }
    }
}
