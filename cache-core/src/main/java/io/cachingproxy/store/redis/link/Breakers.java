package io.cachingproxy.store.redis.link;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.redisson.Redisson;
import org.redisson.connection.ConnectionManager;
import org.redisson.connection.MasterSlaveEntry;

/**
 * The circuit breakers of all servers: one for the server with the control key, which every operation needs, and one
 * for each other master of a cluster, so that a hung master affects only its own keys.
 */
final class Breakers {

    private final Redisson client;
    private final String control;
    private final Duration deadline;
    private final Runnable opened;
    private final Breaker main;
    private final LongAdder openings = new LongAdder();
    private final Map<MasterSlaveEntry, Shard> shards = new ConcurrentHashMap<>();

    /**
     * A master of a cluster.
     *
     * @param name of a key on it, for probes
     */
    record Shard(MasterSlaveEntry master, Breaker breaker, String name) {
        String address() {
            return String.valueOf(master.getClient().getAddr());
        }
    }

    /**
     * Creates the breakers.
     *
     * @param control the name of the control key
     * @param opened run each time that a breaker opens
     */
    Breakers(Redisson client, String control, Duration deadline, Runnable opened) {
        this.client = client;
        this.control = control;
        this.deadline = deadline;
        this.opened = () -> {
            openings.increment();
            opened.run();
        };
        this.main = new Breaker(deadline, System::nanoTime, this.opened);
    }

    /** The state of each breaker, the main one first. */
    List<BreakerState> states() {
        List<BreakerState> states = new ArrayList<>(List.of(main.state("main")));
        shards.values().forEach(shard -> states.add(shard.breaker().state(shard.address())));
        return states;
    }

    /** How often a breaker has opened. */
    long openings() {
        return openings.sum();
    }

    /** The breaker of the server with the control key. */
    Breaker main() {
        return main;
    }

    /** Whether the server with the key of this name may be called. */
    boolean isClosed(String name) {
        return main.isClosed() && of(name).isClosed();
    }

    /** Whether a client's request should wait for that server; see {@link Breaker#isPrompt}. */
    boolean isPrompt(String name) {
        return main.isPrompt() && of(name).isPrompt();
    }

    /** Whether a client's request should wait for several answers of that server; see {@link Breaker#isQuick}. */
    boolean isQuick(String name) {
        return main.isPrompt() && of(name).isQuick();
    }

    /** The breaker of the server with the key of this name; to be called once the main one has been closed. */
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

    /** The open breakers, except the main one. */
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

    /** Records a probe of a shard. */
    void probed(Shard shard, long nanos, @Nullable Throwable failure) {
        boolean before = shard.breaker().isClosed();
        shard.breaker().probed(nanos, failure);
        if (!before && shard.breaker().isClosed()) {
            RedisLog.LOG.info("Redis at {} is back: its part of the keys is shared again", shard.address());
        }
    }
}
