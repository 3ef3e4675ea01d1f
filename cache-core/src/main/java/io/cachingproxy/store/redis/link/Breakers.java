package io.cachingproxy.store.redis.link;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.redisson.Redisson;
import org.redisson.connection.ConnectionManager;
import org.redisson.connection.MasterSlaveEntry;

/**
 * The circuit breakers of all servers: one for that with the control key, without which nothing works, and one for each
 * other master of a cluster, so that a hung one costs only its own keys.
 */
final class Breakers {

    private final Redisson client;
    private final String control;
    private final Duration deadline;
    private final Runnable opened;
    private final Breaker main;
    private final Map<MasterSlaveEntry, Shard> shards = new ConcurrentHashMap<>();

    /**
     * A master of a cluster.
     *
     * @param name a key of it, for probes
     */
    record Shard(MasterSlaveEntry master, Breaker breaker, String name) {
        String address() {
            return String.valueOf(master.getClient().getAddr());
        }
    }

    /**
     * The breakers.
     *
     * @param control the name of the control key
     * @param opened run each time that one opens
     */
    Breakers(Redisson client, String control, Duration deadline, Runnable opened) {
        this.client = client;
        this.control = control;
        this.deadline = deadline;
        this.opened = opened;
        this.main = new Breaker(deadline, System::nanoTime, opened);
    }

    /** That of the server with the control key. */
    Breaker main() {
        return main;
    }

    /** Whether the key of this name can be reached. */
    boolean isClosed(String name) {
        return main.isClosed() && of(name).isClosed();
    }

    /** Whether a client's request should wait for it; see {@link Breaker#isPrompt}. */
    boolean isPrompt(String name) {
        return main.isPrompt() && of(name).isPrompt();
    }

    /** Whether it should wait for several answers about it; see {@link Breaker#isQuick}. */
    boolean isQuick(String name) {
        return main.isPrompt() && of(name).isQuick();
    }

    /** That of the server with the key of this name; to be called once the main one has been closed. */
    Breaker of(String name) {
        if (!client.getConfig().isClusterConfig()) {
            return main;
        }
        ConnectionManager manager = client.getCommandExecutor().getConnectionManager();
        MasterSlaveEntry master = manager.getEntry(manager.calcSlot(name));
        if (master == null || master == manager.getEntry(manager.calcSlot(control))) {
            return main;
        }
        Shard shard = shards.get(master);
        return (shard == null ? shards.computeIfAbsent(master, m -> shard(m, name)) : shard).breaker();
    }

    private Shard shard(MasterSlaveEntry master, String name) {
        Breaker breaker = Breaker.closed(deadline, System::nanoTime, () -> {
            Shard shard = shards.get(master);
            if (shard != null) {
                RedisLog.LOG.warn(
                        "Redis at {} is not reachable ({}): its part of the keys is not shared",
                        shard.address(),
                        shard.breaker().reason());
            }
            opened.run();
        });
        return new Shard(master, breaker, name);
    }

    /** Those that are open, apart from the main one. */
    List<Shard> openShards() {
        if (shards.isEmpty()) {
            return List.of();
        }
        shards.keySet()
                .retainAll(client.getCommandExecutor().getConnectionManager().getEntrySet());
        return shards.values().stream()
                .filter(shard -> !shard.breaker().isClosed())
                .toList();
    }

    /** A probe of a shard ended. */
    void probed(Shard shard, long nanos, @Nullable Throwable failure) {
        boolean before = shard.breaker().isClosed();
        shard.breaker().probed(nanos, failure);
        if (!before && shard.breaker().isClosed()) {
            RedisLog.LOG.info("Redis at {} is back: its part of the keys is shared again", shard.address());
        }
    }
}
