package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.origin.ConfiguredOrigin;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.rules.Site;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The configuration file together with the command line and the environment. */
class ConfigOptionTest {
    private static final String SITES = """
            origins:
              shop: {servers: [http://10.0.0.1:8080]}
            sites:
              - {hosts: [shop.example.com], origin: shop, rules: [{name: all, ttl: 60s}]}
            """;

    @TempDir
    private Path folder;

    @Test
    void a_flag_goes_before_a_variable_before_the_file() throws Exception {
        String file = "origin: http://a.org\nport: 1001\nmemory: 5MB\nno-admin: true\ndefault-ttl: 7s\n";
        Settings all = plan(Map.of(), file).settings();
        assertThat(all.port()).isEqualTo(new Port(1001));
        assertThat(all.admin()).isEmpty();
        assertThat(all.routes().url()).contains(URI.create("http://a.org"));
        assertThat(all.policy()).isEqualTo(Policy.standard(Duration.ofSeconds(7)));
        assertThat(plan(Map.of("CACHING_PROXY_PORT", "1002"), file).settings().port())
                .isEqualTo(new Port(1002));
        assertThat(plan(Map.of("CACHING_PROXY_PORT", "1002"), file, "--port", "1003")
                        .settings()
                        .port())
                .isEqualTo(new Port(1003));
    }

    @Test
    void the_file_may_be_named_by_the_environment() throws Exception {
        Path file = write("port: 1001\norigin: http://a.org\n");
        Launch launch =
                new Launch(Map.of("CACHING_PROXY_CONFIG", file.toString()), List.of(), new PrintWriter(System.err));
        assertThat(launch.plan().settings().port()).isEqualTo(new Port(1001));
    }

    @Test
    void an_origin_is_not_needed_where_sites_have_them() throws Exception {
        Settings settings = plan(Map.of(), SITES).settings();
        assertThat(settings.routes().origin()).isEmpty();
        assertThat(settings.routes().origins())
                .containsEntry("shop", ConfiguredOrigin.of(URI.create("http://10.0.0.1:8080")));
        assertThat(settings.routes().sites().list()).extracting(Site::name).containsExactly("shop.example.com");
    }

    @Test
    void sites_without_an_origin_go_to_that_of_the_command_line() throws Exception {
        Settings.Routes routes = plan(Map.of(), "sites: [{hosts: a.org}]", "--origin", "http://b.org")
                .settings()
                .routes();
        assertThat(routes.origin()).contains(ConfiguredOrigin.of(URI.create("http://b.org")));
        assertThat(routes.sites().list().get(0).origin()).isNull();
    }

    @Test
    void redis_is_true_or_a_url() throws Exception {
        assertThat(redis("redis: true")).isEqualTo(new RedisAddress.Url(RedisAddress.LOCAL));
        assertThat(redis("redis: '${NONE:redis://h:1}'")).isEqualTo(new RedisAddress.Url("redis://h:1"));
        assertThat(plan(Map.of(), "redis: false\norigin: http://a")
                        .settings()
                        .storage()
                        .redis())
                .isEmpty();
        assertThat(plan(Map.of(), "redis: ${NONE:}\norigin: http://a")
                        .settings()
                        .storage()
                        .redis())
                .isEmpty();
    }

    private RedisAddress redis(String line) throws Exception {
        return plan(Map.of(), line + "\norigin: http://a")
                .settings()
                .storage()
                .redis()
                .orElseThrow()
                .address();
    }

    @Test
    void an_option_without_effect_is_a_warning_with_its_place() throws Exception {
        String file = SITES + "ttl: 5m\norigin: http://a.org\n";
        assertThat(plan(Map.of(), file).warnings())
                .containsExactlyInAnyOrder(
                        path() + ":5:6: ttl has no effect without --policy override",
                        path() + ":6:9: origin has no effect where every site has an origin of its own");
        assertThat(plan(Map.of(), file.replace("origin: shop", "origin: shop, policy: override"))
                        .warnings())
                .noneMatch(warning -> warning.contains("ttl"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            prot: 80                                       | :1:1: prot: unknown key `prot`; did you mean `port`?
            port: 99999                                    | :1:7: port: '99999' is not a port: 0 to 65535
            memory: lots                                   | :1:9: memory: 'lots' is not a size: such as 256MB, 1GiB or 1048576
            no-admin: on                                   | :1:11: no-admin: 'on' is neither true nor false
            check-config: true                             | :1:1: check-config: unknown key `check-config`; *
            origin: a.org                                  | :1:9: origin: 'a.org' begins neither with http:// nor with https://
            origin: http://a\\nmax-connections: 0          | :2:18: max-connections: --max-connections is at least 1 and at most 2147483647
            origin: http://a\\nadmin-port: 8000            | :2:13: admin-port: --admin-port 8000 is the port of the proxy itself
            origin: http://a\\nproxy-protocol: true        | :2:17: proxy-protocol: --proxy-protocol needs --trusted-peers*
            tests: [{request: GET http://a/, expect: {ttl: 1s}}]\\norigin: http://a | :1:48: test "test 1": expected ttl 1s, got 300s
            """)
    void a_wrong_file_is_wrong_usage_without_a_prefix(String text, String line) throws Exception {
        Path file = write(text.replace("\\n", "\n"));
        CommandLineRun run = CommandLineRun.of("--config", file.toString());
        String expected = file + line;
        assertThat(run.err().lines()).singleElement().asString().satisfies(it -> {
            if (expected.endsWith("*")) {
                assertThat(it).startsWith(expected.substring(0, expected.length() - 1));
            } else {
                assertThat(it).isEqualTo(expected);
            }
        });
        assertThat(run.out()).isEmpty();
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(CommandLineRun.of("check", file.toString()).err()).isEqualTo(run.err());
        assertThat(CommandLineRun.of("--config", file.toString(), "--check-config")
                        .err())
                .isEqualTo(run.err());
    }

    @Test
    void passwords_are_in_no_error() throws Exception {
        CommandLineRun run = CommandLineRun.in(
                Map.of("R", "redis://:hush@h:x"),
                "check",
                write("redis: ${R}\norigin: http://a\n").toString());
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains(":1:8: redis: ").doesNotContain("hush");
    }

    @Test
    void check_prints_what_would_run() throws Exception {
        Path file = write(SITES + "tests: [{request: GET http://shop.example.com/, expect: {ttl: 60s}}]\nport: 1001\n");
        CommandLineRun run = CommandLineRun.of("check", file.toString());
        assertThat(run.exitCode()).isEqualTo(0);
        assertThat(run.err()).isEmpty();
        assertThat(run.out().lines())
                .containsExactly(
                        file + ": no errors, 1 test passed",
                        "listener http://127.0.0.1:1001, admin on 127.0.0.1:1002",
                        "origin shop: http://10.0.0.1:8080, Host of the origin",
                        "site shop.example.com: hosts shop.example.com; origin shop; policy standard (default TTL 300s); 1 rule");
        assertThat(CommandLineRun.of("--config", file.toString(), "--check-config", "--port", "9")
                        .out())
                .contains("listener http://127.0.0.1:9, admin on 127.0.0.1:10");
    }

    @Test
    void what_is_checked_has_to_be_named() {
        CommandLineRun.of("check").assertWrongUsage("check takes a FILE, or --schema");
        CommandLineRun.of("--check-config").assertWrongUsage("write --config FILE");
        CommandLineRun.of("--origin", "http://a", "--check-config")
                .assertWrongUsage("--check-config checks a configuration file: write --config FILE");
        CommandLineRun.of("--config", "no/such.yaml")
                .assertConfigurationError("no/such.yaml:1:1: there is no such file");
    }

    @Test
    void a_file_without_any_origin_is_wrong_usage() throws Exception {
        CommandLineRun.of("--config", write("port: 81\n").toString()).assertWrongUsage("Missing --origin URL");
    }

    @Test
    void a_cache_is_cleared_where_the_file_says_that_it_is() throws Exception {
        String port = "" + FreePort.number();
        CommandLineRun run = CommandLineRun.of(
                "--clear-cache",
                "--config",
                write(SITES + "admin-port: " + port + "\n").toString());
        assertThat(run.err()).contains("Nothing to clear", port).doesNotContain("warning");
        assertThat(run.exitCode()).isEqualTo(1);
    }

    @Test
    void an_origin_that_is_the_proxy_itself_is_wrong_usage() throws Exception {
        String file = SITES.replace("10.0.0.1:8080", "localhost:1001") + "port: 1001\n";
        CommandLineRun.of("--config", write(file).toString())
                .assertWrongUsage("origin http://localhost:1001 is the address that this proxy listens on");
    }

    private Path path() {
        return folder.resolve("c.yaml");
    }

    private Path write(String text) throws IOException {
        return Files.writeString(path(), text);
    }

    private Launch.Plan plan(Map<String, String> environment, String text, String... args) throws Exception {
        List<String> all = Stream.concat(Stream.of("--config", write(text).toString()), Stream.of(args))
                .toList();
        return new Launch(environment, all, new PrintWriter(new StringWriter())).plan();
    }
}
