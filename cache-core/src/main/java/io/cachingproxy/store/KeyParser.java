package io.cachingproxy.store;

import io.cachingproxy.http.Target;
import io.cachingproxy.key.CacheKey;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Reads keys from their texts, for operators who browse a store: requests are never looked up by a key from here. */
final class KeyParser {
    private KeyParser() {}

    /** The key with this {@link CacheKey#text()}; null if it is the text of no key. */
    static @Nullable CacheKey parse(String text) {
        int scheme = text.indexOf("://");
        int begin = text.lastIndexOf(' ', scheme);
        int path = scheme < 0 ? -1 : text.indexOf('/', scheme + "://".length());
        if (begin < 0 || path < 0) {
            return null;
        }
        Target target = new Target(
                text.substring(begin + 1, scheme), text.substring(scheme + "://".length(), path), text.substring(path));
        String[] before = text.substring(0, begin).split(" ", -1);
        int digest = before.length > 1 && before[1].startsWith("+") ? 2 : 1;
        try {
            String parts = digest == 1
                    ? null
                    : new String(Base64.getUrlDecoder().decode(before[1].substring(1)), StandardCharsets.UTF_8);
            CacheKey key = new CacheKey(before[0], target, before.length > digest ? before[digest] : null, parts);
            return key.text().equals(text) ? key : null;
        } catch (IllegalArgumentException notBase64) {
            return null;
        }
    }
}
