package io.cachingproxy.cli.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.rules.Rule;
import io.cachingproxy.rules.Site;
import io.cachingproxy.rules.Sites;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A file with 10,000 rules in 100 sites. */
class ManyRulesTest {
    private static final int SITES = 100;
    private static final int RULES = 100;

    private static Configuration read;
    private static Sites sites;

    @BeforeAll
    static void read() throws Exception {
        read = Text.read(file());
        sites = read.compiled(Policies.DEFAULT);
    }

    private static String file() {
        StringBuilder file = new StringBuilder("origins: {shop: {servers: http://o}}\nsites:\n");
        for (int site = 0; site < SITES; site++) {
            file.append("  - hosts: [s%1$d.example.com, '*.s%1$d.example.com']\n    origin: shop\n    rules:\n"
                    .formatted(site));
            for (int rule = 0; rule < RULES; rule++) {
                file.append("      - {name: rule %d, match: %s, %s}\n".formatted(rule, match(rule), setting(rule)));
            }
        }
        return file.toString();
    }

    private static String match(int rule) {
        return switch (rule % 5) {
            case 0 -> "{path: /p%d/**, method: GET}".formatted(rule);
            case 1 -> "{path: [/a%1$d/**, '/b%1$d/*.{css,js}']}".formatted(rule);
            case 2 -> "{path: /c%1$d/**, header: {X-Kind: 'k%1$d*'}}".formatted(rule);
            case 3 -> "{path-regex: '^/r%d/[0-9]+$'}".formatted(rule);
            default -> "{path: /q%d/**, query: {v: '*'}}".formatted(rule);
        };
    }

    private static String setting(int rule) {
        return switch (rule % 5) {
            case 0 -> "ttl: %ds".formatted(rule + 1);
            case 1 -> "browser-ttl: 10s, stale-if-error: 1h";
            case 2 -> "bypass: true";
            case 3 -> "key: {query: {drop: [utm_*], sort: true}}, tags: [t%d]".formatted(rule);
            default -> "response-headers: {set: {X-Rule: '%d'}}".formatted(rule);
        };
    }

    /** A path that exactly one rule matches. */
    private static String path(int rule) {
        return switch (rule % 5) {
            case 0 -> "/p%d/x".formatted(rule);
            case 1 -> "/b%d/x.css".formatted(rule);
            case 2 -> "/c%d/x/y".formatted(rule);
            case 3 -> "/r%d/17".formatted(rule);
            default -> "/q%d/x?v=1".formatted(rule);
        };
    }

    private static List<String> matching(int site, int rule, String host) {
        RequestHead request = new RequestHead(
                "GET", new Target("http", host, path(rule)), Headers.of("X-Kind", "k%d-1".formatted(rule)));
        Site found = sites.find(host);
        assertThat(found.name()).isEqualTo("s%d.example.com".formatted(site));
        return found.rules().forRequest(request, null).rules();
    }

    @Test
    void every_rule_of_every_site_is_there_in_order_and_without_warnings() {
        assertThat(read.warnings()).isEmpty();
        assertThat(read.sites()).hasSize(SITES);
        List<String> names = new ArrayList<>();
        for (int rule = 0; rule < RULES; rule++) {
            names.add("rule " + rule);
        }
        for (Site site : sites.list()) {
            assertThat(site.rules().list()).extracting(Rule::name).isEqualTo(names);
        }
    }

    @Test
    void each_request_gets_the_one_rule_of_its_path_in_the_site_of_its_host() {
        for (int site = 0; site < SITES; site++) {
            for (int rule = 0; rule < RULES; rule++) {
                String host = (rule % 2 == 0 ? "" : "www.") + "s%d.example.com".formatted(site);
                assertThat(matching(site, rule, host)).containsExactly("rule " + rule);
            }
        }
    }

    @Test
    void a_mistake_in_the_last_rule_has_its_line() {
        String wrong = file().replaceFirst("(?s)(.*)path: /q99/\\*\\*", "$1path: q99");
        assertThat(Text.errors(wrong))
                .singleElement()
                .asString()
                .startsWith("c.yaml:%d:".formatted(2 + SITES * (RULES + 3)))
                .contains("sites[99].rules[99].match.path: path \"q99\" never matches");
    }
}
