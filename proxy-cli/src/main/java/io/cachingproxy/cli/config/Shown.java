package io.cachingproxy.cli.config;

import io.cachingproxy.http.fields.Masking;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The content of a file as maps, lists and texts, without secrets ({@link Masking}): variables are shown as
 * <code>${NAME}</code>, and literals that can be credentials as {@code ***}.
 */
final class Shown {
    private static final Pattern CREDENTIAL = Pattern.compile(
            "auth|token|secret|password|passwd|credential|cookie|api-?key|signature", Pattern.CASE_INSENSITIVE);
    private static final Pattern DEFAULT = Pattern.compile("(\\$\\{\\w+):[^}]*}");

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

    private Shown() {}

    static Map<String, Object> of(@Nullable Yaml file) {
        return file instanceof Yaml.Fields root ? fields(root, Keys.OF_THE_PRODUCT) : Map.of();
    }

    private static Object value(Yaml value, Keys keys) {
        if (value instanceof Yaml.Fields map) {
            return fields(map, keys);
        } else if (value instanceof Yaml.Items list) {
            List<Object> items = new ArrayList<>();
            list.items().forEach(item -> items.add(value(item, keys)));
            return items;
        }
        String written = value instanceof Yaml.Scalar scalar ? scalar.written() : "";
        return keys == Keys.SECRETS ? masked(written) : Masking.url(written);
    }

    /** The names of variables stay, their defaults do not. */
    private static String masked(String credential) {
        return credential.contains("${")
                ? DEFAULT.matcher(credential).replaceAll("$1:" + Masking.MASK + "}")
                : Masking.MASK;
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
