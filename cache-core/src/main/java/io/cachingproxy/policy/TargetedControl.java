package io.cachingproxy.policy;

import io.cachingproxy.http.CacheControl;
import io.cachingproxy.http.Headers;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.greenbytes.http.sfv.BooleanItem;
import org.greenbytes.http.sfv.Dictionary;
import org.greenbytes.http.sfv.IntegerItem;
import org.greenbytes.http.sfv.ListElement;
import org.greenbytes.http.sfv.ParseException;
import org.greenbytes.http.sfv.Parser;
import org.jspecify.annotations.Nullable;

/**
 * Cache directives for this kind of cache only, in a targeted field such as CDN-Cache-Control (RFC 9213). A valid one
 * replaces Cache-Control and Expires; an empty or malformed field, or one with wrong types, is ignored.
 */
final class TargetedControl {
    private static final Set<String> SECONDS =
            Set.of("max-age", "s-maxage", "stale-while-revalidate", "stale-if-error");

    private TargetedControl() {}

    /** The directives of the first valid field of {@code fields}, or null (RFC 9213 §2.2). */
    static @Nullable CacheControl of(Headers headers, List<String> fields) {
        for (String field : fields) {
            List<String> lines = headers.all(field);
            CacheControl control = lines.isEmpty() ? null : parse(lines);
            if (control != null) {
                return control;
            }
        }
        return null;
    }

    private static @Nullable CacheControl parse(List<String> lines) {
        Dictionary dictionary;
        try {
            dictionary = new Parser(lines).parseDictionary();
        } catch (ParseException malformed) {
            return null;
        }
        Map<String, String> directives = new LinkedHashMap<>();
        for (Map.Entry<String, ListElement<? extends Object>> member :
                dictionary.get().entrySet()) {
            String argument = argument(member.getKey(), member.getValue());
            if (argument == null) {
                return null;
            }
            if (!argument.equals("?0")) {
                directives.put(member.getKey(), argument);
            }
        }
        return directives.isEmpty() ? null : CacheControl.of(directives);
    }

    /** The argument in Cache-Control syntax, {@code ?0} for a directive set to false, null if its type is wrong. */
    private static @Nullable String argument(String name, ListElement<?> value) {
        if (SECONDS.contains(name)) {
            return value instanceof IntegerItem seconds && seconds.getAsLong() >= 0
                    ? Long.toString(seconds.getAsLong())
                    : null;
        }
        if (value instanceof BooleanItem flag) {
            return Boolean.TRUE.equals(flag.get()) ? "" : "?0";
        }
        return String.valueOf(value.get());
    }
}
