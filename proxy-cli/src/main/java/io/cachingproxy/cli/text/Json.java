package io.cachingproxy.cli.text;

import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.util.RawValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON text of strings, numbers, booleans, collections and maps, with all {@link Controls} escaped. */
public final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper(
            new JsonFactoryBuilder().characterEscapes(new Escapes()).build());

    /** Characters of the items of a list at most. */
    public static final int LONGEST_LIST = 1 << 20;

    private Json() {}

    /** The text of the first values, as many as fit into {@code longest} characters, but at least one. */
    public static List<RawValue> first(Iterable<Map<String, Object>> values, int longest) {
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

    /** Escapes what JSON requires, and controls beyond ASCII. */
    private static final class Escapes extends CharacterEscapes {
        private static final long serialVersionUID = 1;
        private static final int DELETE = 0x7f;

        @Override
        public int[] getEscapeCodesForAscii() {
            int[] codes = standardAsciiEscapesForJSON();
            codes[DELETE] = ESCAPE_STANDARD;
            return codes;
        }

        @Override
        public @Nullable SerializableString getEscapeSequence(int c) {
            return Controls.isControl(c) ? new SerializedString(Controls.escape(c)) : null;
        }
    }
}
