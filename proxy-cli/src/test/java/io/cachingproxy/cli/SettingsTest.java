package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.cli.config.ByteSize;
import io.cachingproxy.http.AddressRanges;
import io.cachingproxy.jetty.Limits;
import io.cachingproxy.jetty.debug.DebugTokens;
import io.cachingproxy.origin.OriginProtocol;
import io.cachingproxy.origin.OriginTimeouts;
import io.cachingproxy.policy.Policy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
    private static final String ORIGIN = "http://a.org";
    private static final String LOCAL = "redis://localhost:6379";

    @TempDir
    private Path folder;

    private Path yaml;

    @BeforeEach
    void writeYaml() throws IOException {
        yaml = Files.writeString(folder.resolve("redis.yaml"), "singleServerConfig: {address: 'redis://h:1'}");
    }

    @Test
    void an_origin_is_all_that_is_needed() {
        Settings settings = settings("--origin", "https://example.org/api");
        assertThat(settings.routes().url()).contains(URI.create("https://example.org/api"));
        assertThat(settings.host()).isEqualTo("127.0.0.1");
        assertThat(settings.port()).isEqualTo(new Port(8000));
        assertThat(settings.admin().map(Settings.Admin::port)).contains(new Port(8001));
        assertThat(settings.policy()).isEqualTo(Policy.standard(Duration.ofSeconds(300)));
        assertThat(settings.storage().redis()).isEmpty();
        assertThat(settings.storage().memory().bytes()).isPositive().isLessThanOrEqualTo(256_000_000);
        assertThat(settings.storage().maxObject()).isEqualTo(ByteSize.megabytes(32));
    }

    @Test
    void the_environment_is_named_without_its_values() {
        assertThat(new EnvironmentDefaults(Map.of("REDIS_URL", "redis://:secret@h"), FileOptions.NONE).toString())
                .doesNotContain("secret");
    }

    @Test
    void a_debug_token_of_the_command_is_one_of_the_secret_in_the_file_and_a_short_secret_is_refused()
            throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), "a secret of many bytes\n");
        CommandLineRun made = CommandLineRun.of("debug-token", "--secret-file", "" + secret, "--expires", "2h");
        assertThat(made.exitCode()).isZero();
        DebugTokens tokens = settings(
                        "--origin", ORIGIN, "--debug-secret-file", "" + secret, "--no-admin", "--redact", "a")
                .connections()
                .peers()
                .debug()
                .orElseThrow();
        String token = made.out().strip();
        Instant now = Instant.now();
        assertThat(tokens.accepts(token, now.plus(Duration.ofMinutes(119)))).isTrue();
        assertThat(tokens.accepts(token, now.plus(Duration.ofMinutes(121)))).isFalse();

        Path tooShort = Files.writeString(folder.resolve("short"), "too short\n\n\n\n\n\n\n");
        CommandLineRun.of("debug-token", "--secret-file", "" + tooShort)
                .assertWrongUsage(tooShort + ": the secret is shorter than 16 bytes");
    }

    @Test
    void a_free_port_is_asked_for_twice() {
        assertThat(settings("--origin", ORIGIN, "--port", "0").admin().map(Settings.Admin::port))
                .contains(new Port(0));
    }

    @Test
    void the_admin_listener_moves_or_goes() {
        assertThat(settings("--origin", ORIGIN, "--admin-port", "9").admin().map(Settings.Admin::port))
                .contains(new Port(9));
        assertThat(settings("--origin", ORIGIN, "--no-admin").admin()).isEmpty();
    }

    @Test
    void a_policy_is_named() {
        assertThat(settings("--origin", ORIGIN, "--default-ttl", "5m").policy())
                .isEqualTo(Policy.standard(Duration.ofMinutes(5)));
        assertThat(settings("--origin", ORIGIN, "--policy", "rfc9111").policy()).isEqualTo(Policy.rfc9111());
        assertThat(settings("--origin", ORIGIN, "--policy", "Override", "--ttl", "1h")
                        .policy())
                .isEqualTo(Policy.override(Duration.ofHours(1)));
    }

    @Test
    void redis_without_a_value_is_the_local_one() {
        assertThat(redis(Map.of(), "--origin", ORIGIN, "--redis")).contains(redis("redis://localhost:6379", "cp"));
        assertThat(redis(Map.of(), "--redis", "--origin", ORIGIN)).contains(redis("redis://localhost:6379", "cp"));
    }

    @Test
    void redis_has_a_url_and_a_prefix() {
        assertThat(redis(Map.of(), "--origin", ORIGIN, "--redis=redis://u:p@h:1/2", "--redis-prefix", "mine"))
                .contains(redis("redis://u:p@h:1/2", "mine"));
        assertThat(redis(Map.of(), "--origin", ORIGIN, "--redis", "redis://h:1"))
                .contains(redis("redis://h:1", "cp"));
    }

    @Test
    void redis_may_be_waited_for_longer_and_without_leases() {
        assertThat(redis(Map.of(), "--origin", ORIGIN, "--redis", "--redis-deadline", "90ms", "--no-redis-leases"))
                .contains(new Settings.Redis(new RedisAddress.Url(LOCAL), "cp", Duration.ofMillis(90), false));
    }

    @Test
    void redis_may_be_described_by_a_file_which_goes_before_the_environment() {
        RedisAddress file = new RedisAddress.ConfigFile(yaml);
        Map<String, String> environment = Map.of("REDIS_URL", "redis://h:1");
        assertThat(redis(environment, "--origin", ORIGIN, "--redis-config", yaml.toString())
                        .map(Settings.Redis::address))
                .contains(file);
        assertThat(redis(Map.of("CACHING_PROXY_REDIS_CONFIG", yaml.toString()), "--origin", ORIGIN)
                        .map(Settings.Redis::address))
                .contains(file);
        assertThat(redis(Map.of("CACHING_PROXY_REDIS_CONFIG", yaml.toString()), "--origin", ORIGIN, "--redis")
                        .map(Settings.Redis::address))
                .contains(new RedisAddress.Url(LOCAL));
    }

    @Test
    void the_admin_listener_is_elsewhere_only_with_a_token() throws IOException {
        Path token = Files.writeString(folder.resolve("token"), "open-sesame\n");
        Settings.Admin admin = settings("--origin", ORIGIN, "--admin-host", "0.0.0.0", "--admin-token-file", "" + token)
                .admin()
                .orElseThrow();
        assertThat(admin.host()).isEqualTo("0.0.0.0");
        assertThat(admin.token().orElseThrow().authorization()).isEqualTo("Bearer open-sesame");
        assertThat(admin.toString()).doesNotContain("sesame");
    }

    @Test
    void purge_is_taken_from_nobody_or_from_where_one_may() throws IOException {
        assertThat(settings("--origin", ORIGIN)
                        .connections()
                        .peers()
                        .purgeFrom()
                        .isEmpty())
                .isTrue();
        AddressRanges ranges = settings("--origin", ORIGIN, "--purge-from", "10.0.0.0/8,::1")
                .connections()
                .peers()
                .purgeFrom();
        assertThat(ranges.contains(InetAddress.getByName("10.9.8.7"))).isTrue();
        assertThat(ranges.contains(InetAddress.getByName("::1"))).isTrue();
        assertThat(ranges.contains(InetAddress.getByName("11.0.0.1"))).isFalse();
        assertThat(ranges.contains(InetAddress.getByName("::2"))).isFalse();
    }

    @Test
    void limits_and_time_outs_are_on_by_default() {
        Settings.Connections connections = settings("--origin", ORIGIN).connections();
        assertThat(connections.limits()).isEqualTo(Limits.DEFAULT);
        assertThat(connections.toOrigins().timeouts()).isEqualTo(OriginTimeouts.DEFAULT);
        assertThat(connections.peers().trusted()).isEmpty();
        assertThat(connections.peers().passUnderscores()).isFalse();
        assertThat(connections.toOrigins().protocol()).isEqualTo(OriginProtocol.HTTP1);
    }

    @Test
    void limits_and_time_outs_are_set_one_by_one() {
        Settings.Connections connections = CommandLineRun.settings(
                        Map.of("CACHING_PROXY_QUEUE", "6", "CACHING_PROXY_TRUSTED_PEERS", "10.0.0.0/8,::1"),
                        ("--origin " + ORIGIN + " --max-request-header 1KiB --max-response-header 2KiB"
                                        + " --max-header-lines 3 --max-connections 4 --max-origin-requests 5"
                                        + " --min-rate 7 --min-rate-after 8s --idle-timeout 9s"
                                        + " --origin-connect-timeout 1s --origin-first-byte-timeout 2s"
                                        + " --origin-idle-timeout 3s --origin-timeout 4s --origin-protocol h2c --proxy-protocol --max-waiters 11"
                                        + " --pass-underscore-headers")
                                .split(" "))
                .connections();
        assertThat(connections.limits())
                .isEqualTo(new Limits(
                        new Limits.Clients(1024, 3, 4, 7, Duration.ofSeconds(8), Duration.ofSeconds(9)),
                        new Limits.Origins(2048, 3, 5, 6)));
        assertThat(connections.toOrigins().timeouts())
                .isEqualTo(new OriginTimeouts(
                        Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(3), Duration.ofSeconds(4)));
        assertThat(connections.toOrigins().protocol()).isEqualTo(OriginProtocol.H2C);
        assertThat(connections.peers().passUnderscores()).isTrue();
        assertThat(connections.waiters()).isEqualTo(11);
        assertThat(connections.peers().trusted()).hasToString("Optional[10.0.0.0/8,::1]");
    }

    @Test
    void the_environment_gives_what_the_command_line_does_not() {
        Map<String, String> environment = Map.of(
                "CACHING_PROXY_ORIGIN", "http://b.org",
                "CACHING_PROXY_PORT", "81",
                "CACHING_PROXY_MAX_OBJECT_SIZE", "1MiB",
                "CACHING_PROXY_NO_ADMIN", "true",
                "CACHING_PROXY_TTL", "7s");
        Settings settings = CommandLineRun.settings(environment, "--port", "82");
        assertThat(settings.routes().url()).contains(URI.create("http://b.org"));
        assertThat(settings.port()).isEqualTo(new Port(82));
        assertThat(settings.admin()).isEmpty();
        assertThat(settings.storage().maxObject().bytes()).isEqualTo(1 << 20);
        assertThat(CommandLineRun.settings(environment, "--admin-port", "9")
                        .admin()
                        .map(Settings.Admin::port))
                .contains(new Port(9));
    }

    @Test
    void redis_url_is_the_default_of_redis() {
        Map<String, String> environment = Map.of("REDIS_URL", "redis://h:1");
        assertThat(redis(environment, "--origin", ORIGIN).map(Settings.Redis::address))
                .contains(new RedisAddress.Url("redis://h:1"));
        assertThat(redis(environment, "--origin", ORIGIN, "--redis").map(Settings.Redis::address))
                .contains(new RedisAddress.Url("redis://localhost:6379"));
        assertThat(redis(Map.of("REDIS_URL", ""), "--origin", ORIGIN)).isEmpty();
    }

    @Test
    void what_kubernetes_sets_for_a_service_of_this_name_is_no_port() {
        Map<String, String> environment = Map.of("CACHING_PROXY_PORT", "tcp://10.0.0.1:80");
        assertThat(CommandLineRun.settings(environment, "--origin", ORIGIN).port())
                .isEqualTo(new Port(8000));
    }

    private static Settings.Redis redis(String url, String prefix) {
        return new Settings.Redis(new RedisAddress.Url(url), prefix, Duration.ofMillis(50), true);
    }

    private static Settings settings(String... args) {
        return CommandLineRun.settings(Map.of(), args);
    }

    private static Optional<Settings.Redis> redis(Map<String, String> environment, String... args) {
        return CommandLineRun.settings(environment, args).storage().redis();
    }
}
