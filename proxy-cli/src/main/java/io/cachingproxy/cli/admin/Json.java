package io.cachingproxy.cli.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.util.RawValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** JSON text of strings, numbers, booleans, collections and maps. */
public final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Characters of the items of a list at most. */
    static final int LONGEST_LIST = 1 << 20;

    private Json() {}

    /** The text of the first values, as many as fit into {@code longest} characters, but at least one. */
    static List<RawValue> first(Iterable<Map<String, Object>> values, int longest) {
        List<RawValue> first = new ArrayList<>();
        long length = 0;
        for (Map<String, Object> value : values) {
            String text = of(value);
            length += text.length();
            if (length > longest && !first.isEmpty()) {
                break;
            }
            first.add(new RawValue(text));
        }
        return first;
    }

    /** The text of a value, on one line. */
    public static String of(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException unknown) {
            throw new IllegalArgumentException("not a JSON value", unknown);
        }
    }
}
