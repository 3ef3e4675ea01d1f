package io.cachingproxy.rules;

import io.cachingproxy.http.fields.Masking;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The text of a {@link Match} in YAML's flow style. Texts of matches that differ in a condition differ.
 *
 * @param entries the conditions, in order
 */
record MatchText(List<Entry> entries) {
    /** Texts that are strings in YAML without quotes. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z/][A-Za-z0-9/._*+-]*");

    private static final Pattern STATUS_OR_ADDRESS = Pattern.compile("[0-9][0-9a-fx.-]*(/[0-9]+)?");

    /**
     * One condition.
     *
     * @param name the name of the value in a condition that is a map; else null
     * @param shown the value without secrets
     */
    record Entry(String key, @Nullable String name, String value, String shown) {
        Entry(String key, @Nullable String name, String value) {
            this(key, name, value, name == null ? value : masked(key, name, value));
        }

        /** That a value is absent, or anything, is not a secret. */
        private static String masked(String key, String name, String value) {
            boolean harmless = value.equals("null") || value.equals("\"*\"") || value.equals("\"?*\"");
            return harmless || (key.endsWith("header") && Masking.isShown(name)) ? value : quoted(Masking.MASK);
        }

        /** The condition without secrets. */
        Entry masked() {
            return new Entry(key, name, shown);
        }

        @Override
        public String toString() {
            return key + ": " + (name == null ? value : '{' + quoted(name) + ": " + value + '}');
        }
    }

    /** The text without secrets. */
    MatchText masked() {
        return new MatchText(entries.stream().map(Entry::masked).toList());
    }

    MatchText plus(Entry entry) {
        List<Entry> more = new ArrayList<>(entries);
        more.add(entry);
        return new MatchText(List.copyOf(more));
    }

    boolean has(String key) {
        return entries.stream().anyMatch(entry -> entry.key.equals(key));
    }

    static String list(List<String> values) {
        return values.size() == 1
                ? quoted(values.get(0))
                : "[" + String.join(", ", values.stream().map(MatchText::quoted).toList()) + "]";
    }

    static String glob(@Nullable String glob) {
        return glob == null ? "null" : quoted(glob);
    }

    static String quoted(String value) {
        boolean plain = PLAIN.matcher(value).matches()
                || STATUS_OR_ADDRESS.matcher(value).matches();
        if (plain && !value.equals("null")) {
            return value;
        }
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < ' ' || Character.isSurrogate(c)) {
                quoted.append("\\u").append(Integer.toHexString(0x10000 + c).substring(1));
            } else {
                quoted.append(c == '"' || c == '\\' ? "\\" : "").append(c);
            }
        }
        return quoted.append('"').toString();
    }

    /** Groups the conditions that are maps under one key each. */
    @Override
    public String toString() {
        Map<String, List<String>> maps = new LinkedHashMap<>();
        for (Entry entry : entries) {
            if (entry.name != null) {
                maps.computeIfAbsent(entry.key, key -> new ArrayList<>()).add(quoted(entry.name) + ": " + entry.value);
            }
        }
        List<String> texts = new ArrayList<>();
        for (Entry entry : entries) {
            if (entry.name == null) {
                texts.add(entry.key + ": " + entry.value);
                continue;
            }
            List<String> values = maps.remove(entry.key);
            if (values != null) {
                texts.add(entry.key + ": {" + String.join(", ", values) + '}');
            }
        }
        return '{' + String.join(", ", texts) + '}';
    }
}
