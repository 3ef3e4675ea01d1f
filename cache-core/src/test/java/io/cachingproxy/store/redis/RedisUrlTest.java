package io.cachingproxy.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachingproxy.store.redis.RedisUrl.Topology;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedisUrlTest {
    @Test
    void one_host_is_a_single_server_on_the_default_port() {
        assertThat(RedisUrl.parse("redis://localhost"))
                .isEqualTo(new RedisUrl(Topology.SINGLE, false, List.of("localhost:6379"), null, null, 0, null));
    }

    @Test
    void user_password_port_and_database_are_taken() {
        assertThat(RedisUrl.parse("rediss://me:p%40ss+word@redis.example:7000/3"))
                .isEqualTo(
                        new RedisUrl(Topology.SINGLE, true, List.of("redis.example:7000"), "me", "p@ss+word", 3, null));
    }

    @Test
    void a_password_needs_no_user() {
        assertThat(RedisUrl.parse("redis://:secret@localhost").user()).isNull();
        assertThat(RedisUrl.parse("redis://:secret@localhost").password()).isEqualTo("secret");
    }

    @Test
    void a_list_is_a_cluster_with_or_without_schemes() {
        RedisUrl cluster = RedisUrl.parse("redis://a:1,b:2");
        assertThat(cluster.topology()).isEqualTo(Topology.CLUSTER);
        assertThat(cluster.addresses()).containsExactly("a:1", "b:2");
        assertThat(RedisUrl.parse("redis://a:1,redis://b:2")).isEqualTo(cluster);
    }

    @Test
    void one_node_of_a_cluster_is_enough() {
        assertThat(RedisUrl.parse("redis-cluster://a").topology()).isEqualTo(Topology.CLUSTER);
        assertThat(RedisUrl.parse("rediss-cluster://a").tls()).isTrue();
    }

    @Test
    void valkey_is_another_name_for_the_same() {
        for (String rest : List.of("://u:p@a:1/2", "://a:1,b:2", "-cluster://a", "-sentinel://a/mymaster")) {
            assertThat(RedisUrl.parse("valkey" + rest)).isEqualTo(RedisUrl.parse("redis" + rest));
            assertThat(RedisUrl.parse("valkeys" + rest)).isEqualTo(RedisUrl.parse("rediss" + rest));
        }
        assertThat(RedisUrl.parse("valkeys://a:1,valkeys://b:2").tls()).isTrue();
    }

    @Test
    void sentinels_name_their_master() {
        RedisUrl url = RedisUrl.parse("redis-sentinel://u:p@a,b:5/mymaster/2");
        assertThat(url.topology()).isEqualTo(Topology.SENTINEL);
        assertThat(url.addresses()).containsExactly("a:26379", "b:5");
        assertThat(url.master()).isEqualTo("mymaster");
        assertThat(url.database()).isEqualTo(2);
    }

    @Test
    void an_ipv6_address_stands_in_brackets() {
        assertThat(RedisUrl.parse("redis://[::1]:7000").addresses()).containsExactly("[::1]:7000");
    }

    @Test
    void user_and_password_are_not_printed() {
        assertThat(RedisUrl.parse("redis-sentinel://me:hush@a/m/1")).hasToString("redis-sentinel://a:26379/m/1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost",
                "http://localhost",
                "redis://",
                "redis://hush:hush",
                "redis://a:hush@",
                "redis://hush@localhost",
                "redis://:hush@localhost:0",
                "redis://:hush@localhost:65536",
                "redis://:hush@localhost:1:2",
                "redis://:hush@localhost/x",
                "redis://:hush@a,b/1",
                "redis://:hush@a,rediss://b",
                "redis://:hush%zz@localhost",
                "redis://:hush@a,,b",
                "redis://:hush@a b",
                "redis://:hu/sh@localhost",
                "redis://me:1/hush@localhost",
                "redis-sentinel://me:1/hush@localhost",
                "redis://me:1/hush",
                "redis-sentinel://:hush@a",
                "redis-sentinel://:hush@a/m/x",
                "redis-sentinel://:hush@a//1",
                "redisx://:hush@a",
            })
    void what_is_no_redis_url_is_said_in_one_line_without_the_password(String url) {
        assertThatThrownBy(() -> RedisUrl.parse(url))
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(e -> assertThat(e.getMessage())
                        .isNotBlank()
                        .doesNotContain("\n")
                        .doesNotContain("hush"));
    }

    @Test
    void a_yaml_file_that_is_none_is_named_with_the_place_and_without_its_content(@TempDir Path directory)
            throws IOException {
        Path file = Files.writeString(directory.resolve("redisson.yaml"), "singleServerConfig:\n  password: [hush\n");
        assertThatThrownBy(() -> RedisStore.configuredBy(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("redisson.yaml:")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n").doesNotContain("hush"));
        assertThatThrownBy(() -> RedisStore.configuredBy(directory.resolve("none.yaml")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("none.yaml: there is no such file");
    }

    @Test
    void a_prefix_cannot_hold_a_pattern() {
        assertThatThrownBy(() -> RedisStore.at("redis://localhost").prefix("a*"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
