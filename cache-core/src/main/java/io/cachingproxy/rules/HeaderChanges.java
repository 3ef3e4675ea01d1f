package io.cachingproxy.rules;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.syntax.FieldValues;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Changes of header fields, by field name in lower case.
 *
 * @param fields names in lower case
 */
record HeaderChanges(Map<String, Change> fields) {
    static final HeaderChanges NONE = new HeaderChanges(Map.of());

    /** Fields of message framing and of the connection, which rules cannot change. */
    private static final Set<String> FIXED = Set.of(
            "connection",
            "content-length",
            "host",
            "keep-alive",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    /**
     * The change of one field.
     *
     * @param name the name as written in the rule
     * @param removed whether the existing lines are removed
     * @param added the values of added lines
     */
    record Change(String name, boolean removed, List<String> added) {}

    HeaderChanges set(String name, String value) {
        return with(name, new Change(name, true, List.of(checked(name, value))));
    }

    HeaderChanges add(String name, String value) {
        Change before = fields.get(name.toLowerCase(Locale.ROOT));
        List<String> values = new ArrayList<>(before == null ? List.of() : before.added());
        values.add(checked(name, value));
        return with(name, new Change(name, before != null && before.removed(), List.copyOf(values)));
    }

    HeaderChanges remove(String name) {
        return with(name, new Change(name, true, List.of()));
    }

    /** Combines both; later changes replace earlier ones of the same field. */
    HeaderChanges and(HeaderChanges later) {
        Map<String, Change> all = new LinkedHashMap<>(fields);
        all.putAll(later.fields);
        return new HeaderChanges(Collections.unmodifiableMap(all));
    }

    private HeaderChanges with(String name, Change change) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (!FieldValues.isToken(name)) {
            throw new IllegalArgumentException("\"" + name + "\" is not a header name");
        }
        if (FIXED.contains(lower)) {
            throw new IllegalArgumentException("the header " + name + " cannot be changed by a rule");
        }
        Map<String, Change> all = new LinkedHashMap<>(fields);
        all.put(lower, change);
        return new HeaderChanges(Collections.unmodifiableMap(all));
    }

    private static String checked(String name, String value) {
        if (value.chars().anyMatch(c -> (c < ' ' && c != '\t') || c == 0x7f || c > 0xff)) {
            throw new IllegalArgumentException("the value for the header " + name + " has a control character");
        }
        return value;
    }

    /** Whether the field gets a value. */
    boolean sets(String name) {
        Change change = fields.get(name.toLowerCase(Locale.ROOT));
        return change != null && !change.added().isEmpty();
    }

    Headers apply(Headers headers) {
        if (fields.isEmpty()) {
            return headers;
        }
        Headers changed = headers;
        for (Map.Entry<String, Change> field : fields.entrySet()) {
            if (field.getValue().removed()) {
                changed = changed.without(field.getKey());
            }
            for (String value : field.getValue().added()) {
                changed = changed.plus(field.getValue().name(), value);
            }
        }
        return changed;
    }
}
