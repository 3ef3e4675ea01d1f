package io.cachingproxy.cli.config;

import io.cachingproxy.cli.text.Cut;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A value with the path of its key. Methods throw {@link Problems.Wrong} if the value has the wrong type. */
record Value(Yaml yaml, String path, Problems problems) {
    private static final int MAX_KEY = 120;

    Place place() {
        return yaml.place();
    }

    static String below(String path, String key) {
        String shown = Cut.at(MAX_KEY, key);
        String name = isSimple(shown) ? shown : '"' + shown + '"';
        return path.isEmpty() ? name : path + "." + name;
    }

    /** Whether a key needs no quotes within a path. Runs for each key of a file: a regular expression would be slow. */
    private static boolean isSimple(String key) {
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if (c <= ' ' || c == '.' || c == '[' || c == ']') {
                return false;
            }
        }
        return !key.isEmpty();
    }

    Problems.Wrong wrong(String message) {
        return new Problems.Wrong(this, message);
    }

    boolean isNull() {
        return yaml instanceof Yaml.Scalar scalar && scalar.isNull();
    }

    boolean isList() {
        return yaml instanceof Yaml.Items;
    }

    boolean isMap() {
        return yaml instanceof Yaml.Fields;
    }

    /** The text of a scalar. */
    String text() {
        if (yaml instanceof Yaml.Scalar scalar) {
            if (scalar.isNull() || scalar.wrong() != null) {
                throw wrong(scalar.wrong() == null ? "has no value" : scalar.wrong());
            }
            return scalar.text();
        }
        throw wrong("is a " + kind() + ", where one value is expected");
    }

    private String kind() {
        return isList() ? "list" : "map";
    }

    /** The parsed text of a scalar. */
    <T> T parsed(Function<String, T> parse) {
        String text = text();
        try {
            return parse.apply(text);
        } catch (IllegalArgumentException e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
    }

    boolean bool() {
        return parsed(text -> switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("'" + text + "' is neither true nor false");
        });
    }

    int number() {
        return parsed(text -> {
            if (!text.matches("\\d{1,9}")) {
                throw new IllegalArgumentException("'" + text + "' is not a whole number");
            }
            return Integer.parseInt(text);
        });
    }

    /** The items of a list; any other value counts as a list of one item. */
    List<Value> oneOrMore() {
        return isList() ? items() : List.of(this);
    }

    /** The items of a list. */
    List<Value> items() {
        if (!(yaml instanceof Yaml.Items list)) {
            throw wrong(
                    isNull()
                            ? "has no value: write a list"
                            : "is " + (isMap() ? "a map" : "one value") + ", where a list is expected");
        }
        List<Value> items = new ArrayList<>();
        for (Yaml item : list.items()) {
            items.add(new Value(item, path + "[" + items.size() + "]", problems));
        }
        return items;
    }

    /** The texts of a scalar or of a list of scalars. */
    List<String> texts() {
        return oneOrMore().stream().map(Value::text).toList();
    }

    /** The entries of a mapping with user-defined names as keys; a duplicate name is an error. */
    Map<String, Value> named() {
        return fields(null);
    }

    /** The entries of a mapping with these keys; other keys are errors. */
    Map<String, Value> section(Keys keys) {
        return fields(keys);
    }

    private Map<String, Value> fields(@Nullable Keys keys) {
        if (!(yaml instanceof Yaml.Fields map)) {
            throw wrong((isNull() ? "has no value" : "is " + (isList() ? "a list" : "one value"))
                    + ", where a map is expected" + (keys == null ? "" : ": " + keys.examples()));
        }
        Map<String, Value> fields = new LinkedHashMap<>();
        Map<String, Place> seen = new LinkedHashMap<>();
        for (Yaml.Field field : map.fields()) {
            String at = below(path, field.key());
            @Nullable Place before = seen.putIfAbsent(field.key(), field.place());
            if (before != null) {
                problems.error(
                        field.place(),
                        at,
                        "duplicate key; it is in line " + before.line() + " already: remove one of them");
            } else if (keys != null && !keys.names().contains(field.key())) {
                problems.error(field.place(), at, keys.unknown(field.key()));
            } else {
                fields.put(field.key(), new Value(field.value(), at, problems));
            }
        }
        return fields;
    }
}
