package io.cachingproxy.cli.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The content of a file as maps, lists and texts, without secrets: variables are shown as <code>${NAME}</code>, and literal
 * credentials as {@code ***}.
 */
final class Shown {
    private static final String MASK = "***";
    private static final Pattern CREDENTIAL = Pattern.compile(
            "auth|token|secret|password|passwd|credential|cookie|api-?key|signature", Pattern.CASE_INSENSITIVE);
    private static final Pattern DEFAULT = Pattern.compile("(\\$\\{\\w+):[^}]*}");
    private static final Pattern USER_INFO = Pattern.compile("(?<=://)[^/?#@]*@");

    private Shown() {}

    static Map<String, Object> of(@Nullable Yaml file) {
        return file instanceof Yaml.Fields root ? fields(root, false) : Map.of();
    }

    private static Object value(Yaml value, boolean masked) {
        if (value instanceof Yaml.Fields map) {
            return fields(map, masked);
        } else if (value instanceof Yaml.Items list) {
            List<Object> items = new ArrayList<>();
            list.items().forEach(item -> items.add(value(item, masked)));
            return items;
        }
        String written = value instanceof Yaml.Scalar scalar ? scalar.written() : "";
        String shown = written.contains("://") ? USER_INFO.matcher(written).replaceAll(MASK + "@") : written;
        return masked ? masked(shown) : shown;
    }

    /** The names of variables stay, their defaults do not. */
    private static String masked(String credential) {
        return credential.contains("${") ? DEFAULT.matcher(credential).replaceAll("$1:" + MASK + "}") : MASK;
    }

    /** @param masked whether the values are credentials: those below a key such as {@code Authorization} */
    private static Map<String, Object> fields(Yaml.Fields map, boolean masked) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (Yaml.Field field : map.fields()) {
            boolean credential = field.value() instanceof Yaml.Scalar && isCredential(field.key());
            fields.put(field.key(), value(field.value(), masked || credential));
        }
        return fields;
    }

    /** Whether a key, such as the name of a header, holds a credential. Keys of the product that name files do not. */
    private static boolean isCredential(String key) {
        return !key.endsWith("-file") && CREDENTIAL.matcher(key).find();
    }
}
