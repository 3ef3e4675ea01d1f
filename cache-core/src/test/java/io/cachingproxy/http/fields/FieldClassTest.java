package io.cachingproxy.http.fields;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FieldClassTest {
    private static final String NOT_ALPHANUMERIC = "!#$%&'*+-.^_`|~";
    private static final String ALPHANUMERIC = "abcdefghijklmnopqrstuvwxyz0123456789";

    private final Random random = new Random(20261124);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Forwarded",
                "Forwarded-For",
                "X-Forwarded",
                "X-Forwarder-For",
                "X-Forwarded-For",
                "X-Forwarded-Host",
                "X-Forwarded-User",
                "X-Forwarded-Client-Cert",
                "X-Forwarded-Access-Token",
                "CloudFront-Forwarded-Proto",
                "X-Original-URI",
                "X-Rewrite-URL",
                "X-Envoy-Original-Path",
                "X-Host",
                "X-Host-Override",
                "X-HTTP-Method",
                "X-HTTP-Method-Override",
                "X-Method-Override",
                "X-Script-Name",
                "X-Auth-Request-Email",
                "X-Remote-User",
                "Remote-User",
                "Client-Cert",
                "Client-Cert-Chain",
                "SSL-Client-Verify",
                "X-SSL-Client-CN",
                "X-Accel-Mapping",
                "X-Sendfile-Type",
                "X-Middleware-Subrequest",
                "Front-End-Https",
                "Proxy",
                "Proxy-Host"
            })
    void what_only_proxies_may_say_is_theirs_in_any_spelling(String name) {
        assertThat(FieldClass.of(name)).isEqualTo(FieldClass.PROXY);
        assertIsOfProxiesInAnySpelling(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Client-IP",
                "X-Client-IP",
                "True-Client-IP",
                "Fastly-Client-IP",
                "X-Cluster-Client-IP",
                "CF-Connecting-IP",
                "CF-Connecting-IPv6",
                "X-Real-IP",
                "X-Remote-IP",
                "X-Remote-Addr",
                "X-Originating-IP",
                "X-ProxyUser-Ip",
                "X-Azure-ClientIP",
                "X-Appengine-User-Ip"
            })
    void so_is_the_address_of_a_client(String name) {
        assertThat(FieldClass.of(name)).isEqualTo(FieldClass.CLIENT_ADDRESS);
        assertIsOfProxiesInAnySpelling(name);
    }

    private void assertIsOfProxiesInAnySpelling(String name) {
        for (int i = 0; i < 200; i++) {
            String spelled = respelled(name);
            boolean plain = spelled.equalsIgnoreCase(name);
            assertThat(FieldClass.of(spelled).isOfProxies()).as(spelled).isTrue();
            assertThat(FieldClass.of(spelled) == FieldClass.DISGUISED)
                    .as(spelled)
                    .isEqualTo(!plain);
        }
    }

    @Test
    void nothing_that_begins_with_x_forwarded_is_left_out() {
        for (int i = 0; i < 1000; i++) {
            String name = "X-Forwarded-" + word();
            assertThat(FieldClass.of(name).isOfProxies()).as(name).isTrue();
        }
    }

    @Test
    void of_all_names_that_are_one_to_cgi_only_the_one_with_hyphens_may_be_ordinary() {
        for (int i = 0; i < 1000; i++) {
            String name = word() + '-' + word() + '-' + word();
            String other = respelled(name);
            if (!other.equalsIgnoreCase(name)) {
                assertThat(FieldClass.of(other)).as(other).isIn(FieldClass.AMBIGUOUS, FieldClass.DISGUISED);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Accept",
                "Accept-Encoding",
                "Authorization",
                "Cache-Control",
                "CDN-Loop",
                "Content-Type",
                "Cookie",
                "DNT",
                "Host",
                "If-None-Match",
                "Max-Forwards",
                "Origin",
                "Prefer",
                "Priority",
                "Range",
                "Referer",
                "Sec-CH-UA-Platform",
                "Sec-Fetch-Site",
                "Upgrade-Insecure-Requests",
                "User-Agent",
                "Via",
                "X-Amz-Date",
                "X-Amz-Content-SHA256",
                "X-Api-Key",
                "X-B3-TraceId",
                "X-Correlation-ID",
                "X-CSRF-Token",
                "X-Goog-User-Project",
                "X-Ms-Version",
                "X-Request-ID",
                "X-Requested-With",
                "Tracestate",
                "traceparent"
            })
    void what_clients_say_for_themselves_is_ordinary(String name) {
        assertThat(FieldClass.of(name)).isEqualTo(FieldClass.ORDINARY);
    }

    // RFC 9110 §11.7
    @ParameterizedTest
    @ValueSource(strings = {"Proxy-Authorization", "Proxy-Connection"})
    void what_is_said_to_this_proxy_is_left_to_the_hop_by_hop_rule(String name) {
        assertThat(FieldClass.of(name)).isEqualTo(FieldClass.ORDINARY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"api_key", "X.Tenant", "x-my_header", "a!b"})
    void a_name_that_cgi_would_change_is_ambiguous(String name) {
        assertThat(FieldClass.of(name)).isEqualTo(FieldClass.AMBIGUOUS);
    }

    private String respelled(String name) {
        StringBuilder spelled = new StringBuilder();
        for (char c : name.toCharArray()) {
            if (c == '-') {
                spelled.append(random.nextBoolean() ? c : NOT_ALPHANUMERIC.charAt(random.nextInt(15)));
            } else {
                String letter = String.valueOf(c);
                spelled.append(
                        random.nextBoolean() ? letter.toLowerCase(Locale.ROOT) : letter.toUpperCase(Locale.ROOT));
            }
        }
        return spelled.toString();
    }

    private String word() {
        StringBuilder word = new StringBuilder();
        for (int length = 1 + random.nextInt(8); length > 0; length--) {
            word.append(ALPHANUMERIC.charAt(random.nextInt(ALPHANUMERIC.length())));
        }
        return word.toString();
    }
}
