package io.cachingproxy.key;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.syntax.FieldValues;

/** Whatever stands in Vary and in the fields it names: a request has what it selected, another value is another. */
class SelectionFuzzTest {
    @FuzzTest(maxDuration = "25s")
    void a_request_matches_what_it_selected(byte[] fields) {
        String[] lines = new String(fields, ISO_8859_1).split("\n", 4);
        String vary = lines[0];
        String value = lines.length > 1 ? lines[1] : "";
        String other = lines.length > 2 ? lines[2] : "";
        String language = lines.length > 3 ? lines[3] : "";
        Headers response = Headers.of("Vary", vary, "Content-Language", language);
        Headers request = Headers.of("Accept-Language", value, "Accept-Encoding", value, "X", value);
        Selection selection = Selection.of(response, request);
        for (String member : vary.split(",", -1)) {
            boolean isName = member.isBlank() || FieldValues.isToken(member.strip());
            assertThat(vary.indexOf('"') < 0 && isName || selection == null).isTrue();
        }
        if (selection != null) {
            assertThat(selection.matches(request)).isTrue();
            Headers another = Headers.of("Accept-Language", value, "Accept-Encoding", value, "X", other);
            boolean same = normal(value).equals(normal(other));
            assertThat(selection.matches(another)).isEqualTo(!selection.names().contains("x") || same);
        }
    }

    private static String normal(String value) {
        String text = Selection.of(Headers.of("Vary", "X"), Headers.of("X", value))
                .headers()
                .first("x");
        return text == null ? "" : text;
    }
}
