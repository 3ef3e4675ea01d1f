package io.cachingproxy.testkit;

import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;

/** A master, a replica of it, and a sentinel that promotes the replica when the master dies. */
public record RedisSentinelProcesses(RedisProcess master, RedisProcess replica, RedisProcess sentinel)
        implements AutoCloseable {
    static RedisSentinelProcesses start() {
        RedisProcess master = RedisProcess.start("--repl-diskless-sync", "yes", "--repl-diskless-sync-delay", "0");
        RedisProcess replica = RedisProcess.start("--replicaof", "127.0.0.1", Integer.toString(master.port()));
        await(() -> replica.command("INFO", "replication").toString().contains("master_link_status:up"));
        RedisProcess sentinel = RedisProcess.startSentinel(master);
        await(() -> ((List<?>) sentinel.command("SENTINEL", "REPLICAS", "mymaster")).size() == 1);
        return new RedisSentinelProcesses(master, replica, sentinel);
    }

    private static void await(java.util.concurrent.Callable<Boolean> condition) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(50))
                .until(condition);
    }

    public String url() {
        return "redis-sentinel://127.0.0.1:" + sentinel.port() + "/mymaster";
    }

    @Override
    public void close() {
        List.of(sentinel, replica, master).forEach(RedisProcess::close);
    }
}
