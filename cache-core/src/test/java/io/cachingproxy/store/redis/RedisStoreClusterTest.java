package io.cachingproxy.store.redis;

import static io.cachingproxy.store.Responses.join;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachingproxy.testkit.RedisClusterProcesses;
import io.cachingproxy.testkit.RedisServers;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
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

    @Test
    void a_cluster_that_is_taken_for_one_server_is_said_in_words() {
        String one = "redis://127.0.0.1:" + servers.masters().get(0).port() + "/0";
        for (String prefix : new String[] {"a", "b", "c", "d", "e", "f"}) {
            try (RedisStore wrong = RedisStore.at(one).prefix(prefix).open()) {
                join(wrong.clearOrFail().handle((keys, failure) -> {
                    assertThat(failure == null ? "it is a cluster" : failure.getMessage())
                            .contains("it is a cluster");
                    return null;
                }));
            }
        }
    }

    @Test
    void one_server_that_is_taken_for_a_cluster_is_said_in_words() {
        String cluster = SERVERS.start().url().replace("redis:", "redis-cluster:");
        try (RedisStore wrong = RedisStore.at(cluster).open()) {
            assertThatThrownBy(() -> join(wrong.clearOrFail())).cause().hasMessageContaining("it is no cluster");
        }
    }
}
