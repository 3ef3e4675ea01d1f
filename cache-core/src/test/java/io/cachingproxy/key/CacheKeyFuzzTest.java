package io.cachingproxy.key;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.http.syntax.FieldValues;
import org.jspecify.annotations.Nullable;

/** Requests that differ have keys, texts and hashes that differ. */
class CacheKeyFuzzTest {
    /** Two requests of four lines each: method, scheme and authority, path and query, digest. */
    @FuzzTest(maxDuration = "25s")
    void requests_that_differ_have_keys_that_differ(byte[] requests) {
        String[] lines = new String(requests, UTF_8).split("\n", 8);
        CacheKey one = lines.length < 8 ? null : key(lines, 0);
        CacheKey other = lines.length < 8 ? null : key(lines, 4);
        if (one != null && other != null) {
            assertThat(one.text().equals(other.text())).isEqualTo(one.equals(other));
            assertThat(one.hash().equals(other.hash())).isEqualTo(one.equals(other));
        }
    }

    /** The key of a request that can arrive; null of what cannot. */
    private static @Nullable CacheKey key(String[] lines, int at) {
        String method = lines[at];
        String authority = lines[at + 1];
        String path = lines[at + 2];
        String digest = lines[at + 3];
        boolean arrives = FieldValues.isToken(method)
                && authority.matches("[a-z0-9.:\\[\\]-]+")
                && path.startsWith("/")
                && digest.matches("[0-9a-f]*");
        if (!arrives) {
            return null;
        }
        Target target = new Target(authority.length() % 2 == 0 ? "http" : "https", authority, path);
        RequestHead head = new RequestHead(method, target, Headers.EMPTY);
        return CacheKey.of(digest.isEmpty() ? head : head.withContentDigest(digest));
    }
}
