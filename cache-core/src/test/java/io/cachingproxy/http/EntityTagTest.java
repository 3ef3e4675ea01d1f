package io.cachingproxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class EntityTagTest {
    private static final EntityTag STRONG = EntityTag.parse("\"1\"");
    private static final EntityTag WEAK = EntityTag.parse("W/\"1\"");

    // RFC 9110 §8.8.3.2
    @Test
    void strong_comparison_wants_two_strong_tags() {
        assertThat(STRONG.matchesStrongly(STRONG)).isTrue();
        assertThat(STRONG.matchesStrongly(WEAK)).isFalse();
        assertThat(WEAK.matchesStrongly(STRONG)).isFalse();
        assertThat(WEAK.matchesStrongly(WEAK)).isFalse();
    }

    // RFC 9110 §8.8.3.2
    @Test
    void weak_comparison_looks_at_the_opaque_tag_only() {
        assertThat(STRONG.matchesWeakly(WEAK)).isTrue();
        assertThat(WEAK.matchesWeakly(WEAK)).isTrue();
        assertThat(WEAK.matchesWeakly(EntityTag.parse("W/\"2\""))).isFalse();
    }

    // RFC 9110 §8.8.3
    @Test
    void the_weakness_mark_is_case_sensitive() {
        assertThat(EntityTag.parse("w/\"1\"").weak()).isFalse();
        assertThat(EntityTag.parse("w/\"1\"").matchesWeakly(WEAK)).isFalse();
    }

    @Test
    void an_absent_or_empty_field_is_no_tag() {
        assertThat(EntityTag.of(Headers.EMPTY)).isNull();
        assertThat(EntityTag.of(Headers.of("ETag", " "))).isNull();
        assertThat(EntityTag.of(Headers.of("etag", " W/\"1\" "))).isEqualTo(WEAK);
    }

    // RFC 9110 §13.1.2
    @Test
    void a_list_keeps_commas_inside_tags_and_leaves_the_star_out() {
        Headers headers = Headers.of("If-None-Match", "\"a,b\", W/\"1\"", "If-None-Match", "*, \"\"");
        assertThat(EntityTag.list(headers, "If-None-Match"))
                .containsExactly(EntityTag.parse("\"a,b\""), WEAK, EntityTag.parse("\"\""));
    }

    @Property
    void a_tag_prints_as_it_came(@ForAll String value) {
        assertThat(EntityTag.parse(value)).hasToString(value);
    }

    @Property
    void a_list_of_anything_never_throws(@ForAll String value) {
        assertThat(EntityTag.list(Headers.of("If-None-Match", value), "If-None-Match"))
                .doesNotContainNull();
    }

    @Test
    @Timeout(30)
    void a_megabyte_of_tags_comes_to_an_end() {
        Headers headers = Headers.of("If-None-Match", "\"a\", ".repeat(200_000));
        assertThat(EntityTag.list(headers, "If-None-Match")).hasSize(200_000);
    }
}
