package io.cachingproxy.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which characters are escaped in texts for terminals and in JSON. */
class ControlsTest {
    private static final String CONTROLS = IntStream.of(
                    0, 7, 8, 9, 10, 13, 27, 31, 0x7f, 0x80, 0x85, 0x9b, 0x9f, 0x61c, 0x200e, 0x200f, 0x2028, 0x2029,
                    0x202a, 0x202e, 0x2066, 0x2069)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
    private static final String OTHERS = " ~\u00a0\u00e9\u05d0\u200d\u2027\u202f\u2065\u206a\ud83d\ude00\"\\";

    @Test
    void controls_of_terminals_and_of_bidirectional_text_are_escaped_and_no_others() {
        assertThat(Controls.escaped(CONTROLS)).matches("(\\\\u[0-9A-F]{4}){22}").startsWith("\\u0000\\u0007");
        assertThat(Controls.escaped("a\u001b[31m\r\nb\u202e")).isEqualTo("a\\u001B[31m\\u000D\\u000Ab\\u202E");
        assertThat(Controls.escaped(OTHERS)).isEqualTo(OTHERS);
    }

    @Test
    void json_has_them_as_escapes_in_names_and_values_and_means_the_same() throws Exception {
        Map<String, Object> value = Map.of(CONTROLS + OTHERS, List.of(CONTROLS + OTHERS));
        String json = Json.of(value);
        assertThat(json.chars().noneMatch(Controls::isControl)).isTrue();
        assertThat(json).contains("\\u009B", "\\u202E", "\\u007F", "\u00e9\u05d0");
        assertThat(new ObjectMapper().readValue(json, Map.class)).isEqualTo(value);
        assertThat(Json.of(new ObjectMapper().readTree(json))).isEqualTo(json);
    }
}
