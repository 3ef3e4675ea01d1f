package io.cachingproxy.cli.config;

import io.cachingproxy.cli.text.Cut;
import io.cachingproxy.cli.text.Json;
import io.cachingproxy.http.fields.Masking;
import io.cachingproxy.jetty.events.Redaction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The content of a file, without secrets ({@link Masking}): variables are shown as <code>${NAME}</code>, and literals that
 * can be credentials as {@code ***}.
 */
final class Shown {
    private static final Pattern CREDENTIAL = Pattern.compile(
            "auth|token|secret|password|passwd|credential|cookie|api-?key|signature", Pattern.CASE_INSENSITIVE);
    private static final Pattern SCHEME =
            Pattern.compile("(?:Basic|Bearer|Digest|Token) +(?=\\$\\{)", Pattern.CASE_INSENSITIVE);

    /** What the keys of a map are. */
    private enum Keys {
        OF_THE_PRODUCT,
        /** Conditions of a match. */
        CONDITIONS,
        /** {@code set}, {@code add} and {@code remove}. */
        CHANGES,
        /** Names of header fields. */
        HEADERS,
        /** Names of values that are all masked. */
        SECRETS
    }

    private final @Nullable Yaml file;

    Shown(@Nullable Yaml file) {
        this.file = file;
    }

    /** As maps, lists and texts. */
    Map<String, Object> values() {
        return file instanceof Yaml.Fields root ? fields(root, Keys.OF_THE_PRODUCT) : Map.of();
    }

    /**
     * As lines of YAML, in the order of the file, without comments.
     *
     * @param most maximum number of lines; the others are left out
     */
    List<Line> lines(int most) {
        Lines lines = new Lines(most);
        if (file instanceof Yaml.Fields root) {
            lines.fields("", "", root, Keys.OF_THE_PRODUCT);
        }
        return lines.added;
    }

    /**
     * A line of YAML, with at most one value.
     *
     * @param text the line, cut if it is long
     * @param shown the value, without secrets; empty without one
     * @param written the value as in the file; may be a secret
     */
    record Line(String text, String shown, String written) {
        /** Without the value, which may be a secret. */
        @Override
        public String toString() {
            return text;
        }
    }

    /** Collects lines. */
    private static final class Lines {
        private static final int LONGEST = 500;
        private static final String STEP = "  ";

        /** Texts that are the same without quotes. */
        private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./$-][\\w ./:*+=,@${}-]*");

        private final List<Line> added = new ArrayList<>();
        private final int most;

        Lines(int most) {
            this.most = most;
        }

        private boolean isFull() {
            Interruption.check();
            return added.size() >= most;
        }

        /** @param first the beginning of the first line; of the others, {@code indent} */
        void fields(String first, String indent, Yaml.Fields map, Keys keys) {
            String beginning = first;
            for (Yaml.Field field : map.fields()) {
                if (isFull()) {
                    return;
                }
                value(
                        beginning + quoted(Cut.at(LONGEST, field.key())) + ":",
                        indent,
                        field.value(),
                        below(keys, field));
                beginning = indent;
            }
        }

        /** @param key the beginning of the line, up to the colon */
        private void value(String key, String indent, Yaml value, Keys keys) {
            if (value instanceof Yaml.Fields map && !map.fields().isEmpty()) {
                add(key, "", "");
                fields(indent + STEP, indent + STEP, map, keys);
            } else if (value instanceof Yaml.Items list && !list.items().isEmpty()) {
                add(key, "", "");
                items(indent + STEP, list, keys);
            } else {
                addLeaf(key + " ", value, keys);
            }
        }

        private void items(String indent, Yaml.Items list, Keys keys) {
            for (Yaml item : list.items()) {
                if (isFull()) {
                    return;
                }
                if (item instanceof Yaml.Fields map && !map.fields().isEmpty()) {
                    fields(indent + "- ", indent + STEP, map, keys);
                } else if (item instanceof Yaml.Items inner && !inner.items().isEmpty()) {
                    add(indent + "-", "", "");
                    items(indent + STEP, inner, keys);
                } else {
                    addLeaf(indent + "- ", item, keys);
                }
            }
        }

        private void addLeaf(String before, Yaml value, Keys keys) {
            if (value instanceof Yaml.Scalar scalar) {
                String shown = shown(scalar, keys);
                boolean isEmpty = scalar.isNull() && shown.isEmpty();
                add(
                        isEmpty ? before.stripTrailing() : before + quoted(Cut.at(LONGEST, shown)),
                        shown,
                        scalar.written());
            } else {
                add(before + (value instanceof Yaml.Items ? "[]" : "{}"), "", "");
            }
        }

        private void add(String text, String shown, String written) {
            added.add(new Line(Cut.at(LONGEST, text), shown, written));
        }

        private static String quoted(String text) {
            boolean plain =
                    PLAIN.matcher(text).matches() && !text.contains(": ") && !text.endsWith(":") && !text.endsWith(" ");
            return (plain && !text.startsWith("- ")) || text.equals(Masking.MASK) ? text : Json.of(text);
        }
    }

    private static Object value(Yaml value, Keys keys) {
        if (value instanceof Yaml.Fields map) {
            return fields(map, keys);
        } else if (value instanceof Yaml.Items list) {
            List<Object> items = new ArrayList<>();
            list.items().forEach(item -> items.add(value(item, keys)));
            return items;
        }
        return value instanceof Yaml.Scalar scalar ? shown(scalar, keys) : "";
    }

    private static String shown(Yaml.Scalar scalar, Keys keys) {
        return keys == Keys.SECRETS ? masked(scalar.written()) : url(Masking.url(scalar.written()));
    }

    /** A text, without secrets in paths and fragments if it is a URL or a path. */
    private static String url(String text) {
        return text.startsWith("/") || text.contains("//") ? Redaction.BY_DEFAULT.redacted(text) : text;
    }

    /** The scheme and the names of variables stay; their defaults, and literal parts, do not. */
    private static String masked(String credential) {
        Matcher scheme = SCHEME.matcher(credential);
        int end = scheme.lookingAt() ? scheme.end() : 0;
        StringBuilder masked = new StringBuilder(credential.substring(0, end));
        Matcher variables = Variables.REFERENCE.matcher(credential);
        while (variables.find()) {
            if (variables.group(1) == null) {
                continue;
            }
            masked.append(literal(credential.substring(end, variables.start())))
                    .append("${")
                    .append(variables.group(1))
                    .append(variables.group(2) == null ? "}" : ":" + Masking.MASK + "}");
            end = variables.end();
        }
        return masked.indexOf("${") < 0
                ? Masking.MASK
                : masked.append(literal(credential.substring(end))).toString();
    }

    private static String literal(String part) {
        return part.isBlank() ? part : Masking.MASK;
    }

    private static Map<String, Object> fields(Yaml.Fields map, Keys keys) {
        Map<String, Object> fields = new LinkedHashMap<>();
        map.fields().forEach(field -> fields.put(field.key(), value(field.value(), below(keys, field))));
        return fields;
    }

    /** What the keys in a value are. */
    private static Keys below(Keys keys, Yaml.Field field) {
        String key = field.key();
        boolean map = field.value() instanceof Yaml.Fields;
        return switch (keys) {
            case SECRETS -> Keys.SECRETS;
            case HEADERS -> Masking.isShown(key) ? Keys.OF_THE_PRODUCT : Keys.SECRETS;
            case CHANGES -> map ? Keys.HEADERS : Keys.OF_THE_PRODUCT;
            case CONDITIONS ->
                switch (key) {
                    case "any", "not" -> Keys.CONDITIONS;
                    case "cookie", "query" -> map ? Keys.SECRETS : Keys.OF_THE_PRODUCT;
                    case "header", "response-header" -> map ? Keys.HEADERS : Keys.OF_THE_PRODUCT;
                    default -> Keys.OF_THE_PRODUCT;
                };
            case OF_THE_PRODUCT ->
                switch (key) {
                    case "match" -> Keys.CONDITIONS;
                    case "request-headers", "response-headers" -> Keys.CHANGES;
                    case "headers" -> map ? Keys.HEADERS : Keys.OF_THE_PRODUCT;
                    default -> !map && isCredential(key) ? Keys.SECRETS : Keys.OF_THE_PRODUCT;
                };
        };
    }

    /** Whether a key holds a credential. Keys of the product that name files, or lists of names, do not. */
    private static boolean isCredential(String key) {
        return !key.endsWith("-file")
                && !key.equals("cookies")
                && CREDENTIAL.matcher(key).find();
    }
}
