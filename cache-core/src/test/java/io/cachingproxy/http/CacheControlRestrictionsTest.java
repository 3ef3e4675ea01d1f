package io.cachingproxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The directives that restrict hold in any spelling; see {@link CacheControlTest} for the others. */
class CacheControlRestrictionsTest {
    private static CacheControl parse(String... lines) {
        return CacheControl.parse(List.of(lines));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no-store",
                "No-Store",
                "no-store=",
                "no-store=x",
                "no-store=\"x\"",
                "no-store=\"x",
                " no-store ",
                "max-age=60,no-store",
                "max-age=60;no-store",
                "max-age=60 no-store",
                "no-store;max-age=60",
                "no-store max-age=60",
                "no-store =1",
                "\tno-store",
                ",,no-store,,",
                "\"no-store\"",
                "no-cache=\"a, no-store",
                "ext=\"a, no-store",
                "\"max-age=60, no-store",
                "max-age=\"60, no-store",
                "no-store\"",
                "\"no-store",
                "max-age=60\\, no-store",
                "ext=\"\\\", no-store"
            })
    void no_store_restricts_in_any_spelling(String line) {
        assertThat(parse(line).noStore()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "private",
                "PRIVATE",
                "private=",
                "private=\"\"",
                "private=foo",
                "private=\"foo",
                "private=\"f o\"",
                "private, private=\"a\"",
                "private=\"a\", private",
                "private=\"a\", private=b",
                "public; private",
                "ext=\"a, private",
                "private=\",\""
            })
    void private_restricts_all_unless_it_lists_fields(String line) {
        assertThat(parse(line).isPrivate()).isTrue();
    }

    // RFC 9111 §5.2.2.4, §5.2.2.7
    @Test
    void a_qualified_directive_restricts_its_fields_only() {
        CacheControl control = parse("no-cache=\"Set-Cookie, X-A\", private=\"X-B\"", "no-cache=\"X-C\"");
        assertThat(control.noCache()).isFalse();
        assertThat(control.isPrivate()).isFalse();
        assertThat(control.fieldsOf("no-cache")).containsExactly("set-cookie", "x-a", "x-c");
        assertThat(control.fieldsOf("private")).containsExactly("x-b");
    }

    // RFC 9111 §5.2.2.4
    @ParameterizedTest
    @ValueSource(strings = {"no-cache", "no-cache=\"a\", no-cache", "no-cache, no-cache=\"a\"", "no-cache=x"})
    void an_unqualified_no_cache_restricts_all(String line) {
        assertThat(parse(line).noCache()).isTrue();
        assertThat(parse(line).fieldsOf("no-cache")).isEmpty();
    }

    // RFC 9111 §5.2.2.2, §5.2.2.8: without what must-revalidate permits (§3.5)
    @ParameterizedTest
    @ValueSource(
            strings = {
                "must-revalidate = 1",
                "max-age=60 must-revalidate",
                "max-age=60; must-revalidate",
                "must-revalidate;",
                "proxy-revalidate =",
                "ext=\"a, proxy-revalidate"
            })
    void a_malformed_must_revalidate_still_restricts_and_permits_nothing(String line) {
        assertThat(parse(line).has("proxy-revalidate")).isTrue();
        assertThat(parse(line).has("must-revalidate")).isFalse();
    }

    @Property
    void no_store_restricts_whatever_is_around_it(@ForAll String before, @ForAll String after) {
        assertThat(parse(before, "no-store", after).noStore()).isTrue();
    }
}
