package io.cachingproxy.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.redisson.config.Config;
import org.redisson.config.SingleServerConfig;

class ConnectionsTest {
    @TempDir
    Path directory;

    private Config yaml(String text) throws IOException {
        return Connections.ofYaml(Files.writeString(directory.resolve("redisson.yaml"), text));
    }

    private static List<Integer> care(Config config, SingleServerConfig server) {
        return List.of(
                config.getThreads(),
                config.getNettyThreads(),
                server.getConnectionPoolSize(),
                server.getConnectionMinimumIdleSize(),
                server.getTimeout(),
                server.getConnectTimeout(),
                server.getRetryAttempts(),
                server.getPingConnectionInterval());
    }

    @Test
    void a_file_that_names_only_the_server_means_the_same_as_its_url() throws IOException {
        Config url = Connections.of(RedisUrl.parse("redis://localhost"));
        Config file = yaml("singleServerConfig:\n  address: redis://localhost:6379\n");
        assertThat(care(file, file.useSingleServer())).isEqualTo(care(url, url.useSingleServer()));
        assertThat(care(file, file.useSingleServer())).containsExactly(4, 4, 32, 4, 1000, 2000, 0, 1000);
    }

    @Test
    void what_the_file_says_stays() throws IOException {
        Config file = yaml("""
                threads: 2
                nettyThreads: 3
                singleServerConfig:
                  address: redis://localhost:6379
                  connectionPoolSize: 7
                  connectionMinimumIdleSize: 5
                  timeout: 400
                  connectTimeout: 500
                  retryAttempts: 1
                  pingConnectionInterval: 2000
                """);
        assertThat(care(file, file.useSingleServer())).containsExactly(2, 3, 7, 5, 400, 500, 1, 2000);
    }

    @Test
    void a_cluster_and_sentinels_have_few_idle_connections_too() throws IOException {
        Config cluster = yaml("clusterServersConfig:\n  nodeAddresses: [\"redis://localhost:6379\"]\n");
        assertThat(cluster.useClusterServers().getMasterConnectionMinimumIdleSize())
                .isEqualTo(4);
        Config url = Connections.of(RedisUrl.parse("redis-sentinel://localhost/mymaster"));
        assertThat(url.useSentinelServers().getMasterConnectionMinimumIdleSize())
                .isEqualTo(4);
    }
}
