package io.cachingproxy.cli.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The {@code tests} of a file. */
class FileTestsTest {
    private static final String SHOP = """
            origins: {shop: {servers: http://10.0.0.1}}
            sites:
              - hosts: [shop.example.com, "*.shop.example.com"]
                origin: shop
                rules:
                  - {name: tracking parameters, key: {query: {drop: [utm_*], sort: true}}}
                  - {name: cart, match: {path: /cart/**}, bypass: true}
                  - {name: products, match: {path: /products/**}, ttl: 60s, browser-ttl: 10s}
                  - {name: negative, match: {status: [404, 410]}, ttl: 30s}
                  - {name: admin, match: {path: /admin/**}, respond: {status: 403}}
                  - {name: office, match: {client: 10.0.0.0/8}, response-headers: {remove: Server}}
            tests:
            """;

    @Test
    void what_holds_fails_nothing() throws Exception {
        assertThat(failures("""
              - name: tracking parameters do not split the cache
                request: GET https://shop.example.com/products/1?utm_source=x
                response: {status: 200, headers: {Cache-Control: no-cache, Server: x}}
                expect: {key: https://shop.example.com/products/1, stored: true, ttl: 1m, rules: [tracking parameters, products],
                         site: shop.example.com, origin: shop, bypass: false, headers: {Cache-Control: max-age=10, Server: x}}
              - request: POST https://www.shop.example.com/products/1
                expect: {stored: false, key: https://shop.example.com/products/1}
              - request: GET https://shop.example.com/cart/1
                expect: {bypass: true, stored: false}
              - request: {url: https://shop.example.com/, client: 10.1.2.3, headers: {Cookie: a=b}}
                response: {headers: {Server: [a, b]}}
                expect: {rules: [tracking parameters, office], headers: {Server: null}, stored: false}
              - request: GET https://shop.example.com/gone
                response: {status: 410}
                expect: {ttl: 30s, rules: [tracking parameters, negative]}
              - request: GET https://shop.example.com/x/..%2fadmin/x
                response: {headers: {Cache-Control: max-age=60}}
                expect: {rules: [tracking parameters, admin], stored: false}
              - request: GET https://elsewhere.example/
                expect: {site: null}
            """)).isEmpty();
    }

    @Test
    void a_path_that_is_refused_is_not_stored() throws Exception {
        Configuration read = Text.read("""
                rules: [{name: all, rewrite: {add-prefix: /base}, ttl: 1m}]
                tests:
                  - request: GET http://a.org/..%2fx
                    expect: {stored: false, rules: [all]}
                  - request: GET http://a.org/x
                    expect: {stored: true}
                """);
        assertThat(read.failedTests(read.compiled(Policies.DEFAULT), null)).isEmpty();
    }

    @Test
    void what_does_not_hold_is_told_with_what_was_expected_and_what_was_the_case() throws Exception {
        assertThat(failures("""
              - name: one
                request: GET https://shop.example.com/products/1?b=1&a=2
                expect:
                  ttl: 30s
                  key: https://shop.example.com/products/1
                  rules: [products]
                  headers: {X-A: b}
              - name: two
                request: GET https://shop.example.com/
                response: {headers: {Set-Cookie: a=b}}
                expect: {stored: true, ttl: 300s, site: shop, bypass: true}
              - name: three
                request: GET https://elsewhere.example/
                expect: {stored: true}
            """))
                .containsExactly(
                        "c.yaml:16:12: test \"one\": expected ttl 30s, got 60s",
                        "c.yaml:17:12: test \"one\": expected key https://shop.example.com/products/1, got https://shop.example.com/products/1?a=***&b=***",
                        "c.yaml:18:14: test \"one\": expected rules [products], got [tracking parameters, products]",
                        "c.yaml:19:22: test \"one\": expected header X-A ***, got none",
                        "c.yaml:23:22: test \"two\": expected stored true, got false (set-cookie)",
                        "c.yaml:23:33: test \"two\": expected ttl 300s, got none, not stored (set-cookie)",
                        "c.yaml:23:45: test \"two\": expected site shop, got shop.example.com",
                        "c.yaml:23:59: test \"two\": expected bypass true, got false",
                        "c.yaml:26:22: test \"three\": expected stored true, got none (no site has the host elsewhere.example)");
    }

    @Test
    void wrong_tests_are_errors() {
        assertThat(Text.errors("""
                tests:
                  - {request: /a, expect: {stored: true}}
                  - {request: GET https://a.org/}
                  - {expect: {ttl: 1s}}
                  - {request: GET https://a.org/, expect: {tll: 1s, ttl: 1}, response: {status: 1}}
                """))
                .containsExactly(
                        "c.yaml:2:15: tests[0].request: '/a' is not a request: write a method and a URL, as GET https://example.org/",
                        "c.yaml:3:5: tests[1]: expects nothing: write expect: {stored: true}",
                        "c.yaml:4:5: tests[2]: has no request: write request: GET https://example.org/",
                        "c.yaml:5:81: tests[3].response.status: '1' is not a final status: write 200 to 599");
    }

    @Test
    void a_key_behind_the_only_origin_has_its_url() throws Exception {
        Configuration read = Text.read("""
                origins: {shop: {servers: http://10.0.0.1/base}}
                tests: [{request: GET https://a.org/x, expect: {key: http://10.0.0.1/base/x, origin: null}}]
                """);
        URI only = read.onlyOrigin().orElseThrow().settings().url();
        assertThat(read.failedTests(read.compiled(Policies.DEFAULT), only)).isEmpty();
    }

    private static List<String> failures(String tests) throws ConfigurationException {
        Configuration read = Text.read(SHOP + tests.indent(0));
        return read.failedTests(read.compiled(Policies.DEFAULT), null).stream()
                .map(Problem::toString)
                .toList();
    }
}
