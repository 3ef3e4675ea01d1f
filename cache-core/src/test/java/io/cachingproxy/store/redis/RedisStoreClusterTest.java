package io.cachingproxy.store.redis;

import io.cachingproxy.testkit.RedisClusterProcesses;
import io.cachingproxy.testkit.RedisServers;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;

class RedisStoreClusterTest extends RedisStoreContract {
    @RegisterExtension
    static final RedisServers SERVERS = new RedisServers();

    @SuppressWarnings("NullAway.Init")
    private static RedisClusterProcesses servers;

    @BeforeAll
    static void startServers() {
        servers = SERVERS.startCluster();
    }

    @Override
    String url() {
        return servers.url();
    }
}
