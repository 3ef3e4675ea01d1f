package io.cachingproxy.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/** A cluster of three masters without replicas, its slots dealt evenly. */
public record RedisClusterProcesses(List<RedisProcess> masters) implements AutoCloseable {
    private static final int SLOTS = 16384;
    private static final int MASTERS = 3;

    static RedisClusterProcesses start() {
        List<RedisProcess> masters = new ArrayList<>();
        for (int i = 0; i < MASTERS; i++) {
            RedisProcess master = RedisProcess.start("--cluster-enabled", "yes", "--cluster-node-timeout", "2000");
            master.command(slots(i * SLOTS / MASTERS, (i + 1) * SLOTS / MASTERS));
            master.command("CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(i + 1));
            masters.add(master);
        }
        masters.forEach(
                master -> masters.get(0).command("CLUSTER", "MEET", "127.0.0.1", Integer.toString(master.port())));
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> masters.stream().allMatch(RedisClusterProcesses::isWhole));
        return new RedisClusterProcesses(masters);
    }

    private static String[] slots(int from, int to) {
        List<String> words = new ArrayList<>(List.of("CLUSTER", "ADDSLOTS"));
        for (int slot = from; slot < to; slot++) {
            words.add(Integer.toString(slot));
        }
        return words.toArray(String[]::new);
    }

    private static boolean isWhole(RedisProcess node) {
        String info = node.command("CLUSTER", "INFO").toString();
        return info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:" + MASTERS);
    }

    /** The URL that names all of them. */
    public String url() {
        return "redis://"
                + String.join(
                        ",", masters.stream().map(m -> "127.0.0.1:" + m.port()).toList());
    }

    @Override
    public void close() {
        masters.forEach(RedisProcess::close);
    }
}
