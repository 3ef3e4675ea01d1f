package io.cachingproxy.store.redis;

import io.cachingproxy.testkit.RedisServers;
import org.junit.jupiter.api.extension.RegisterExtension;

class RedisStoreTest extends RedisStoreContract {
    @RegisterExtension
    static final RedisServers SERVERS = new RedisServers();

    @Override
    String url() {
        return SERVERS.url();
    }
}
