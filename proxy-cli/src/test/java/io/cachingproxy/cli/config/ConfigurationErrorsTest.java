package io.cachingproxy.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationErrorsTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', ignoreLeadingAndTrailingWhitespace = true, textBlock = """
            prot: 80                                    | c.yaml:1:1: prot: unknown key `prot`; did you mean `port`?
            port: eighty                                | c.yaml:1:7: port: 'eighty' is not a port: 0 to 65535
            port: {a: b}                                | c.yaml:1:7: port: is a map, where one value is expected
            port:                                       | c.yaml:1:6: port: has no value
            port: 80\\nport: 81                         | c.yaml:2:1: port: duplicate key; it is in line 1 already: remove one of them
            - port                                      | c.yaml:1:1: is a list, where a map is expected: listeners, origins, sites, rules, tests, *
            port: [80                                   | c.yaml:1:10: not YAML: while parsing a flow sequence, *
            sites:\\n\\t- hosts: a                      | c.yaml:2:1: not YAML: a tab cannot indent: use spaces
            port: *none                                 | c.yaml:1:7: not YAML: found undefined alias none
            port: 80\\n---\\nport: 81                   | c.yaml:2:1: not YAML: a second document; a file has one
            port: ${NONE}                               | c.yaml:1:7: port: the environment variable NONE is not set: set it, or write ${NONE:default}
            port: ${                                    | c.yaml:1:7: port: "${" begins no variable: write ${NAME} or ${NAME:default}, or $${ for "${"
            {[a]: b}                                    | c.yaml:1:2: a key is a list or a map: write a name; *
            listeners: []                               | c.yaml:1:12: listeners: is empty: write a listener, or remove the key
            listeners: [{host: a}]                      | c.yaml:1:13: listeners[0]: has no port: write port: 8443
            listeners: [{port: 70000}]                  | c.yaml:1:20: listeners[0].port: '70000' is not from 0 to 65535
            listeners: [{port: 1, redirect-to-https: true}] | c.yaml:1:42: listeners[0].redirect-to-https: needs a listener with tls and a port, or write the port of https: 443
            listeners: [{port: 1, tls: {certificate: a.pem}}] | c.yaml:1:28: listeners[0].tls: certificate and key go together: one of them is missing
            listeners: [{port: 1, tls: {certificate: none.pem, key: none.key}}] | c.yaml:1:28: listeners[0].tls: none.pem cannot be read
            listeners: [{port: 1, tls: {certificates: none}}] | c.yaml:1:28: listeners[0].tls: none cannot be read
            listeners: [{port: 1}, {port: 1}]           | c.yaml:1:24: listeners[1]: has the host and port of another listener
            sites: []                                   | c.yaml:1:8: sites: is empty: write a site, or remove the key
            `# nothing`                                 | c.yaml:1:1: is empty: write listeners, origins, sites, rules, tests
            {}                                          | c.yaml:1:1: is empty: *
            sites: {}                                   | c.yaml:1:8: sites: is a map, where a list is expected
            origins: []                                 | c.yaml:1:10: origins: is a list, where a map is expected
            origins: {a: {}}                            | c.yaml:1:14: origins.a: has no servers: write servers: [http://10.0.0.1:8080]
            origins: {a: {servers: [a.org]}}            | c.yaml:1:25: origins.a.servers[0]: 'a.org' begins neither with http:// nor with https://
            origins: {a: {servers: []}}                 | c.yaml:1:24: origins.a.servers: is empty: write a server, as http://10.0.0.1:8080
            origins: {a: {servers: [http://a, http://a]}} | c.yaml:1:35: origins.a.servers[1]: the server http://a is there twice
            origins: {a: {servers: [{url: http://a, backup: true}]}} | c.yaml:1:24: origins.a.servers: all servers are backups: one has to be none
            origins: {a: {servers: [{url: http://a, weight: 0}]}} | c.yaml:1:49: origins.a.servers[0].weight: '0' is not from 1 to 1000
            origins: {a: {servers: http://a, balance: least}} | c.yaml:1:43: origins.a.balance: 'least' is not round-robin, least-requests, random or hash
            origins: {a: {servers: http://a, hash-on: path}} | c.yaml:1:43: origins.a.hash-on: belongs to balance: hash
            origins: {a: {servers: http://a, balance: hash, hash-on: header}} | c.yaml:1:58: origins.a.hash-on: 'header' is not path, client, header NAME or cookie NAME
            origins: {a: {servers: http://a, host: a b}} | c.yaml:1:40: origins.a.host: 'a b' is not origin, for its own, client, for the client's, or a host name
            origins: {a: {servers: http://a, check: {}}} | c.yaml:1:41: origins.a.check: has no path: write path: /health
            origins: {a: {servers: http://a, check: {path: health}}} | c.yaml:1:48: origins.a.check.path: 'health' is not a path, as /health
            origins: {a: {servers: http://a, check: {path: /, every: 0s}}} | c.yaml:1:58: origins.a.check.every: is shorter than 100ms
            origins: {a: {servers: http://a, check: {path: /, status: ok}}} | c.yaml:1:59: origins.a.check.status: status "ok" is not a status: write 404, 4xx or 400-499
            origins: {a: {servers: http://a, check: {path: /, fails: 0}}} | c.yaml:1:58: origins.a.check.fails: is not at least 1
            origins: {a: {servers: http://a, eject: {at-most: 50}}} | c.yaml:1:51: origins.a.eject.at-most: '50' is not from 0% to 100%
            origins: {a: {servers: http://a, retry: {on: [conect]}}} | c.yaml:1:47: origins.a.retry.on[0]: 'conect' is neither connect nor a status, as 503 or 5xx
            origins: {a: {servers: http://a, retry: {on: [200]}}} | c.yaml:1:47: origins.a.retry.on[0]: '200' is no error: a retry needs a status from 400 to 599
            origins: {a: {servers: http://a, retry: {on: []}}} | c.yaml:1:46: origins.a.retry.on: is empty: write a reason, or attempts: 0 for no retries
            origins: {a: {servers: http://a, check: {path: /, status: []}}} | c.yaml:1:59: origins.a.check.status: is empty: write a status, as 200-399
            origins: {a: {servers: http://a, check: {path: /, every: 1ms}}} | c.yaml:1:58: origins.a.check.every: is shorter than 100ms
            origins: {a: {servers: http://a, host: Client}} | c.yaml:1:40: origins.a.host: 'Client' is a host name; did you mean `client`?
            origins: {a: {servers: [http://a, http://A:80/]}} | c.yaml:1:35: origins.a.servers[1]: the server http://A:80/ is there twice
            origins: {a: {servers: http://a/b/../c}}    | c.yaml:1:24: origins.a.servers: 'http://a/b/../c' has . or .. in its path
            origins: {a/b: {servers: http://a}}         | c.yaml:1:16: origins.a/b: 'a/b' is not a name: letters, digits, '.', '_' and '-'
            origins: {a: {servers: http://a, timeouts: {idle: 0s}}} | c.yaml:1:51: origins.a.timeouts.idle: is not longer than zero
            origins: {a: {servers: http://a, protocol: http3}} | c.yaml:1:44: origins.a.protocol: 'http3' is not http1, auto or h2c
            origins: {a: {servers: https://a, protocol: h2c}} | c.yaml:1:45: origins.a.protocol: h2c is for http servers; write auto for https
            origins: {a: {servers: https://a, tls: {key: k.pem}}} | c.yaml:1:40: origins.a.tls: certificate and key go together: one of them is missing
            origins: {a: {servers: https://a, tls: {ca: /dev/zero}}} | c.yaml:1:40: origins.a.tls: /dev/zero cannot be read: it is no regular file
            origins: {a: {servers: https://a, tls: {ca: none.pem}}} | c.yaml:1:40: origins.a.tls: none.pem cannot be read
            origins: {a: {servers: https://a, tls: {server-name: a/b}}} | c.yaml:1:54: origins.a.tls.server-name: 'a/b' is not a host name
            origins: {a: {servers: http://a, resolve: 30}} | c.yaml:1:43: origins.a.resolve: '30' is not a duration: such as 500ms, 300s, 5m, 1h or PT5M
            origins: {a: {servers: http://a, connections: {max-lifetime: 0s}}} | c.yaml:1:62: origins.a.connections.max-lifetime: is not longer than zero
            origins: {a: {servers: http://a, eject: {latency: 0s}}} | c.yaml:1:51: origins.a.eject.latency: is not longer than zero
            origins: {a: {servers: http://a, resolve: 50ms}} | c.yaml:1:43: origins.a.resolve: is shorter than 100ms
            origins: {a: {servers: http://a}, b: {servers: http://b}} | c.yaml:1:10: origins: are several, and no site says which hosts go to which: write sites, or one origin
            `sites: [{hosts: a.org}]`                   | c.yaml:1:9: sites[0]: has no origin: write origin: and the name of one under origins
            """)
    void a_wrong_file_is_told_in_a_line(String text, String line) {
        assertLines(text, line);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {hosts: b.org}                              | 3:5: sites[0]: has no origin: write origin: a
            {origin: a}                                 | 3:5: sites[0]: has no hosts: write hosts: ["*"] for all
            {hosts: [], origin: a}                      | 3:13: sites[0].hosts: is empty: write ["*"] for all
            {hosts: 'b.org:80', origin: a}              | 3:13: sites[0].hosts: host "b.org:80" of site "site" is not one: *
            {hosts: b.org, origin: aa}                  | 3:28: sites[0].origin: origin "aa" is not defined; did you mean a?
            {hosts: b.org, origin: a, polcy: standard}  | 3:31: sites[0].polcy: unknown key `polcy`; did you mean `policy`?
            {hosts: b.org, origin: a, policy: lax}      | 3:39: sites[0].policy: 'lax' is not a policy: standard, rfc9111 or override
            """)
    void a_wrong_site_is_told_in_a_line(String site, String line) {
        assertLines("origins: {a: {servers: http://a}}\nsites:\n  - " + site, "c.yaml:" + line);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            tll: 60s                                    | 1:10: rules[0].tll: unknown key `tll`; did you mean `ttl`?
            ttl: 60                                     | 1:15: rules[0].ttl: '60' is not a duration: such as 500ms, 300s, 5m, 1h or PT5M
            ttl: [60s]                                  | 1:15: rules[0].ttl: is a list, where one value is expected
            bypass: yes                                 | 1:18: rules[0].bypass: 'yes' is neither true nor false
            path: /a, ttl: 1s                           | 1:10: rules[0].path: unknown key `path`, which is a condition: write it into `match`; *
            match: {path: /a, ttl: 1s}, bypass: true    | 1:28: rules[0].match.ttl: unknown key `ttl`, which is a setting of rules: write it into a rule; *
            match: {path: [/a, b]}, ttl: 1s             | 1:29: rules[0].match.path[1]: path "b" *
            match: {path-regex: '('}, ttl: 1s           | 1:30: rules[0].match.path-regex: path-regex "(" is not a regular expression of RE2: *
            match: {method: get}, ttl: 1s               | 1:26: rules[0].match.method: method "get" never matches: write GET
            match: {status: 700}, ttl: 1s               | 1:26: rules[0].match.status: status "700" is not a status: write 404, 4xx or 400-499
            match: {client: here}, ttl: 1s              | 1:26: rules[0].match.client: client "here" is not an address range: *
            match: {header: {a b: x}}, ttl: 1s          | 1:32: rules[0].match.header."a b": header "a b" is not the name of a header: write a token
            match: {not: {}}, ttl: 1s                   | 1:23: rules[0].match.not: not: {} never matches: write a condition into it
            match: {any: {}}, ttl: 1s                   | 1:23: rules[0].match.any: is a map, where a list is expected
            match: {query: x}, ttl: 1s                  | 1:25: rules[0].match.query: is one value, where a map is expected
            match: {path: /a}                           | 1:9: rules[0]: rule "rule for all sites 1" sets nothing
            bypass: true, ttl: 1s                       | 1:9: rules[0]: rule "rule for all sites 1" sets ttl, which has no effect with bypass: remove one of them
            ignore: [cookies]                           | 1:19: rules[0].ignore[0]: 'cookies' cannot be ignored; did you mean cookie?
            key: {query: {keep: a, drop: b}}            | 1:39: rules[0].key.query.drop: excludes keep: remove one of them
            key: {quary: {}}                            | 1:16: rules[0].key.quary: unknown key `quary`; did you mean `query`?
            origin: shop                                | 1:18: rules[0].origin: origin "shop" is not defined: write it under origins
            redirect: {to: /a, status: 200}             | 1:20: rules[0].redirect: status 200 is no redirect: write 301, 302, 303, 307 or 308
            redirect: {status: 301}                     | 1:20: rules[0].redirect: has no to: write to: https://example.org{uri}
            respond: {status: 99}                       | 1:19: rules[0].respond: status 99 is no status to respond with: write 200 to 599
            rewrite: {strip-prefix: a}                  | 1:34: rules[0].rewrite.strip-prefix: prefix "a" is not a path: write one like /api, without a slash at its end
            request-headers: {set: {Host: a}}           | 1:40: rules[0].request-headers.set.Host: the header Host cannot be changed by a rule
            max-object-size: big                        | 1:27: rules[0].max-object-size: 'big' is not a size: such as 256MB, 1GiB or 1048576
            policy: lax                                 | 1:18: rules[0].policy: 'lax' is not a policy: standard, rfc9111 or override
            compress: [gzip, deflate]                   | 1:27: rules[0].compress[1]: 'deflate' is not a content coding: write br, zstd, gzip
            compress: gzipp                             | 1:20: rules[0].compress: 'gzipp' is not a content coding; did you mean gzip?
            compress: [br, br]                          | 1:20: rules[0].compress: the content coding br is listed twice
            compress: gzip, response-headers: {set: {Content-Encoding: br}} | 1:9: rules[0]: rule "rule for all sites 1" sets compress, which has no effect where response-headers set Content-Encoding: remove one of them
            compress: gzip, ignore: vary                | 1:9: rules[0]: rule "rule for all sites 1" sets compress, which has no effect with ignore: vary: remove one of them
            redirect: {to: '/y/{path}'}                 | 1:25: rules[0].redirect.to: "/y/{path}" has the unknown placeholder {path}: write {uri}, for path and query, or {host}
            match: {path: [/a, '/b?c']}, ttl: 1s        | 1:29: rules[0].match.path[1]: path "/b?c" has a ?, but a path has no query: *
            respond: {status: 204, body: a}             | 1:39: rules[0].respond.body: a response of status 204 has no body: *
            respond: {status: 103}                      | 1:19: rules[0].respond: status 103 is no status to respond with: write 200 to 599
            rewrite: {add-prefix: /a/../b}              | 1:32: rules[0].rewrite.add-prefix: prefix "/a/../b" has a segment that is empty, . or .., *
            tags: [a, '']                               | 1:20: rules[0].tags[1]: a tag of rule "rule for all sites 1" is empty
            name: '', ttl: 1s                           | 1:16: rules[0].name: a rule needs a name
            """)
    void a_wrong_rule_is_told_in_a_line(String rule, String line) {
        assertLines("rules: [{" + rule + "}]", "c.yaml:" + line);
    }

    @Test
    void all_errors_are_told_at_once_in_the_order_of_the_file() {
        assertThat(Text.errors("""
                prot: 80
                origins:
                  shop: {servers: [shop.org]}
                sites:
                  - hosts: [a.org]
                    origin: shap
                    rules:
                      - {name: one, ttl: 60, match: {path: x, status: 1}}
                  - hosts: [b.org, A.org]
                    origin: shop
                """))
                .containsExactly(
                        "c.yaml:1:1: prot: unknown key `prot`; did you mean `port`?",
                        "c.yaml:3:20: origins.shop.servers[0]: 'shop.org' begins neither with http:// nor with https://",
                        "c.yaml:6:13: sites[0].origin: origin \"shap\" is not defined; did you mean shop?",
                        "c.yaml:8:26: sites[0].rules[0].ttl: '60' is not a duration: such as 500ms, 300s, 5m, 1h or PT5M",
                        "c.yaml:8:44: sites[0].rules[0].match.path: path \"x\" never matches: a path begins with /; write /x",
                        "c.yaml:8:55: sites[0].rules[0].match.status: status \"1\" is not a status: write 404, 4xx or 400-499",
                        "c.yaml:9:20: sites[1].hosts[1]: host \"a.org\" is in site \"a.org\" already: remove one of them");
    }

    @Test
    void names_of_rules_are_unique_in_a_site_and_with_the_rules_for_all() {
        assertLines("""
                rules: [{name: a, ttl: 1s}]
                origins: {o: {servers: http://o}}
                sites:
                  - hosts: h
                    origin: o
                    rules: [{name: a, bypass: true}]
                """, "c.yaml:6:13: sites[0].rules[0]: the rule in line 1 has the name \"a\" already");
    }

    @Test
    void redirects_in_a_circle_are_an_error() {
        assertLines(
                "rules:\n  - {name: a, match: {path: /a}, redirect: {to: /b}}\n  - {name: b, match: {path: /b}, redirect: {to: /a}}",
                "c.yaml:1:1: rules: rule \"a\" redirects in a circle: *");
    }

    @Test
    void an_alias_within_its_own_anchor_is_an_error() {
        assertLines("rules: [{match: &m {not: *m}, ttl: 1s}]", "c.yaml:1:17: nested more than 50 deep, *");
    }

    @Test
    void aliases_that_expand_to_very_much_are_an_error() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x]\n");
        for (int i = 1; i < 40; i++) {
            bomb.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
        }
        assertThat(Text.errors(bomb.toString()))
                .singleElement()
                .asString()
                .contains(" values, once aliases are expanded");
    }

    @Test
    void a_mistake_in_a_listener_is_told_once_and_causes_no_other_error() {
        assertLines(
                "listeners: [{port: 1, port: 2, tls: {}}, {port: 3, redirect-to-https: true}]",
                "c.yaml:1:23: listeners[0].port: duplicate key; *",
                "c.yaml:1:37: listeners[0].tls: has no certificate: write certificate and key, or certificates");
    }

    @Test
    void a_file_that_is_not_there_is_an_error() throws Exception {
        Path missing = folder.resolve("none.yaml");
        try {
            Configuration.read(missing, Map.<String, String>of()::get, Text.OPTIONS);
        } catch (ConfigurationException e) {
            assertThat(e).hasMessage(missing + ":1:1: there is no such file");
            return;
        }
        assertThat(Files.exists(missing)).isTrue();
    }

    private static void assertLines(String text, String... lines) {
        assertThat(Text.errors(text.replace("\\n", "\n").replace("\\t", "\t")))
                .hasSameSizeAs(lines)
                .zipSatisfy(Arrays.asList(lines), (actual, expected) -> {
                    if (expected.endsWith("*")) {
                        assertThat(actual).startsWith(expected.substring(0, expected.length() - 1));
                    } else {
                        assertThat(actual).isEqualTo(expected);
                    }
                });
    }

    @Test
    void aliases_of_a_long_value_are_an_error_before_they_are_expanded() {
        String many = String.join(", ", Collections.nCopies(300, "*v"));
        String more = String.join(", ", Collections.nCopies(300, "*w"));
        String text = "x: &v " + "a".repeat(10_000) + "\ny: &w [" + many + "]\nz: [" + more + "]\n";
        assertThat(Text.errors(text)).singleElement().asString().contains(" characters, once aliases are expanded");
    }

    @Test
    void a_chain_of_aliases_nests_as_deep_as_what_it_stands_for() {
        StringBuilder chain = new StringBuilder("a0: &a0 [x]\n");
        for (int i = 1; i < 60; i++) {
            chain.append("a%d: &a%d [*a%d]\n".formatted(i, i, i - 1));
        }
        assertThat(Text.errors(chain.toString())).singleElement().asString().contains("nested more than 50 deep");
    }

    @Test
    void more_values_than_the_heap_holds_are_an_error_while_they_are_read() {
        Problems problems = new Problems("c.yaml", new Secrets());
        Variables variables = new Variables(Map.of("A", "a".repeat(100))::get, new Secrets(), 1000);
        Bounds small = new Bounds(100, 1000, 100);
        YamlReader.read("[" + "a,".repeat(300) + "a]", variables, problems, small);
        YamlReader.read("x".repeat(2000), variables, problems, small);
        assertThat(problems.errors())
                .extracting(Problem::message)
                .hasSize(2)
                .allMatch(message -> message.contains("more than 100"));
        Yaml yaml = YamlReader.read("${A}".repeat(20), variables, problems, small);
        assertThat(((Yaml.Scalar) yaml).wrong()).contains("once variables are expanded");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            rules: [{ttl: '${SECRET}'}]                 | rules[0].ttl: '${SECRET}' is not a duration
            port: ${SECRET}                             | port: '${SECRET}' is not a port
            port: a${SECRET}b                           | port: 'a${SECRET}b' is not a port
            port: ${SHORT}                              | port: '${SHORT}' is not a port
            rules: [{name: '${SECRET}', bypass: true, ttl: 1s}] | rules[0]: rule "${SECRET}" sets ttl
            origins: {a: {servers: '${SECRET}'}}        | origins.a.servers: '${SECRET}' is not a URL
            sites: [{hosts: '${SECRET}:1'}]             | sites[0].hosts: host "${SECRET}:1" of site
            rules: [{redirect: {to: '${LIST}{a}'}}]     | rules[0].redirect.to: "${LIST}{a}" has
            tests: [{request: 'GET ${SECRET}', expect: {stored: true}}] | tests[0].request:
            tests: [{request: 'GET http://a', response: {headers: {A: '${SECRET}'}}, expect: {headers: {B: '${SECRET}'}}}] |
            """)
    void no_error_shows_the_value_of_a_variable(String text, String expected) {
        Map<String, String> secrets = Map.of("SECRET", "Tok-9 x", "SHORT", "q7", "LIST", "one,twotwo");
        List<String> lines = new ArrayList<>();
        try {
            Configuration read = Configuration.parse("c.yaml", text, secrets::get, Text.OPTIONS);
            read.failedTests(read.compiled(Policies.DEFAULT), null).forEach(it -> lines.add(it.toString()));
        } catch (ConfigurationException e) {
            e.problems().forEach(it -> lines.add(it.toString()));
        }
        assertThat(lines).isNotEmpty().noneMatch(line -> line.toLowerCase().matches(".*(tok-9|q7|twotwo).*"));
        if (expected != null) {
            assertThat(lines).anyMatch(line -> line.contains(expected));
        }
    }

    @Test
    void a_file_that_is_not_utf_8_is_an_error_at_its_place() throws Exception {
        Path file = folder.resolve("latin.yaml");
        Files.write(file, "port: 80\n# ä\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> Configuration.read(file, Map.<String, String>of()::get, Text.OPTIONS))
                .hasMessage(file + ":2:3: the byte 0xE4 is not UTF-8: save the file in UTF-8");
        Files.write(file, new byte[] {'a', ':', ' ', (byte) 0xc3});
        assertThatThrownBy(() -> Configuration.read(file, Map.<String, String>of()::get, Text.OPTIONS))
                .hasMessageContaining(":1:4: the byte 0xC3 is not UTF-8");
        Files.writeString(file, "port: 80 # ä😀\n");
        assertThat(Configuration.read(file, Map.<String, String>of()::get, Text.OPTIONS)
                        .options())
                .containsKey("port");
    }

    @Test
    void long_values_are_shortened_in_errors() {
        assertThat(Text.errors("rules: [{ttl: " + "x".repeat(5000) + "}]"))
                .containsExactly("c.yaml:1:15: rules[0].ttl: '" + "x".repeat(120)
                        + "…' is not a duration: such as 500ms, 300s, 5m, 1h or PT5M");
        assertThat(Text.errors("rules: [{match: {path-regex: '" + "(".repeat(5000) + "'}, ttl: 1s}]"))
                .singleElement()
                .asString()
                .contains("is too large")
                .hasSizeLessThan(300);
        assertThat(Text.errors("x".repeat(500) + ": 1"))
                .singleElement()
                .asString()
                .hasSizeLessThan(500);
    }

    @Test
    void errors_are_told_up_to_a_number() {
        StringBuilder text = new StringBuilder("rules:\n");
        for (int i = 0; i < 1500; i++) {
            text.append("  - {ttl: 1}\n");
        }
        assertThat(Text.errors(text.toString())).hasSize(1001).last().asString().endsWith("500 more errors");
    }

    @Test
    void a_key_without_host_is_refused_where_the_origin_gets_the_host_of_the_client() {
        assertLines("""
                origins: {o: {servers: http://o, host: client}}
                sites:
                  - hosts: h
                    origin: o
                    rules: [{name: shared, key: {host: false}}]
                """, "c.yaml:5:13: sites[0].rules[0].key.host: rule \"shared\" leaves the host out of the key, *");
        assertLines("""
                origins: {o: {servers: http://o, host: client}}
                rules: [{name: shared, key: {host: false}}]
                """, "c.yaml:2:9: rules[0].key.host: rule \"shared\" leaves the host out of the key, *");
    }
}
