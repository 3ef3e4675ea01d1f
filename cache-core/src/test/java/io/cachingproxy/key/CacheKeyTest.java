package io.cachingproxy.key;

import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Target;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class CacheKeyTest {
    private static CacheKey key(String scheme, String authority, String pathAndQuery) {
        return CacheKey.ofGet(new Target(scheme, authority, pathAndQuery));
    }

    // RFC 9111 §4: a GET's response answers HEAD
    @Test
    void head_shares_the_key_of_get() {
        assertThat(CacheKey.of(request("HEAD").head())).isEqualTo(CacheKey.of(get().head()));
    }

    // RFC 9111 §2
    @Test
    void another_method_has_another_key() {
        assertThat(CacheKey.of(request("POST").head())).isNotEqualTo(CacheKey.of(get().head()));
    }

    // RFC 9111 §2
    @Test
    void headers_are_no_part_of_the_key() {
        assertThat(CacheKey.of(get().header("Host", "evil").head())).isEqualTo(CacheKey.of(get().head()));
    }

    // byte for byte, nothing is normalised
    @Test
    void what_only_means_the_same_has_another_key() {
        assertThat(key("http", "a", "/%41")).isNotEqualTo(key("http", "a", "/A"));
        assertThat(key("http", "a", "/x?")).isNotEqualTo(key("http", "a", "/x"));
        assertThat(key("http", "a", "/x/../y")).isNotEqualTo(key("http", "a", "/y"));
        assertThat(key("http", "a", "/x?a&b")).isNotEqualTo(key("http", "a", "/x?b&a"));
        assertThat(key("https", "a", "/")).isNotEqualTo(key("http", "a", "/"));
        assertThat(key("http", "a:80", "/")).isNotEqualTo(key("http", "a", "/"));
    }

    @Test
    void the_hash_has_32_hex_digits_whatever_the_length() {
        assertThat(key("http", "a", "/" + "x".repeat(10_000)).hash()).matches("[0-9a-f]{32}");
    }

    @Test
    void the_query_does_not_show_when_printed() {
        assertThat(key("http", "a", "/x?token=secret").toString()).isEqualTo("GET http://a/x");
        assertThat(key("http", "a", "?token=secret").toString()).isEqualTo("GET http://a");
        assertThat(key("http", "a", "/x").toString()).isEqualTo("GET http://a/x");
    }

    // Nodes of different releases share a Redis.
    @Test
    void text_and_hash_are_the_same_in_every_release() {
        CacheKey query = new CacheKey("QUERY", new Target("https", "a:8443", "/x?y"), "00ff");
        assertThat(key("http", "a", "/x?y").text()).isEqualTo("GET http://a/x?y");
        assertThat(query.text()).isEqualTo("QUERY 00ff https://a:8443/x?y");
        assertThat(key("http", "a", "/x?y").hash()).isEqualTo("49033db961cde3c2bd6499b640492e05");
    }

    @Test
    void what_rules_add_stands_before_the_digest_and_the_url() {
        CacheKey key = new CacheKey("QUERY", new Target("https", "a", "/x"), "00ff", "header 1 a 1 b\n");
        assertThat(key.text()).isEqualTo("QUERY +aGVhZGVyIDEgYSAxIGIK 00ff https://a/x");
        assertThat(key.asGet().text()).isEqualTo("GET +aGVhZGVyIDEgYSAxIGIK https://a/x");
        assertThat(key.with(new Target("http", "b", "/y")))
                .isEqualTo(new CacheKey("QUERY", new Target("http", "b", "/y"), "00ff", "header 1 a 1 b\n"));
    }

    @Test
    void the_key_of_a_request_can_have_another_target_and_more_parts() {
        Target other = new Target("", "", "/y");
        assertThat(CacheKey.of(request("HEAD").head(), other, "p")).isEqualTo(new CacheKey("GET", other, null, "p"));
        assertThat(CacheKey.of(request("QUERY").head().withContentDigest("7"), other, null))
                .isEqualTo(new CacheKey("QUERY", other, "7"));
    }

    // UTF-8 would write each of them as ?
    @Test
    void halves_of_surrogate_pairs_have_hashes_of_their_own() {
        assertThat(key("http", "a", "/\ud800").hash()).isEqualTo("df8685983d7e5f207eb961c39a5ec48b");
        assertThat(key("http", "a", "/\ud801").hash())
                .isNotEqualTo(key("http", "a", "/\ud800").hash())
                .isNotEqualTo(key("http", "a", "/?").hash());
        assertThat(key("http", "a", "/\ud83d\ude00").hash())
                .isNotEqualTo(key("http", "a", "/\ude00\ud83d").hash());
    }

    @Property
    void distinct_keys_never_collide(
            @ForAll(supplier = ArbitraryKeys.class) CacheKey one,
            @ForAll(supplier = ArbitraryKeys.class) CacheKey other) {
        assertThat(one.text().equals(other.text())).isEqualTo(one.equals(other));
        assertThat(one.hash().equals(other.hash())).isEqualTo(one.equals(other));
    }

    @Test
    void the_origin_of_a_target_is_its_scheme_and_authority() {
        assertThat(new Target("https", "a.example:8443", "/b?c").origin()).isEqualTo("https://a.example:8443");
    }
}
