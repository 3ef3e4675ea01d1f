package io.cachingproxy.store.redis;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.redisson.client.codec.ByteArrayCodec;
import org.redisson.config.BaseConfig;
import org.redisson.config.BaseMasterSlaveServersConfig;
import org.redisson.config.Config;
import org.redisson.config.EqualJitterDelay;
import org.redisson.config.ReadMode;
import org.redisson.config.SentinelServersConfig;
import org.redisson.config.SingleServerConfig;

/**
 * Configures Redisson: raw bytes, no retries, reconnection within a second, and reads from masters, because a replica
 * may still have removed entries.
 */
final class Connections {
    private static final Pattern SERVERS = Pattern.compile("Servers?Config");
    private static final int MOST_BYTES = 1 << 20;
    private static final int TIMEOUT = 1000;
    private static final int CONNECT_TIMEOUT = 2000;
    private static final int POOL = 32;
    private static final int IDLE = 4;
    private static final int PING = 1000;
    private static final int THREADS = 4;

    private Connections() {}

    static Config of(RedisUrl url) {
        Config config = new Config();
        config.setUsername(url.user());
        config.setPassword(url.password());
        String scheme = url.tls() ? "rediss://" : "redis://";
        List<String> nodes = url.addresses().stream().map(scheme::concat).toList();
        switch (url.topology()) {
            case SINGLE -> config.useSingleServer().setAddress(nodes.get(0)).setDatabase(url.database());
            case CLUSTER -> config.useClusterServers().setScanInterval(1000).setNodeAddresses(nodes);
            case SENTINEL ->
                config.useSentinelServers()
                        .setScanInterval(1000)
                        .setCheckSentinelsList(false)
                        .setMasterName(url.master())
                        .setDatabase(url.database())
                        .setSentinelAddresses(nodes);
        }
        return safe(config);
    }

    /**
     * Reads a Redisson YAML file. Codec, read mode and reconnection delay are overridden; threads, connections,
     * timeouts and retries are those of a URL unless the file differs from Redisson's defaults.
     *
     * @throws IllegalArgumentException if it cannot be read; the message is one line that names the file
     */
    static Config ofYaml(Path file) {
        Config config = parsed(file);
        if (config.isSingleConfig()) {
            String address = config.useSingleServer().getAddress();
            if (address == null || !address.matches("(redis|valkey)s?://.*")) {
                throw new IllegalArgumentException(file + ": the address begins with redis:// or rediss://");
            }
        }
        return safe(config);
    }

    private static Config parsed(Path file) {
        String text = text(file);
        try {
            Config config = Config.fromYAML(text);
            if (config != null && SERVERS.matcher(text).find()) {
                return config;
            }
            throw new IllegalArgumentException();
        } catch (RuntimeException e) {
            String message = e.getMessage();
            throw new IllegalArgumentException(file
                    + (message == null ? ": it names no servers, such as singleServerConfig" : YamlError.of(message)));
        }
    }

    /** The text of a regular file; a named pipe would block, and a device may have no end. */
    private static String text(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException(
                    file + (Files.exists(file) ? ": it is no regular file" : ": there is no such file"));
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw new IllegalArgumentException(file + ": it is longer than " + MOST_BYTES + " bytes");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalArgumentException(file + ": it cannot be read");
        }
    }

    private static Config safe(Config config) {
        config.setCodec(ByteArrayCodec.INSTANCE);
        config.setReferenceEnabled(false);
        config.setLazyInitialization(true);
        config.setThreads(given(config.getThreads(), new Config().getThreads(), THREADS));
        config.setNettyThreads(given(config.getNettyThreads(), new Config().getNettyThreads(), THREADS));
        if (config.isClusterConfig()) {
            many(config.useClusterServers());
        } else if (config.isSentinelConfig()) {
            many(config.useSentinelServers());
        } else if (config.isSingleConfig()) {
            one(config.useSingleServer());
        }
        return config;
    }

    /** The value in the file, if it differs from Redisson's default. */
    private static int given(int value, int redissons, int ours) {
        return value == redissons ? ours : value;
    }

    private static void one(SingleServerConfig server) {
        SingleServerConfig untold = new Config().useSingleServer();
        patient(server)
                .setConnectionPoolSize(given(server.getConnectionPoolSize(), untold.getConnectionPoolSize(), POOL))
                .setConnectionMinimumIdleSize(
                        given(server.getConnectionMinimumIdleSize(), untold.getConnectionMinimumIdleSize(), IDLE));
    }

    private static <T extends BaseMasterSlaveServersConfig<T>> void many(T servers) {
        SentinelServersConfig untold = new Config().useSentinelServers();
        patient(servers)
                .setReadMode(ReadMode.MASTER)
                .setMasterConnectionPoolSize(
                        given(servers.getMasterConnectionPoolSize(), untold.getMasterConnectionPoolSize(), POOL))
                .setMasterConnectionMinimumIdleSize(given(
                        servers.getMasterConnectionMinimumIdleSize(),
                        untold.getMasterConnectionMinimumIdleSize(),
                        IDLE));
    }

    private static <T extends BaseConfig<T>> T patient(T servers) {
        SingleServerConfig untold = new Config().useSingleServer();
        return servers.setTimeout(given(servers.getTimeout(), untold.getTimeout(), TIMEOUT))
                .setConnectTimeout(given(servers.getConnectTimeout(), untold.getConnectTimeout(), CONNECT_TIMEOUT))
                .setRetryAttempts(given(servers.getRetryAttempts(), untold.getRetryAttempts(), 0))
                .setPingConnectionInterval(
                        given(servers.getPingConnectionInterval(), untold.getPingConnectionInterval(), PING))
                .setReconnectionDelay(new EqualJitterDelay(Duration.ofMillis(100), Duration.ofSeconds(1)));
    }
}
