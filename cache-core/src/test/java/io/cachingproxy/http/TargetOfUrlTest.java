package io.cachingproxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;

class TargetOfUrlTest {
    private static Target of(String url) {
        return Target.of(URI.create(url));
    }

    private static void assertRefused(String url, String complaint) {
        assertThatThrownBy(() -> of(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the URL " + complaint);
    }

    @Test
    void path_and_query_are_kept_byte_for_byte() {
        assertThat(of("http://a/%41//x/../y;v?b=%2f&a&&c=%2F"))
                .isEqualTo(new Target("http", "a", "/%41//x/../y;v?b=%2f&a&&c=%2F"));
        assertThat(of("http://a/x?")).isEqualTo(new Target("http", "a", "/x?"));
        assertThat(of("http://a//x")).isEqualTo(new Target("http", "a", "//x"));
        assertThat(of("http://a/ä")).isEqualTo(new Target("http", "a", "/ä"));
    }

    // RFC 9110 §4.2.3
    @Test
    void scheme_and_host_are_in_lower_case_and_the_path_is_not() {
        assertThat(of("HTTPS://Example.ORG:8443/A?B")).isEqualTo(new Target("https", "example.org:8443", "/A?B"));
        assertThat(of("http://[2001:DB8::1]:81/")).isEqualTo(new Target("http", "[2001:db8::1]:81", "/"));
    }

    // RFC 9110 §4.2.3
    @Test
    void an_empty_path_is_a_slash() {
        assertThat(of("http://a")).isEqualTo(new Target("http", "a", "/"));
        assertThat(of("http://a?b")).isEqualTo(new Target("http", "a", "/?b"));
    }

    // RFC 9110 §4.2.3
    @Test
    void the_default_port_of_the_scheme_is_dropped_and_no_other() {
        assertThat(of("http://a:80/").authority()).isEqualTo("a");
        assertThat(of("https://a:443/").authority()).isEqualTo("a");
        assertThat(of("http://a:443/").authority()).isEqualTo("a:443");
        assertThat(of("https://a:80/").authority()).isEqualTo("a:80");
        assertThat(of("http://a:/").authority()).isEqualTo("a");
        assertThat(of("http://a:1/").authority()).isEqualTo("a:1");
        assertThat(of("http://a:65535/").authority()).isEqualTo("a:65535");
    }

    @Test
    void a_url_that_names_no_target_is_refused_with_the_part_that_is_wrong() {
        assertRefused("ftp://a/", "begins neither with http:// nor with https://");
        assertRefused("/x", "begins neither with http:// nor with https://");
        assertRefused("//a/x", "begins neither with http:// nor with https://");
        assertRefused("http:a", "has no valid host name");
        assertRefused("http:///x", "has no valid host name");
        assertRefused("http://a_b/", "has no valid host name");
        assertRefused("http://a:0/", "has no valid port");
        assertRefused("http://a:65536/", "has no valid port");
        assertRefused("http://a/#", "must not have a fragment");
        assertRefused("http://a/#x", "must not have a fragment");
    }

    @Test
    void a_password_is_refused_and_not_repeated() {
        assertRefused("http://user:secret@a/", "must not have a user or password");
        assertRefused("http://user@a/", "must not have a user or password");
    }

    @Test
    void the_path_ends_at_the_query() {
        assertThat(new Target("http", "a", "/x?y?z").path()).isEqualTo("/x");
        assertThat(new Target("http", "a", "/x").path()).isEqualTo("/x");
    }
}
