package io.cachingproxy.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
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
        RedisClusterProcesses cluster = new RedisClusterProcesses(masters);
        await(masters, RedisClusterProcesses::isWhole);
        return cluster;
    }

    private static void await(List<RedisProcess> nodes, Predicate<RedisProcess> state) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> nodes.stream().allMatch(state));
    }

    /** Stops a master as {@link RedisProcess#freeze} does, until the others answer CLUSTERDOWN. */
    public void stop(int master) {
        masters.get(master).freeze();
        List<RedisProcess> others = new ArrayList<>(masters);
        others.remove(master);
        await(others, node -> !isWhole(node));
    }

    /** Has it go on, until the cluster is whole. */
    public void goOn(int master) {
        masters.get(master).thaw();
        await(masters, RedisClusterProcesses::isWhole);
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

    /** Moves the slot of {@code key}, with all that is in it, to another master; {@code meanwhile} runs half way. */
    public void move(String key, Runnable meanwhile) {
        String slot = slot(key);
        RedisProcess from = master(key);
        RedisProcess to = masters.get((masters.indexOf(from) + 1) % MASTERS);
        to.command("CLUSTER", "SETSLOT", slot, "IMPORTING", id(from));
        from.command("CLUSTER", "SETSLOT", slot, "MIGRATING", id(to));
        meanwhile.run();
        for (List<?> keys = keys(from, slot); !keys.isEmpty(); keys = keys(from, slot)) {
            List<String> migrate =
                    new ArrayList<>(List.of("MIGRATE", "127.0.0.1", "" + to.port(), "", "0", "5000", "KEYS"));
            keys.forEach(name -> migrate.add(name.toString()));
            from.command(migrate.toArray(String[]::new));
        }
        for (RedisProcess node : List.of(to, from, masters.get((masters.indexOf(to) + 1) % MASTERS))) {
            node.command("CLUSTER", "SETSLOT", slot, "NODE", id(to));
        }
    }

    private String slot(String key) {
        return masters.get(0).command("CLUSTER", "KEYSLOT", key).toString();
    }

    /** The master that has the slot of {@code key}. */
    public RedisProcess master(String key) {
        int slot = Integer.parseInt(slot(key));
        return masters.stream().filter(node -> owns(node, slot)).findFirst().orElseThrow();
    }

    /** Has no node take another that does not answer for dead. */
    public void trustForever() {
        masters.forEach(master -> master.command("CONFIG", "SET", "cluster-node-timeout", "600000"));
    }

    private static String id(RedisProcess node) {
        return node.command("CLUSTER", "MYID").toString();
    }

    private static List<?> keys(RedisProcess node, String slot) {
        return (List<?>) node.command("CLUSTER", "GETKEYSINSLOT", slot, "100");
    }

    /** By its own account: [first, last, [address, port, id], ...] for each range. */
    private static boolean owns(RedisProcess node, int slot) {
        String id = id(node);
        return ((List<?>) node.command("CLUSTER", "SLOTS"))
                .stream()
                        .map(range -> (List<?>) range)
                        .filter(range -> (Long) range.get(0) <= slot && slot <= (Long) range.get(1))
                        .anyMatch(range -> ((List<?>) range.get(2)).get(2).equals(id));
    }

    @Override
    public void close() {
        masters.forEach(RedisProcess::close);
    }
}
