package io.cachingproxy.store.redis;

import static io.cachingproxy.testkit.StoredResponses.bodies;
import static io.cachingproxy.testkit.StoredResponses.find;
import static io.cachingproxy.testkit.StoredResponses.join;
import static io.cachingproxy.testkit.StoredResponses.key;
import static io.cachingproxy.testkit.StoredResponses.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.testkit.Certificate;
import io.cachingproxy.testkit.RedisProcess;
import io.cachingproxy.testkit.RedisServers;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A Redis that speaks TLS: whoever cannot prove to be it gets nothing. */
class RedisTlsTest {
    @RegisterExtension
    static final RedisServers SERVERS = new RedisServers();

    private final CacheKey key = key("/a");

    @TempDir
    private Path ours;

    @TempDir
    private Path theirs;

    @Test
    void a_redis_with_a_certificate_that_is_trusted_is_shared() throws Exception {
        Certificate certificate = Certificate.in(ours, "ip:127.0.0.1");
        try (RedisStore store = open(start(certificate), certificate)) {
            Stores.awaitReady(store);
            await().until(() -> store(store, key, "hello"));
            assertThat(bodies(store, key)).containsExactly("hello");
        }
    }

    @Test
    void a_connection_without_tls_to_a_redis_with_it_is_named_as_a_cause() throws Exception {
        int port = start(Certificate.in(ours, "ip:127.0.0.1"));
        try (RedisStore plain = RedisStore.at("redis://127.0.0.1:" + port).open()) {
            assertThatThrownBy(() -> join(plain.clearOrFail())).cause().hasMessageContaining("TLS (rediss://)");
        }
    }

    @Test
    @Tag("faults")
    void a_redis_with_a_certificate_of_someone_else_is_not_talked_to() throws Exception {
        Certificate trusted = Certificate.in(ours, "ip:127.0.0.1");
        assertRefused(start(Certificate.in(theirs, "ip:127.0.0.1")), trusted);
    }

    @Test
    @Tag("faults")
    void a_redis_with_a_certificate_for_another_host_is_not_talked_to() throws Exception {
        Certificate certificate = Certificate.in(ours, "dns:elsewhere.example,ip:127.0.0.2");
        assertRefused(start(certificate), certificate);
    }

    /** Nothing of it is used, and everything goes on. */
    private void assertRefused(int port, Certificate trusted) throws Exception {
        try (RedisStore store = open(port, trusted)) {
            assertThatThrownBy(() -> join(store.clearOrFail()))
                    .cause()
                    .hasMessageStartingWith("Redis is not reachable");
            assertThat(store.isReachable()).isFalse();
            assertThat(find(store, key)).isEmpty();
            assertThat(store(store, key, "near")).isTrue();
            assertThat(bodies(store, key)).containsExactly("near");
        }
    }

    /** The port that speaks TLS. */
    private static int start(Certificate certificate) {
        int port = RedisProcess.freePort();
        SERVERS.start(
                "--tls-port",
                Integer.toString(port),
                "--tls-cert-file",
                certificate.chain().toString(),
                "--tls-key-file",
                certificate.key().toString(),
                "--tls-ca-cert-file",
                certificate.chain().toString(),
                "--tls-auth-clients",
                "no");
        return port;
    }

    private RedisStore open(int port, Certificate trusted) throws Exception {
        Path yaml = Files.writeString(
                ours.resolve("redis.yaml"), """
                singleServerConfig:
                  address: "rediss://127.0.0.1:%d"
                sslTruststore: "%s"
                sslTruststorePassword: "%s"
                sslKeystoreType: PKCS12
                """.formatted(port, trusted.store().toUri(), Certificate.PASSWORD));
        return RedisStore.configuredBy(yaml).open();
    }
}
