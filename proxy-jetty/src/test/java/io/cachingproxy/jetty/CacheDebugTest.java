package io.cachingproxy.jetty;

import static io.cachingproxy.testkit.RawOrigin.ok;
import static io.cachingproxy.testkit.Verdicts.assertHit;
import static io.cachingproxy.testkit.Verdicts.assertStored;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachingproxy.jetty.debug.CacheDebug;
import io.cachingproxy.jetty.debug.DebugTokens;
import io.cachingproxy.testkit.RawOrigin;
import io.cachingproxy.testkit.Reply;
import io.cachingproxy.testkit.TestProxy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The response field Cache-Debug, for requests with a token. */
class CacheDebugTest {
    private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");
    private static final DebugTokens TOKENS = new DebugTokens("a secret of many bytes".getBytes(US_ASCII));
    private static final String VALID = TOKENS.token(NOW.plusSeconds(1));

    private static TestProxy proxy(RawOrigin origin) {
        CacheDebug debug = new CacheDebug(TOKENS, key -> key.replace("secret", "***"), InstantSource.fixed(NOW));
        return TestProxy.serving(origin, server -> server.cacheDebug(debug));
    }

    @Test
    void a_miss_and_the_hit_after_it_are_explained() {
        try (RawOrigin origin = RawOrigin.sending(ok("a", "Cache-Control: max-age=60"));
                TestProxy proxy = proxy(origin)) {
            String key = "key=\"GET " + origin.uri() + "/a?q=\\\"***\\\"\"";
            Reply miss = assertStored(proxy.get("/a?q=\"secret\"", "Cache-Debug: " + VALID));
            assertThat(miss.header("Cache-Debug"))
                    .isEqualTo(key + ", site=\"default\", rules=\"\", result=miss, reason=uri-miss");
            Reply hit = assertHit(proxy.get("/a?q=\"secret\"", "Cache-Debug: " + VALID));
            assertThat(hit.header("Cache-Debug"))
                    .isEqualTo(key + ", site=\"default\", rules=\"\", result=hit, reason=fresh, ttl=60");
        }
    }

    @Test
    void the_stored_response_has_no_field_and_the_token_neither_reaches_the_origin_nor_selects_a_variant() {
        try (RawOrigin origin = RawOrigin.sending(ok("a", "Cache-Control: max-age=60", "Vary: Cache-Debug"));
                TestProxy proxy = proxy(origin)) {
            assertStored(proxy.get("/", "Cache-Debug: " + VALID));
            assertThat(origin.lastHead()).doesNotContainIgnoringCase("cache-debug");
            assertThat(assertHit(proxy.get("/")).header("Cache-Debug")).isNull();
            assertThat(assertHit(proxy.get("/", "Cache-Debug: other")).header("Cache-Debug"))
                    .isNull();
        }
    }

    @Test
    void requests_that_Jetty_reads_are_explained_too() {
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    call.body();
                    call.send(ok("a"));
                });
                TestProxy proxy = proxy(origin)) {
            assertThat(proxy.ask("POST", "/", "Content-Length: 0", "Cache-Debug: " + VALID)
                            .header("Cache-Debug"))
                    .endsWith("result=bypass, reason=method");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "1.x", "99999999999999999999.x", "1769860801.", "1769860801"})
    void an_invalid_token_changes_nothing(String token) {
        assertUnexplained(token);
    }

    @Test
    void a_token_of_another_secret_an_expired_one_and_one_whose_time_was_changed_change_nothing() {
        assertUnexplained(new DebugTokens("another secret, as long".getBytes(US_ASCII)).token(NOW.plusSeconds(1)));
        assertUnexplained(TOKENS.token(NOW));
        assertUnexplained(TOKENS.token(NOW.minusSeconds(1)));
        assertUnexplained(
                VALID.replaceFirst("[0-9]+", "" + NOW.plus(Duration.ofDays(1)).getEpochSecond()));
    }

    private static void assertUnexplained(String token) {
        try (RawOrigin origin = RawOrigin.sending(ok("a", "Cache-Control: max-age=60"));
                TestProxy proxy = proxy(origin)) {
            assertThat(assertStored(proxy.get("/", "Cache-Debug: " + token)).header("Cache-Debug"))
                    .isNull();
            assertThat(assertHit(proxy.get("/", "Cache-Debug: " + token)).header("Cache-Debug"))
                    .isNull();
            assertThat(origin.lastHead()).doesNotContainIgnoringCase("cache-debug");
        }
    }

    @Test
    void two_tokens_change_nothing() {
        try (RawOrigin origin = RawOrigin.sending(ok("a"));
                TestProxy proxy = proxy(origin)) {
            assertThat(proxy.get("/", "Cache-Debug: " + VALID, "Cache-Debug: " + VALID)
                            .header("Cache-Debug"))
                    .isNull();
        }
    }

    @Test
    void without_a_secret_the_field_is_dropped() {
        try (RawOrigin origin = RawOrigin.sending(ok("a"));
                TestProxy proxy = TestProxy.of(origin)) {
            assertThat(proxy.get("/", "Cache-Debug: " + VALID).header("Cache-Debug"))
                    .isNull();
            assertThat(origin.lastHead()).doesNotContainIgnoringCase("cache-debug");
        }
    }

    @Test
    void a_short_secret_is_refused() {
        assertThatThrownBy(() -> new DebugTokens("too short".getBytes(US_ASCII)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("16 bytes");
    }
}
