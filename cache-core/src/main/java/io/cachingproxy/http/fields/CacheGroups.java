package io.cachingproxy.http.fields;

import io.cachingproxy.http.Headers;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.greenbytes.http.sfv.ListElement;
import org.greenbytes.http.sfv.ParseException;
import org.greenbytes.http.sfv.Parser;
import org.greenbytes.http.sfv.StringItem;

/** The groups that a response belongs to or invalidates (RFC 9875). */
public final class CacheGroups {
    /** Number of groups in a field that caches must support (RFC 9875 §2); further groups are ignored. */
    private static final int MAX = 128;

    private CacheGroups() {}

    /** The groups of Cache-Groups. */
    public static Set<String> of(Headers headers) {
        return parse(headers.all("Cache-Groups"));
    }

    /** The groups of Cache-Group-Invalidation. */
    public static Set<String> invalidated(Headers headers) {
        return parse(headers.all("Cache-Group-Invalidation"));
    }

    /** The strings of a structured list; empty if the list is malformed or has other members. */
    private static Set<String> parse(List<String> lines) {
        if (lines.isEmpty()) {
            return Set.of();
        }
        Set<String> groups = new LinkedHashSet<>();
        try {
            for (ListElement<?> member : new Parser(lines).parseList().get()) {
                if (!(member instanceof StringItem group)) {
                    return Set.of();
                }
                if (groups.size() < MAX) {
                    groups.add(group.get());
                }
            }
        } catch (ParseException malformed) {
            return Set.of();
        }
        return groups;
    }
}
