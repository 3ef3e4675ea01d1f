package io.cachingproxy.store.redis;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
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
import org.redisson.config.SingleServerConfig;

/**
 * How Redisson is set up: bytes only, nothing retried behind our back, reconnecting within a second, and read from
 * masters, since a replica may still have what was removed.
 */
final class Connections {
    private static final Pattern SERVERS = Pattern.compile("Servers?Config");
    private static final int TIMEOUT = 1000;
    private static final int CONNECT_TIMEOUT = 2000;
    private static final int POOL = 32;
    private static final int IDLE = 4;

    private Connections() {}

    static Config of(RedisUrl url) {
        Config config = new Config();
        config.setUsername(url.user());
        config.setPassword(url.password());
        String scheme = url.tls() ? "rediss://" : "redis://";
        List<String> nodes = url.addresses().stream().map(scheme::concat).toList();
        switch (url.topology()) {
            case SINGLE ->
                one(config.useSingleServer()).setAddress(nodes.get(0)).setDatabase(url.database());
            case CLUSTER ->
                many(config.useClusterServers()).setScanInterval(1000).setNodeAddresses(nodes);
            case SENTINEL ->
                many(config.useSentinelServers())
                        .setScanInterval(1000)
                        .setCheckSentinelsList(false)
                        .setMasterName(url.master())
                        .setDatabase(url.database())
                        .setSentinelAddresses(nodes);
        }
        config.setThreads(4);
        config.setNettyThreads(4);
        return safe(config);
    }

    /**
     * The configuration in a Redisson YAML file, whose codec and read mode are overridden.
     *
     * @throws IllegalArgumentException if it cannot be read; the message is one line that names the file
     */
    static Config ofYaml(Path file) {
        Config config = parsed(file);
        if (config.isClusterConfig()) {
            config.useClusterServers().setReadMode(ReadMode.MASTER);
        } else if (config.isSentinelConfig()) {
            config.useSentinelServers().setReadMode(ReadMode.MASTER);
        } else if (config.isSingleConfig()) {
            String address = config.useSingleServer().getAddress();
            if (address == null || !address.matches("(redis|valkey)s?://.*")) {
                throw new IllegalArgumentException(file + ": the address begins with redis:// or rediss://");
            }
        }
        return safe(config);
    }

    private static Config parsed(Path file) {
        try {
            String text = Files.readString(file);
            Config config = Config.fromYAML(text);
            if (config != null && SERVERS.matcher(text).find()) {
                return config;
            }
            throw new IllegalArgumentException();
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException(file + ": there is no such file");
        } catch (IOException e) {
            throw new IllegalArgumentException(file + ": it cannot be read");
        } catch (RuntimeException e) {
            String message = e.getMessage();
            throw new IllegalArgumentException(file
                    + (message == null
                            ? ": it names no servers, such as singleServerConfig"
                            : YamlComplaint.of(message)));
        }
    }

    private static Config safe(Config config) {
        config.setCodec(ByteArrayCodec.INSTANCE);
        config.setReferenceEnabled(false);
        config.setLazyInitialization(true);
        return config;
    }

    private static SingleServerConfig one(SingleServerConfig server) {
        return patient(server).setConnectionPoolSize(POOL).setConnectionMinimumIdleSize(IDLE);
    }

    private static <T extends BaseMasterSlaveServersConfig<T>> T many(T servers) {
        return patient(servers)
                .setReadMode(ReadMode.MASTER)
                .setMasterConnectionPoolSize(POOL)
                .setMasterConnectionMinimumIdleSize(IDLE);
    }

    private static <T extends BaseConfig<T>> T patient(T servers) {
        return servers.setTimeout(TIMEOUT)
                .setConnectTimeout(CONNECT_TIMEOUT)
                .setRetryAttempts(0)
                .setPingConnectionInterval(1000)
                .setReconnectionDelay(new EqualJitterDelay(Duration.ofMillis(100), Duration.ofSeconds(1)));
    }
}
