package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.cli.OptionEffect.Combination;
import io.cachingproxy.cli.config.PolicyName;
import io.cachingproxy.origin.OriginProtocol;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120) // a command line that is not wrong serves
class OptionEffectTest {
    private static final String ORIGIN = "http://a.org";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --ttl 5m                            | --ttl has no effect without --policy override
            --policy rfc9111 --ttl 5m           | --ttl has no effect without --policy override
            --policy rfc9111 --default-ttl 5m   | --default-ttl has no effect without --policy standard
            --policy override --default-ttl 5m  | --default-ttl has no effect without --policy standard
            --redis-prefix mine                 | --redis-prefix has no effect without --redis
            --redis-deadline 90ms               | --redis-deadline has no effect without --redis
            --no-redis-leases                   | --no-redis-leases has no effect without --redis
            --no-admin --admin-host ::1         | --admin-host has no effect without an admin listener
            --access-log-format json            | --access-log-format has no effect without --access-log
            --access-log-sample 0.5             | --access-log-sample has no effect without --access-log
            --access-log - --access-log-max 1MB | --access-log-max has no effect without a file in --access-log
            --no-admin --redact a               | --redact has no effect without --access-log and an admin listener
            --no-admin --admin-tls-key a        | --admin-tls-key has no effect without an admin listener
            --no-admin --admin-token-file a     | --admin-token-file has no effect without an admin listener
            --origin-ca a.pem                   | --origin-ca has no effect with an http --origin
            --origin-protocol auto              | --origin-protocol has no effect as auto
            --min-rate 0 --min-rate-after 5s    | --min-rate-after has no effect with --min-rate 0
            """)
    void an_option_without_effect_is_wrong_usage(String args, String complaint) {
        CommandLineRun.of(("--origin " + ORIGIN + " " + args).split(" ")).assertWrongUsage(complaint);
    }

    @ParameterizedTest
    @CsvSource({
        "CACHING_PROXY_TTL, 5m, CACHING_PROXY_TTL has no effect without --policy override",
        "CACHING_PROXY_REDIS_PREFIX, mine, CACHING_PROXY_REDIS_PREFIX has no effect without --redis or --redis-config",
        "CACHING_PROXY_TLL, 5m, CACHING_PROXY_TLL is no option's variable; did you mean CACHING_PROXY_TTL?",
        "CACHING_PROXY_REDIS_URL, redis://h, CACHING_PROXY_REDIS_URL is no option's variable",
        "CACHING_PROXY_CLEAR_CACHE, true, CACHING_PROXY_CLEAR_CACHE is no option's variable"
    })
    void a_variable_without_effect_is_a_warning(String variable, String value, String warning) {
        assertThat(CommandLineRun.warnings(Map.of(variable, value), "--origin", ORIGIN))
                .containsExactly(warning);
    }

    @Test
    void options_with_an_effect_are_no_warning() {
        for (String args : List.of(
                "--policy override --ttl 5m",
                "--policy standard --default-ttl 5m",
                "--redis --redis-prefix mine --redis-deadline 90ms --no-redis-leases",
                "--admin-host ::1 --admin-port 9",
                "--min-rate-after 5s --origin-protocol h2c",
                "")) {
            assertThat(CommandLineRun.warnings(
                            Map.of(),
                            ("--origin " + ORIGIN + " " + args).strip().split(" ")))
                    .as(args)
                    .isEmpty();
        }
        assertThat(CommandLineRun.warnings(
                        Map.of("REDIS_URL", "redis://h", "CACHING_PROXY_REDIS_PREFIX", "mine"), "--origin", ORIGIN))
                .isEmpty();
    }

    @Test
    void variables_that_kubernetes_sets_for_services_are_no_warning() {
        Map<String, String> environment = Map.of(
                "CACHING_PROXY_SERVICE_HOST", "10.0.0.1",
                "CACHING_PROXY_SERVICE_PORT", "80",
                "CACHING_PROXY_SERVICE_PORT_HTTP", "80",
                "CACHING_PROXY_PORT", "tcp://10.0.0.1:80",
                "CACHING_PROXY_PORT_80_TCP", "tcp://10.0.0.1:80",
                "CACHING_PROXY_PORT_80_TCP_ADDR", "10.0.0.1",
                "CACHING_PROXY_ADMIN_SERVICE_HOST", "10.0.0.2",
                "CACHING_PROXY_ADMIN_PORT", "tcp://10.0.0.2:81");
        assertThat(CommandLineRun.warnings(environment, "--origin", ORIGIN)).isEmpty();
        assertThat(CommandLineRun.settings(environment, "--origin", ORIGIN).admin())
                .map(Settings.Admin::port)
                .contains(new Port(8001));
    }

    @Test
    void options_for_serving_have_no_effect_on_clearing() {
        Combination alone = new Combination(
                true,
                false,
                false,
                true,
                Set.of(PolicyName.STANDARD),
                false,
                true,
                false,
                false,
                false,
                false,
                OriginProtocol.HTTP1,
                true);
        assertThat(OptionEffect.missing("--origin", alone)).contains("with --clear-cache");
        assertThat(OptionEffect.missing("--redis-prefix", alone)).contains("without --redis or --redis-config");
        assertThat(OptionEffect.missing("--admin-port", alone)).isEmpty();
        Combination shared = new Combination(
                true,
                false,
                false,
                true,
                Set.of(PolicyName.STANDARD),
                true,
                true,
                false,
                false,
                false,
                false,
                OriginProtocol.HTTP1,
                true);
        assertThat(OptionEffect.missing("--redis-prefix", shared)).isEmpty();
        assertThat(OptionEffect.missing("--admin-port", shared)).contains("with --clear-cache for a cache in Redis");
    }

    @Test
    void an_option_that_does_not_matter_to_clearing_is_a_warning_and_a_variable_is_none() throws IOException {
        String port = "" + FreePort.number();
        CommandLineRun run = CommandLineRun.in(
                Map.of("CACHING_PROXY_POLICY", "override"),
                "--clear-cache",
                "--admin-port",
                port,
                "--origin",
                "http://a.org");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err().lines())
                .satisfiesExactly(
                        warning -> assertThat(warning)
                                .isEqualTo("caching-proxy: warning: --origin has no effect with --clear-cache"),
                        failure -> assertThat(failure).contains("Nothing to clear"));
    }

    @Test
    void every_option_that_the_table_names_exists() {
        List<String> options = CachingProxyCommand.commandLine(Map.of()).getCommandSpec().options().stream()
                .map(Options::name)
                .toList();
        assertThat(options).containsAll(OptionEffect.named());
    }
}
