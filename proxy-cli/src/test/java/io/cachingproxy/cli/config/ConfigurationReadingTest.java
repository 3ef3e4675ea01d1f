package io.cachingproxy.cli.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.origin.ConfiguredOrigin;
import io.cachingproxy.origin.ConnectionSettings;
import io.cachingproxy.origin.OriginProtocol;
import io.cachingproxy.origin.OriginTimeouts;
import io.cachingproxy.origin.balance.Balance;
import io.cachingproxy.origin.balance.OriginSettings;
import io.cachingproxy.origin.balance.OriginSettings.Check;
import io.cachingproxy.origin.balance.OriginSettings.Eject;
import io.cachingproxy.origin.balance.OriginSettings.Retry;
import io.cachingproxy.origin.balance.OriginSettings.Server;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.rules.Rule;
import io.cachingproxy.rules.Setting;
import io.cachingproxy.rules.Site;
import io.cachingproxy.rules.StatusRange;
import io.cachingproxy.rules.Treatment;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ConfigurationReadingTest {
    private static final String SITE = """
            origins:
              shop: {servers: ["${SHOP}"], host: client}
              other: {servers: {url: https://other.example/base}, host: client}
            sites:
              - hosts: [shop.example.com, "*.shop.example.com"]
                origin: shop
                rules:
            """;

    @Test
    void a_file_of_options_alone_has_no_sites() throws Exception {
        Configuration empty = Text.read("port: 80\n");
        assertThat(empty.sites()).isEmpty();
        assertThat(empty.compiled(Policies.DEFAULT).isEverything()).isTrue();
    }

    @Test
    void a_file_is_shown_without_values_that_can_be_secrets() throws Exception {
        String shown = Text.read("""
            origins: {o: {servers: ["http://o.example/"], check: {path: "/health;jsessionid=SECRET?t=SECRET"}}}
            sites:
              - hosts: [a.example]
                origin: o
                rules:
                  - name: a
                    match: {header: {X-Shared: SECRET, Accept: text/html}, cookie: {c: SECRET}, query: {q: SECRET}}
                    key: {query: {drop: [utm]}, headers: [Accept-Language], cookies: [currency]}
                    request-headers: {add: {X-Sig: SECRET, Via: plain, X-Mixed: "SECRET${SHOP}SECRET"}, remove: [X-Removed]}
                  - {name: b, match: {any: [{cookie: {c: SECRET}}], not: {header: {X-A: SECRET}}}, ttl: 1s}
                  - {name: e, match: {path: /e}, rewrite: {add-prefix: "/p;token=SECRET"}}
                  - {name: d, request-headers: {set: {Authorization: "Bearer ${SHOP}"}}}
                  - {name: c, redirect: {to: "https://u:SECRET@h/{uri}?t=SECRET#access_token=SECRET"}}
            tests:
              - request: {url: "http://a.example/?t=SECRET", headers: {Cookie: "c=SECRET"}}
                response: {headers: {Set-Cookie: "c=SECRET"}}
                expect: {headers: {X-B: SECRET}}
              - {request: "GET http://a.example/?t=SECRET", expect: {site: a.example}}
            """).shown().toString();
        assertThat(shown)
                .doesNotContain("SECRET")
                .contains("text/html", "Via=plain", "[X-Removed]", "drop=[utm]", "[Accept-Language]", "[currency]")
                .contains("/health;jsessionid=***?t=***", "https://***@h/{uri}?t=***#access_token=***", "X-Sig=***")
                .contains("X-Mixed=***${SHOP}***", "Authorization=Bearer ${SHOP}");
    }

    @Test
    void options_keep_their_text_and_place() throws Exception {
        Configuration read = Text.read("port: ${PORT:81}\norigin: ${SHOP}\n");
        assertThat(read.options().get("port").text()).isEqualTo("81");
        assertThat(read.options().get("port").place()).isEqualTo(new Place(1, 7));
        assertThat(read.options().get("origin").text()).isEqualTo("http://10.0.0.1:8080");
        assertThat(read.options().toString()).doesNotContain("10.0.0.1");
    }

    @Test
    void dollars_that_begin_no_variable_stay() throws Exception {
        Configuration read =
                Text.read("rules: [{match: {path-regex: '^/a$'}, respond: {body: '$${X} $1 ${EMPTY:b}'}}]");
        assertThat(read.rules().get(0).rule().match().toString()).contains("^/a$");
        assertThat(treatment(read, "http://a.org/a").respond().body()).isEqualTo("${X} $1 ");
    }

    @Test
    void one_origin_without_sites_takes_all_hosts() throws Exception {
        Configuration read = Text.read("origins: {shop: {servers: ${SHOP}}}".replace("${SHOP}", "'${SHOP}'"));
        assertThat(read.onlyOrigin().orElseThrow().settings().urls())
                .containsExactly(URI.create("http://10.0.0.1:8080"));
        assertThat(read.compiled(Policies.DEFAULT).isEverything()).isTrue();
    }

    @Test
    void an_origin_has_all_the_settings_of_its_servers() throws Exception {
        Configuration read = Text.read("""
                origins:
                  shop:
                    servers: [http://10.0.0.1:8080, {url: http://10.0.0.2:8080, weight: 2}, {url: http://10.0.0.9:8080, backup: true}]
                    balance: hash
                    hash-on: cookie session
                    host: shop.internal
                    check: {path: "/health?full=1", every: 2s, timeout: 500ms, status: [200-299, 404], passes: 1, fails: 4}
                    eject: {failures: 3, latency: 2s, for: 10s, at-most: 34%}
                    retry: {attempts: 1, on: [connect, 502, 5xx], budget: 10%}
                    slow-start: 30s
                """);
        assertThat(read.onlyOrigin().map(ConfiguredOrigin::connections)).contains(ConnectionSettings.DEFAULT);
        assertThat(read.onlyOrigin().map(ConfiguredOrigin::settings))
                .contains(new OriginSettings(
                        List.of(
                                new Server(URI.create("http://10.0.0.1:8080"), 1, false),
                                new Server(URI.create("http://10.0.0.2:8080"), 2, false),
                                new Server(URI.create("http://10.0.0.9:8080"), 1, true)),
                        new Balance.Hash(new Balance.HashOn.Cookie("session")),
                        "shop.internal",
                        Optional.of(new Check(
                                "/health?full=1",
                                Duration.ofSeconds(2),
                                Duration.ofMillis(500),
                                List.of(new StatusRange(200, 299), new StatusRange(404, 404)),
                                1,
                                4)),
                        new Eject(3, Optional.of(Duration.ofSeconds(2)), Duration.ofSeconds(10), 34),
                        new Retry(1, true, List.of(new StatusRange(502, 502), new StatusRange(500, 599)), 10),
                        Duration.ofSeconds(30)));
        assertThat(read.warnings()).isEmpty();
    }

    @Test
    void an_origin_has_timeouts_and_a_protocol_of_its_own() throws Exception {
        Configuration read =
                Text.read("origins: {shop: {servers: http://o, timeouts: {first-byte: 5s, total: 1m}, protocol: h2c}}");
        ConnectionSettings connections = read.onlyOrigin().orElseThrow().connections();
        assertThat(connections.protocol()).contains(OriginProtocol.H2C);
        assertThat(connections.timeouts(OriginTimeouts.DEFAULT))
                .isEqualTo(OriginTimeouts.DEFAULT
                        .withFirstByte(Duration.ofSeconds(5))
                        .withTotal(Duration.ofMinutes(1)));
    }

    @Test
    void an_origin_with_defaults_is_that_of_the_library_and_settings_without_effect_are_said() throws Exception {
        Configuration read = Text.read("origins: {shop: {servers: http://o, balance: random, retry: {}}}");
        assertThat(read.onlyOrigin().orElseThrow().settings().retry()).isEqualTo(OriginSettings.RETRY);
        assertThat(read.warnings())
                .map(Object::toString)
                .containsExactly(
                        "c.yaml:1:46: origins.shop.balance: has no effect: the origin has one server",
                        "c.yaml:1:61: origins.shop.retry: has no effect: the origin has one server");
    }

    @Test
    void names_are_looked_up_again_at_an_interval_and_addresses_are_not() throws Exception {
        Configuration read =
                Text.read("origins: {shop: {servers: http://shop.internal, resolve: 30s, slow-start: 9s}}");
        assertThat(read.onlyOrigin().orElseThrow().settings().resolve()).contains(Duration.ofSeconds(30));
        assertThat(read.warnings()).isEmpty();
        for (String address : List.of("http://10.0.0.1:80", "'http://[::1]:80'")) {
            assertThat(Text.read("origins: {shop: {servers: " + address + ", resolve: 30s}}")
                            .warnings())
                    .singleElement()
                    .asString()
                    .endsWith(": origins.shop.resolve: has no effect: no server has a host name");
        }
    }

    @Test
    void a_site_is_a_shadow_only_if_it_says_so() throws Exception {
        Configuration read = Text.read("""
                origin: http://o
                sites: [{hosts: a, shadow: true}, {hosts: b, shadow: false}, {hosts: c}]
                """);
        assertThat(read.compiled(Policies.DEFAULT).list())
                .extracting(Site::shadow)
                .containsExactly(true, false, false);
    }

    @Test
    void connections_have_a_maximum_lifetime() throws Exception {
        Configuration read = Text.read("origins: {shop: {servers: http://o, connections: {max-lifetime: 10m}}}");
        assertThat(read.onlyOrigin().orElseThrow().connections())
                .isEqualTo(ConnectionSettings.DEFAULT.maxLifetime(Duration.ofMinutes(10)));
        assertThat(read.warnings()).isEmpty();
    }

    @Test
    void an_ejection_by_latency_that_the_timeout_forestalls_is_said() throws Exception {
        String file =
                "origins: {shop: {servers: [http://a, http://b], eject: {latency: 2s}, timeouts: {first-byte: %s}}}";
        assertThat(Text.read(file.formatted("3s")).warnings()).isEmpty();
        assertThat(Text.read(file.formatted("2s")).warnings())
                .singleElement()
                .asString()
                .endsWith(": origins.shop.eject.latency: has no effect: timeouts.first-byte is not longer");
    }

    @Test
    void an_only_origin_that_gets_the_clients_host_has_keys_by_host() throws Exception {
        Configuration read = Text.read("origins: {shop: {servers: http://o, host: client}}");
        assertThat(read.onlyOrigin()).isEmpty();
        Site site = read.compiled(Policies.DEFAULT).list().get(0);
        assertThat(site.origin()).isEqualTo("shop");
        assertThat(site.clientHost()).isTrue();
        assertThat(site.isEverything()).isFalse();
    }

    @Test
    void a_site_has_hosts_an_origin_a_policy_and_the_name_of_its_first_host() throws Exception {
        Configuration read = Text.read(SITE + "      []\n    policy: rfc9111\n");
        Site site = read.compiled(Policies.DEFAULT).find("www.shop.example.com:8000");
        assertThat(site.name()).isEqualTo("shop.example.com");
        assertThat(site.policy()).isEqualTo(Policy.rfc9111());
        assertThat(site.clientHost()).isTrue();
        assertThat(read.origins().get("other").settings().url()).isEqualTo(URI.create("https://other.example/base"));
    }

    @Test
    void the_policies_of_sites_and_rules_have_the_times_of_the_options() throws Exception {
        Configuration read = Text.read(SITE + "      - {name: a, policy: override}\n");
        Policies policies =
                new Policies(Policy.rfc9111(), name -> name.policy(Duration.ofSeconds(7), Duration.ofSeconds(8)));
        Site site = read.compiled(policies).list().get(0);
        assertThat(site.policy()).isEqualTo(Policy.rfc9111());
        RequestHead request = request("http://shop.example.com/");
        assertThat(site.rules().forRequest(request, null).beforeResponse().policy())
                .isEqualTo(Policy.override(Duration.ofSeconds(8)));
    }

    @Test
    void the_rules_for_all_sites_come_before_their_own() throws Exception {
        Configuration read = Text.read("rules: [{name: all, tags: all}]\n" + SITE + "      - {name: own, tags: own}\n");
        Treatment treatment = treatment(read, "http://shop.example.com/");
        assertThat(treatment.rules()).containsExactly("all", "own");
    }

    @Test
    void every_condition_is_read() throws Exception {
        Configuration read = Text.read("""
                rules:
                  - ttl: 1s
                    match:
                      host: [a.org, "*.a.org"]
                      path: [/a/**, "/**.{css,js}"]
                      path-regex: ^/a
                      method: GET
                      scheme: https
                      query: {q: "x*", absent: null}
                      header: {X-Test: "*"}
                      cookie: {session: ~}
                      client: 10.0.0.0/8
                      status: [200, 5xx, 300-399]
                      content-type: image/*
                      response-header: {X-Cacheable: "yes"}
                      not: {path: /a/b}
                      any: [{path: /c}, {query: {z: 1}}]
                """);
        String match = read.rules().get(0).rule().match().toString();
        assertThat(Keys.MATCH.names()).allSatisfy(key -> assertThat(match).contains(key + ":"));
    }

    @Test
    void every_setting_is_read() throws Exception {
        Configuration read = Text.read(SITE + """
                      - {name: a, store: true, ttl: 1m, default-ttl: 1s, min-ttl: 1s, max-ttl: 1h, browser-ttl: 0s}
                      - {name: b, stale-while-revalidate: 1s, stale-if-error: 1d, ignore: [cookie, no-store], tags: [t]}
                      - {name: c, key: {query: {drop: ["utm_*"], sort: true}, headers: A, cookies: [b], host: true, scheme: false}}
                      - {name: d, request-headers: {set: {A: b}, add: {C: [d, e]}, remove: [F]}, response-headers: {remove: Server}}
                      - {name: e, origin: other, rewrite: {strip-prefix: /a, add-prefix: /b}, coalesce: false}
                      - {name: f, compress: [br, zstd, gzip], max-object-size: 1MB, policy: standard}
                      - {name: g, match: {path: /r}, redirect: {to: "https://b.org{uri}", status: 308}}
                      - {name: h, match: {path: /h}, respond: {status: 404, body: none}}
                      - {name: i, match: {path: /i}, bypass: true}
                """.indent(0).replaceAll("(?m)^ +", "      "));
        Set<Setting> all = EnumSet.noneOf(Setting.class);
        read.sites().get(0).rules().forEach(entry -> all.addAll(entry.rule().sets()));
        Set<Setting> inFiles = EnumSet.allOf(Setting.class);
        inFiles.remove(Setting.KEY_FUNCTION); // a function is no text
        assertThat(all).isEqualTo(inFiles);
        RequestHead forwarded = treatment(read, "http://shop.example.com/a/x")
                .forwarded(request("http://shop.example.com/a/x").withHeaders(Headers.of("F", "1")));
        assertThat(forwarded.target().pathAndQuery()).isEqualTo("/b/x");
        assertThat(forwarded.headers().all("C")).containsExactly("d", "e");
        assertThat(forwarded.headers().contains("F")).isFalse();
    }

    @Test
    void every_setting_has_a_key_and_every_key_a_setting() {
        Set<String> tokens = new java.util.TreeSet<>();
        Arrays.stream(Setting.values()).forEach(it -> tokens.add(it.token().replaceFirst("\\..*", "")));
        Set<String> keys = new java.util.TreeSet<>(Keys.RULE.names());
        keys.removeAll(Set.of("name", "match"));
        assertThat(keys).isEqualTo(tokens);
    }

    @Test
    void a_shadowed_rule_is_a_warning_that_names_both() throws Exception {
        Configuration read = Text.read("""
                rules:
                  - {name: first, match: {path: /a}, ttl: 1s}
                  - {name: second, match: {path: /a}, ttl: 2s, tags: [x]}
                  - {name: third, match: {path: /b}, browser-ttl: 1s}
                  - {name: fourth, browser-ttl: 2s}
                  - {name: fifth, match: {path: /a}, response-headers: {remove: A}}
                  - {name: sixth, match: {path: /a}, response-headers: {remove: B}}
                """);
        assertThat(read.warnings())
                .extracting(Problem::toString)
                .containsExactly(
                        "c.yaml:2:5: rules[0]: rule \"first\" has no effect: rule \"second\" in line 3 matches the same and sets all that it sets",
                        "c.yaml:4:5: rules[2]: rule \"third\" has no effect: rule \"fourth\" in line 5 matches the same and sets all that it sets");
    }

    @Test
    void an_origin_that_nothing_names_is_a_warning() throws Exception {
        Configuration read = Text.read(SITE + "      [{name: a, match: {path: /a}, bypass: true}]\n");
        assertThat(read.warnings())
                .extracting(Problem::toString)
                .containsExactly("c.yaml:3:10: origins.other: has no effect: no site and no rule names it");
        assertThat(Text.read(SITE + "      [{name: a, match: {path: /a}, origin: other}]\n")
                        .warnings())
                .isEmpty();
    }

    @Test
    void a_response_condition_makes_a_rule_depend_on_the_response() throws Exception {
        Configuration read = Text.read("rules: [{name: negative, match: {status: [404, 410]}, ttl: 30s}]");
        Treatment treatment = treatment(read, "http://a.org/");
        assertThat(treatment.response(new ResponseHead(404, Headers.EMPTY)).rules())
                .containsExactly("negative");
        assertThat(treatment.response(new ResponseHead(200, Headers.EMPTY)).rules())
                .isEmpty();
    }

    private static Treatment treatment(Configuration read, String url) {
        RequestHead request = request(url);
        return read.compiled(Policies.DEFAULT)
                .find(request.target().authority())
                .rules()
                .forRequest(request, null);
    }

    private static RequestHead request(String url) {
        return new RequestHead("GET", Target.of(URI.create(url)), Headers.EMPTY);
    }

    @Test
    void merge_keys_take_the_fields_of_another_map() throws Exception {
        Configuration read = Text.read("""
                rules:
                  - &long {name: a, ttl: 1h, tags: [x]}
                  - {<<: *long, name: b, match: {path: /b}}
                  - {<<: [{name: c, ttl: 2h}, *long], match: {path: /c}}
                """);
        assertThat(treatment(read, "http://a.org/b").rules()).containsExactly("a", "b");
        assertThat(read.rules().get(2).rule().sets()).containsExactlyInAnyOrder(Setting.TTL, Setting.TAGS);
        assertThat(Text.errors("rules: [{<<: 1, ttl: 1s}]"))
                .singleElement()
                .asString()
                .startsWith("c.yaml:1:14: rules[0].<<: is no map");
    }

    @Test
    void a_byte_order_mark_is_no_part_of_the_first_key() throws Exception {
        assertThat(Text.read("\uFEFFport: 81").options()).containsKey("port");
    }

    @Test
    void rules_without_a_name_are_called_by_their_number() throws Exception {
        Configuration read = Text.read("rules: [{ttl: 1s}, {match: {path: /x}, bypass: true}]");
        assertThat(read.rules())
                .extracting(Configuration.RuleEntry::rule)
                .extracting(Rule::name)
                .containsExactly("rule for all sites 1", "rule for all sites 2");
    }
}
