package io.cachingproxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeadersTest {
    @ParameterizedTest
    @CsvSource({"A,a", "Ā,ā", "\u212a,k", "x-ā,X-Ā", "[,{"})
    void a_name_is_found_whenever_it_is_the_same_but_for_its_case(String spelled, String asked) {
        Headers headers = Headers.of("Other", "1", spelled, "2");
        String expected = spelled.equalsIgnoreCase(asked) ? "2" : null;
        assertThat(headers.first(asked)).isEqualTo(expected);
        assertThat(headers.combined(asked)).isEqualTo(expected);
        assertThat(headers.all(asked)).hasSize(expected == null ? 0 : 1);
    }

    private static final Headers HEADERS = Headers.of("Accept", "a", "X-Secret", "s", "accept", "b, \"c, d\"");

    // RFC 9110 §5.1
    @Test
    void names_compare_without_case() {
        assertThat(HEADERS.first("ACCEPT")).isEqualTo("a");
        assertThat(HEADERS.all("Accept")).containsExactly("a", "b, \"c, d\"");
        assertThat(HEADERS.contains("x-secret")).isTrue();
        assertThat(HEADERS.contains("x-secre")).isFalse();
    }

    // RFC 9110 §5.2
    @Test
    void lines_of_one_name_combine_in_their_order() {
        assertThat(HEADERS.combined("accept")).isEqualTo("a, b, \"c, d\"");
        assertThat(HEADERS.combined("absent")).isNull();
    }

    // RFC 9110 §5.6.1
    @Test
    void the_members_of_a_list_come_from_all_its_lines() {
        assertThat(HEADERS.list("Accept")).containsExactly("a", "b", "\"c, d\"");
        assertThat(HEADERS.list("absent")).isEmpty();
    }

    @Test
    void with_replaces_every_line_and_plus_adds_one() {
        assertThat(HEADERS.with("ACCEPT", "z")).isEqualTo(Headers.of("ACCEPT", "z", "X-Secret", "s"));
        assertThat(HEADERS.with("absent", "z")).isEqualTo(HEADERS.plus("absent", "z"));
        assertThat(HEADERS.plus("Accept", "z").all("accept")).hasSize(3).endsWith("z");
        assertThat(HEADERS.plus(Headers.of("B", "1")).size()).isEqualTo(4);
    }

    @Test
    void without_leaves_the_others_in_order_and_spelling() {
        assertThat(HEADERS.without("accept")).isEqualTo(Headers.of("X-Secret", "s"));
        assertThat(HEADERS.without(Set.of("x-secret")).name(1)).isEqualTo("accept");
        assertThat(HEADERS.without("absent")).isSameAs(HEADERS);
    }

    @Test
    void they_do_not_change_with_the_array_or_the_builder_they_were_made_of() {
        String[] lines = {"A", "1"};
        Headers headers = Headers.of(lines);
        lines[1] = "2";
        Headers.Builder builder = Headers.builder().add("B", "1");
        Headers built = builder.build();
        builder.add("C", "1");
        assertThat(headers.first("A")).isEqualTo("1");
        assertThat(built.size()).isEqualTo(1);
    }

    @Test
    void a_builder_takes_any_number_of_lines() {
        Headers.Builder builder = Headers.builder();
        for (int i = 0; i < 100; i++) {
            builder.add("n" + i, "v" + i);
        }
        assertThat(builder.build().first("N99")).isEqualTo("v99");
        assertThat(Headers.builder().build()).isSameAs(Headers.EMPTY);
    }

    @Test
    void a_name_without_a_value_is_refused() {
        assertThatThrownBy(() -> Headers.of("A")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void the_length_is_that_on_the_wire() {
        assertThat(Headers.of("A", "1", "Bc", "").length()).isEqualTo("A: 1\r\nBc: \r\n".length());
    }

    @Test
    void values_do_not_show_when_printed() {
        assertThat(HEADERS.toString())
                .contains("X-Secret")
                .doesNotContain("b, ")
                .doesNotContain(" s");
    }

    @Test
    void compact_headers_are_equal_and_share_the_text_that_came_before() {
        Headers one = Headers.of("X-Compact", "a value of many responses", "ETag", "1");
        Headers other = Headers.of(new String("X-Compact"), new String("a value of many responses"), "ETag", "2");
        Headers kept = one.compact();
        assertThat(kept).isEqualTo(one);
        assertThat(other.compact().name(0)).isSameAs(kept.name(0));
        assertThat(other.compact().value(0)).isSameAs(kept.value(0));
        assertThat(other.compact().value(1)).isEqualTo("2");
        assertThat(Headers.EMPTY.compact()).isSameAs(Headers.EMPTY);
    }

    @Test
    void lines_of_one_name_can_be_joined_in_place_of_the_first() {
        Headers headers = Headers.of("A", "1", "Cookie", "a=1", "B", "2", "cookie", "b=2");
        assertThat(headers.joined("Cookie", "; ")).isEqualTo(Headers.of("A", "1", "Cookie", "a=1; b=2", "B", "2"));
        assertThat(headers.joined("A", "; ")).isSameAs(headers);
    }
}
