package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120) // a command line that is not wrong serves
class WrongUsageTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            ""                                                       | Missing --origin
            --origin                                                 | --origin
            --origin example.org                                     | 'example.org' begins neither with http://
            --origin ftp://example.org                               | begins neither with http://
            --origin http://                                         | is not a URL
            --origin http:///path                                    | has no valid host name
            --origin http://example.org:99999                        | has no valid port
            --origin http://example.org/?a=b                         | must not have a query
            --origin http://example.org/#top                         | must not have a fragment
            --origin http://exa%mple.org                             | is not a URL
            --origin http://a.org --origin http://b.org              | should be specified only once
            --origin http://a.org --port 80 --port 81                | should be specified only once
            --orgin http://a.org                                     | did you mean --origin
            --origin http://localhost:8000 --no-admin                | is the address that this proxy listens on, 127.0.0.1:8000
            --prot 8001 --origin http://a.org                        | did you mean --port? (
            --origin http://a.org --polciy=standard                  | did you mean --policy? (
            --origin http://a.org --max-object 1MB                   | did you mean --max-object-size? (
            --origin http://a.org stray                              | 'stray'
            --origin http://a.org --tls-cert a.pem                   | --tls-cert and --tls-key go together
            --origin http://a.org --tls-key a.pem                    | --tls-cert and --tls-key go together
            --origin http://a.org --drain soon                       | 'soon' is not a duration
            --origin http://a.org --trusted-peers localhost          | 'localhost' is not an address range
            --origin http://a.org --max-connections 0                | --max-connections is at least 1
            --origin http://a.org --queue many                       | 'many' is not an int
            --origin http://a.org --min-rate 3GB                     | --min-rate is at least 0
            --origin http://a.org --idle-timeout 0s                  | --idle-timeout is at least 1ms
            --origin http://a.org --origin-timeout soon              | 'soon' is not a duration
            --origin http://a.org --max-request-header 1GiB          | --max-request-header is between
            --origin http://a.org --origin-protocol h3               | --origin-protocol
            --origin https://a.org --origin-protocol h2c             | h2c is for an http origin
            --origin http://a.org --proxy-protocol                   | --proxy-protocol needs --trusted-peers
            --origin http://a.org --port eighty                      | 'eighty' is not a port
            --origin http://a.org --port 65536                       | '65536' is not a port
            --origin http://a.org --port -1                          | '-1' is not a port
            --origin http://a.org --port 65535                       | No port after 65535
            --origin http://a.org --admin-port 8000                  | is the port of the proxy itself
            --origin http://a.org --admin-port 9 --no-admin          | exclude each other
            --origin http://a.org --memory lots                      | 'lots' is not a size
            --origin http://a.org --memory 10parsecs                 | is not a size
            --origin http://a.org --memory -5MB                      | is not a size
            --origin http://a.org --memory 256                       | --memory: 256 B is less than 1 MB
            --origin http://a.org --memory 256                       | did you mean 256MB?
            --origin http://a.org --memory 0                         | --memory: 0 B is less than 1 MB
            --origin http://a.org --max-object-size 32               | did you mean 32MB?
            --origin http://a.org --max-object-size 0                | --max-object-size: 0 B is less than 1 kB
            --origin http://a.org --max-object-size 9999999999999TB  | below 8 EiB
            --origin http://a.org --default-ttl soon                 | 'soon' is not a duration
            --origin http://a.org --default-ttl -5s                  | is not a duration
            --origin http://a.org --default-ttl PT-5S                | is not between 0
            --origin http://a.org --policy override --ttl 5          | '5' is not a duration
            --origin http://a.org --policy lax                       | 'lax' is not a policy
            --origin http://a.org --redis=http://localhost           | --redis
            --origin http://a.org --redis=localhost:6379             | --redis
            --origin http://a.org --redis=                           | --redis
            --origin http://a.org --redis --redis-prefix a:b         | --redis-prefix
            --origin http://a.org --redis --redis-deadline 0s        | --redis-deadline is between
            --origin http://a.org --redis --redis-config a.yaml      | exclude each other
            --origin http://a.org --redis-config no/such.yaml        | no/such.yaml: there is no such file
            --origin http://a.org --admin-host 0.0.0.0               | it needs --admin-token-file
            --origin http://a.org --admin-host 1.2.3.4.5             | is not an address
            --origin http://a.org --admin-token-file no/such         | no/such cannot be read
            --origin http://a.org --admin-read-token-file a          | --admin-read-token-file needs --admin-token-file
            --origin http://a.org --admin-tls-cert a                 | --admin-tls-cert and --admin-tls-key go together
            --origin http://a.org --admin-token-file /dev/zero       | /dev/zero cannot be read: it is no regular file
            explain http://a.org/ --origin http://a.org --admin http://127.0.0.1:1 | --admin and --token-file are for a running proxy
            explain http://a.org/ --origin http://a.org --token-file t | --admin and --token-file are for a running proxy
            --origin http://a.org --purge-from 10.0.0.0/33           | '10.0.0.0/33' is not an address range
            --origin http://a.org --purge-from localhost             | 'localhost' is not an address range
            --origin http://a.org --purge-from 10.0.0.1,             | '' is not an address range
            --origin http://a.org --debug-secret-file no/such        | --debug-secret-file: no/such cannot be read
            debug-token                                              | --secret-file
            debug-token --secret-file no/such                        | --secret-file: no/such cannot be read
            debug-token --secret-file pom.xml --expires 0s           | --expires 0s is not between 1s and 30 days
            debug-token --secret-file pom.xml --expires 721h         | is not between 1s and 30 days
            --clear-cache --redis-config no/such.yaml                | no/such.yaml: there is no such file
            --clear-cache --no-admin                                 | --clear-cache needs
            --clear-cache --admin-port 0                             | --clear-cache needs
            --clear-cache --redis=nonsense                           | --redis
            """)
    void is_told_in_one_line_and_ends_with_2(String args, String complaint) {
        CommandLineRun.of(args.isEmpty() ? new String[0] : args.split(" ")).assertWrongUsage(complaint);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            `singleServerConfig:\\n  adress: hush`                        | :2:3: cannot set adress
            `singleServerConfig:\\n  address: 'redis://:hush@h`           | :2:12: not a Redisson configuration
            `singleServerConfig:\\n  timeout: hush`                       | :2:3: cannot set timeout
            `singleServerConfig: {password: hush}`                        | : the address begins with redis://
            `singleServerConfig: {address: 'http://:hush@h:1'}`           | : the address begins with redis://
            `threads: 2`                                                  | : it names no servers
            `hush`                                                        | :1:1: not a Redisson configuration
            ``                                                            | : it names no servers
            """)
    void says_where_a_redisson_file_is_wrong_and_shows_no_secret(String yaml, String complaint) throws IOException {
        Path file = Files.writeString(folder.resolve("redis.yaml"), yaml.replace("\\n", "\n"));
        for (String rest : List.of("--clear-cache", "--origin=http://a.org")) {
            CommandLineRun run = CommandLineRun.of("--redis-config", file.toString(), rest);
            run.assertWrongUsage(file + complaint);
            assertThat(run.err()).doesNotContain("hush");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            `singleServerConfig:\\n  address: 'redis://:hush@h`           | : found unexpected end of stream, a quote is not closed
            `singleServerConfig: {password: *hush}`                       | : found undefined alias, a value that begins with *
            `singleServerConfig:\\n  password: @hush`                      | : found character '@' that cannot start any token
            `singleServerConfig:\\n\tpassword: hush`                       | : found a tab, indentation has to be spaces
            `singleServerConfig: {password: hush`                         | : expected ',' or '}', but got <stream end>
            `singleServerConfig: password: hush`                          | : mapping values are not allowed here
            `singleServerConfig:\\n  password: hush\\n hush`               | :3:2: not a Redisson configuration: expected <block end>, but found
            `hush`                                                        | :1:1: not a Redisson configuration: a mapping is expected
            """)
    void says_why_a_redisson_file_is_none_and_shows_no_secret(String yaml, String reason) throws IOException {
        String text = yaml.replace("\\n", "\n").replace("\\t", "\t");
        Path file = Files.writeString(folder.resolve("redis.yaml"), text);
        CommandLineRun run = CommandLineRun.of("--redis-config", file.toString(), "--clear-cache");
        run.assertWrongUsage(reason);
        assertThat(run.err()).contains(file + ":").doesNotContain("hush");
    }

    @Test
    void names_the_environment_variable_that_is_wrong() {
        CommandLineRun.in(Map.of("CACHING_PROXY_MEMORY", "lots"), "--origin", "http://a.org")
                .assertWrongUsage("CACHING_PROXY_MEMORY: ");
        CommandLineRun.in(Map.of("CACHING_PROXY_MEMORY", "256"), "--origin", "http://a.org")
                .assertWrongUsage("CACHING_PROXY_MEMORY: ");
        CommandLineRun.in(Map.of("REDIS_URL", "nonsense"), "--origin", "http://a.org")
                .assertWrongUsage("REDIS_URL: ");
    }

    @Test
    void shows_no_password() {
        for (List<String> args : List.of(
                List.of("--origin", "http://alice:secret@example.org"),
                List.of("--origin", "alice:secret@example.org"),
                List.of("--origin", "http://alice:sec ret@example.org"),
                List.of("--origin", "http://a.org", "--redis=http://alice:secret@example.org"),
                List.of("--origin", "http://a.org", "--redis=redis://alice:secret@exa mple.org"),
                List.of("--origin", "http://a.org", "redis://alice:secret@example.org"),
                List.of("--origin", "http://a.org", "--reddis=redis://alice:secret@example.org"))) {
            CommandLineRun run = CommandLineRun.of(args.toArray(String[]::new));
            assertThat(run.exitCode()).isEqualTo(2);
            assertThat(run.err()).doesNotContain("sec").doesNotContain("alice");
        }
    }

    @Test
    void is_not_asking_for_help() {
        CommandLineRun help = CommandLineRun.of("--help");
        assertThat(help.exitCode()).isZero();
        assertThat(help.err()).isEmpty();
        assertThat(help.out())
                .contains("--origin", "--port", "--host", "--redis", "--redis-prefix", "--memory", "--policy")
                .contains("--default-ttl", "--ttl", "--max-object-size", "--admin-port", "--no-admin", "--clear-cache")
                .contains("--help", "--version");
    }

    @Test
    void is_not_asking_for_the_version() {
        CommandLineRun version = CommandLineRun.of("--version");
        assertThat(version.exitCode()).isZero();
        assertThat(version.out()).startsWith("caching-proxy ");
    }
}
