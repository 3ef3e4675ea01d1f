package io.cachingproxy.http.fields;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Headers;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TagsTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Surrogate-Key  | a  b         | a;b
            Surrogate-Key  | a,1 b        | a,1;b
            xkey           | a b,c        | a;b;c
            Cache-Tag      | a, b,c       | a;b;c
            Cache-Tag      | a b          | a;b
            Cache-Tags     | a b          | a;b
            Cache-Tags     | a,b          | a;b
            X-Cache-Tags   | a, b c       | a;b c
            X-Magento-Tags | cat_p,cat_p_1 | cat_p;cat_p_1
            Edge-Cache-Tag | a , b        | a;b
            x-magento-tags | a,,b,        | a;b
            X-Other-Tags   | a            |
            """)
    void each_field_for_tags_has_its_separators(String field, String value, String tags) {
        List<String> expected = tags == null ? List.of() : List.of(tags.split(";", -1));
        assertThat(Tags.of(Headers.of(field, value))).containsExactlyElementsOf(expected);
    }

    @Test
    void the_tags_of_all_fields_and_lines_count() {
        assertThat(Tags.of(Headers.of("Edge-Cache-Tag", "b", "Cache-Tag", "a", "Edge-Cache-Tag", "c")))
                .containsExactly("a", "b", "c");
        assertThat(Tags.of(Headers.of("Cache-Tag", " "))).isEmpty();
    }
}
