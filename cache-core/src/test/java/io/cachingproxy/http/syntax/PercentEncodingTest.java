package io.cachingproxy.http.syntax;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PercentEncodingTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a+b       | a b
            a%20b     | a b
            %2F%25%3d | /%=
            %c3%a9    | é
            %         | %
            %4        | %4
            %zz+      | '%zz '
            %ff%41    | %ffA
            %c3%28    | %c3(
            """)
    void values_of_forms_are_decoded_and_invalid_escapes_kept(String encoded, String decoded) {
        assertThat(PercentEncoding.decodeForm(encoded)).isEqualTo(decoded);
    }

    @Property
    void what_was_encoded_is_decoded(@ForAll String text) {
        String encoded = URLEncoder.encode(text, StandardCharsets.UTF_8);
        assertThat(PercentEncoding.decodeForm(encoded)).isEqualTo(URLDecoder.decode(encoded, StandardCharsets.UTF_8));
    }
}
