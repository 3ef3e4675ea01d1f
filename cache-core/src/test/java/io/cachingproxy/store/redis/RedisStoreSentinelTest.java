package io.cachingproxy.store.redis;

import static io.cachingproxy.testkit.StoredResponses.bodies;
import static io.cachingproxy.testkit.StoredResponses.find;
import static io.cachingproxy.testkit.StoredResponses.key;
import static io.cachingproxy.testkit.StoredResponses.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.testkit.RedisSentinelProcesses;
import io.cachingproxy.testkit.RedisServers;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("faults")
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

    @Test
    void it_goes_on_with_the_replica_when_the_master_dies() {
        RedisSentinelProcesses own = SERVERS.startSentinel();
        try (RedisStore failing = Stores.ready(RedisStore.at(own.url()))) {
            store(failing, key, "hello");
            await().until(() ->
                    own.replica().command("DBSIZE").equals(own.master().command("DBSIZE")));
            own.master().kill();
            assertThat(find(failing, key("/nothing"))).isEmpty();
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> String.valueOf(own.replica().command("ROLE")).contains("master"));
            await().atMost(Duration.ofSeconds(20)).until(failing::isReachable);
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> bodies(failing, key).equals(List.of("hello")));
            await().atMost(Duration.ofSeconds(10)).until(() -> store(failing, key("/new"), "new"));
        }
    }
}
