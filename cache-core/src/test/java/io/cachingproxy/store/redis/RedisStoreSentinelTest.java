package io.cachingproxy.store.redis;

import io.cachingproxy.testkit.RedisSentinelProcesses;
import io.cachingproxy.testkit.RedisServers;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;

class RedisStoreSentinelTest extends RedisStoreContract {
    @RegisterExtension
    static final RedisServers SERVERS = new RedisServers();

    @SuppressWarnings("NullAway.Init")
    private static RedisSentinelProcesses servers;

    @BeforeAll
    static void startServers() {
        servers = SERVERS.startSentinel();
    }

    @Override
    String url() {
        return servers.url();
    }
}
