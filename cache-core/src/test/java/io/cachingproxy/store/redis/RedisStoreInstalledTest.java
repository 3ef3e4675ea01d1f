package io.cachingproxy.store.redis;

import io.cachingproxy.testkit.RedisBinary;
import io.cachingproxy.testkit.RedisServers;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract on the server that the machine has, which is newer than the embedded one. */
@Tag("faults")
class RedisStoreInstalledTest extends RedisStoreContract {
    @RegisterExtension
    static final RedisServers SERVERS = new RedisServers();

    @SuppressWarnings("NullAway.Init")
    private static String url;

    @BeforeAll
    static void startServer() {
        url = SERVERS.start(RedisBinary.INSTALLED).url();
    }

    @Override
    String url() {
        return url;
    }
}
