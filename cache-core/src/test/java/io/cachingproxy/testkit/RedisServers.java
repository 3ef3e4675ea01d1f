package io.cachingproxy.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;

/**
 * Real Redis servers for a test class: {@code @RegisterExtension static final RedisServers redis = new
 * RedisServers();}.
 *
 * <p>{@link #url()} is one for everything that does no harm to it: {@code REDIS_URL} if the environment has it, else a
 * container where Docker answers, else a process of the binary that embedded-redis carries. {@link #start} gives
 * processes of one's own, to be killed and stopped. All end with the class.
 */
public final class RedisServers implements AfterAllCallback {
    private final List<AutoCloseable> started = new ArrayList<>();
    private @Nullable String url;

    /** The shared server, which other tests may use at the same time: use a prefix of your own. */
    public synchronized String url() {
        if (url == null) {
            url = given();
        }
        return url;
    }

    private String given() {
        String given = System.getenv("REDIS_URL");
        if (given != null && !given.isBlank()) {
            return given;
        }
        return hasDocker() ? container() : start().url();
    }

    private static boolean hasDocker() {
        boolean configured = System.getenv("DOCKER_HOST") != null || Files.exists(Path.of("/var/run/docker.sock"));
        return configured && DockerClientFactory.instance().isDockerAvailable();
    }

    private String container() {
        GenericContainer<?> container = new GenericContainer<>("redis:7-alpine").withExposedPorts(6379);
        container.start();
        started.add(container);
        return "redis://" + container.getHost() + ":" + container.getMappedPort(6379);
    }

    /** A server process of one's own, with these {@code redis-server} options. */
    public RedisProcess start(String... options) {
        return start(RedisBinary.EMBEDDED, options);
    }

    /** The same with this binary; the test is skipped where there is none. */
    public synchronized RedisProcess start(RedisBinary binary, String... options) {
        RedisProcess process = RedisProcess.start(binary, options);
        started.add(process);
        return process;
    }

    /** A cluster of three masters. */
    public synchronized RedisClusterProcesses startCluster() {
        RedisClusterProcesses cluster = RedisClusterProcesses.start();
        started.add(cluster);
        return cluster;
    }

    /** A master with one replica and one sentinel. */
    public synchronized RedisSentinelProcesses startSentinel() {
        RedisSentinelProcesses sentinel = RedisSentinelProcesses.start();
        started.add(sentinel);
        return sentinel;
    }

    @Override
    public synchronized void afterAll(ExtensionContext context) throws Exception {
        for (AutoCloseable server : started) {
            server.close();
        }
        started.clear();
        url = null;
    }
}
