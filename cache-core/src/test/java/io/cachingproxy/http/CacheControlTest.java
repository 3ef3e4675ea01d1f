package io.cachingproxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CacheControlTest {
    private static CacheControl parse(String... lines) {
        return CacheControl.parse(List.of(lines));
    }

    private static Duration maxAge(String... lines) {
        return parse(lines).maxAge();
    }

    // RFC 9111 §5.2
    @Test
    void names_have_no_case() {
        assertThat(maxAge("MaX-aGe=60")).isEqualTo(Duration.ofSeconds(60));
        assertThat(parse("NO-STORE").noStore()).isTrue();
    }

    // RFC 9111 §5.2: both forms are to be accepted
    @Test
    void an_argument_may_be_a_token_or_a_quoted_string() {
        assertThat(maxAge("max-age=\"60\"")).isEqualTo(Duration.ofSeconds(60));
        assertThat(parse("s-maxage=\"6\\0\"").sMaxAge()).isEqualTo(Duration.ofSeconds(60));
    }

    // RFC 9110 §5.3
    @Test
    void directives_come_from_all_lines() {
        CacheControl control = parse("public, max-age=60", "s-maxage=30");
        assertThat(control.has("public")).isTrue();
        assertThat(control.maxAge()).isEqualTo(Duration.ofSeconds(60));
        assertThat(control.sMaxAge()).isEqualTo(Duration.ofSeconds(30));
    }

    // RFC 9111 §4.2.1
    @Test
    void the_first_of_several_counts() {
        assertThat(maxAge("max-age=60, max-age=1")).isEqualTo(Duration.ofSeconds(60));
        assertThat(maxAge("max-age=1", "max-age=60")).isEqualTo(Duration.ofSeconds(1));
    }

    // RFC 9111 §4.2.1: invalid freshness information is stale
    @ParameterizedTest
    @ValueSource(
            strings = {
                "max-age", "max-age=", "max-age=-1", "max-age=+1", "max-age=1.5", "max-age=a", "max-age='60'",
                "max-age=\"60", "max-age= 60", "max-age=60s", "max-age=0x60", "max-age=6 0", "max-age==60", "max-age=0"
            })
    void an_argument_that_is_no_number_is_zero(String line) {
        assertThat(maxAge(line)).isEqualTo(Duration.ZERO);
    }

    // RFC 9111 §4.2.1: what is malformed does not leave the lifetime to Expires, a guess or a default
    @ParameterizedTest
    @ValueSource(
            strings = {
                "max-age = 60",
                "max-age =60",
                "max-age\t=60",
                "max-age: 60",
                "max-age 60",
                "max-age:60",
                "max-age;60",
                "\"max-age=60\"",
                "public max-age=60",
                "public;max-age=60",
                "MAX-AGE = 60",
                "max-age=60, max-age = 60",
                "max-age = 60, max-age=60",
                "ext=\"a, max-age=60"
            })
    void a_lifetime_that_is_malformed_is_zero(String line) {
        assertThat(maxAge(line)).isEqualTo(Duration.ZERO);
        assertThat(parse(line.toLowerCase(Locale.ROOT).replace("max-age", "s-maxage"))
                        .sMaxAge())
                .isEqualTo(Duration.ZERO);
    }

    // RFC 9111 §3.5: s-maxage permits only as a number of seconds
    @Test
    void a_number_of_seconds_is_told_from_what_is_none() {
        assertThat(parse("s-maxage=60").hasSeconds("s-maxage")).isTrue();
        assertThat(parse("s-maxage=\"60\"").hasSeconds("s-maxage")).isTrue();
        assertThat(parse("s-maxage").hasSeconds("s-maxage")).isFalse();
        assertThat(parse("s-maxage=x").hasSeconds("s-maxage")).isFalse();
        assertThat(parse("max-age=60").hasSeconds("s-maxage")).isFalse();
    }

    @Property
    void blanks_around_a_lifetime_never_make_it_longer_or_absent(
            @ForAll @IntRange(max = 3) int before,
            @ForAll @IntRange(max = 3) int after,
            @ForAll @IntRange(max = 1000) int seconds) {
        Duration lifetime = maxAge("max-age" + " ".repeat(before) + "=" + " ".repeat(after) + seconds);
        assertThat(lifetime).isBetween(Duration.ZERO, Duration.ofSeconds(seconds));
    }

    // RFC 9111 §1.2.2
    @ParameterizedTest
    @ValueSource(strings = {"2147483648", "2147483649", "9223372036854775808", "99999999999999999999999999999999"})
    void a_number_that_overflows_is_two_to_the_power_of_31(String number) {
        assertThat(maxAge("max-age=" + number)).isEqualTo(Duration.ofSeconds(2_147_483_648L));
    }

    @Test
    void the_number_below_the_overflow_is_itself() {
        assertThat(maxAge("max-age=2147483647")).isEqualTo(Duration.ofSeconds(2_147_483_647L));
    }

    @Test
    void what_is_absent_is_null() {
        assertThat(maxAge("no-store")).isNull();
        assertThat(CacheControl.ofResponse(Headers.EMPTY).isEmpty()).isTrue();
    }

    // RFC 9111 §5.2.1.2
    @Test
    void max_stale_without_an_argument_is_unbounded() {
        assertThat(parse("max-stale").secondsOr("max-stale", CacheControl.MAX_DELTA))
                .isEqualTo(CacheControl.MAX_DELTA);
        assertThat(parse("max-stale=5").secondsOr("max-stale", CacheControl.MAX_DELTA))
                .isEqualTo(Duration.ofSeconds(5));
        assertThat(parse("public").secondsOr("max-stale", CacheControl.MAX_DELTA))
                .isNull();
    }

    // RFC 9111 §5.2: what stands inside a quoted argument is not a directive
    @Test
    void a_directive_inside_the_argument_of_an_extension_does_not_count() {
        CacheControl control = parse("ext=\"max-age=9, no-store\", max-age=60");
        assertThat(control.maxAge()).isEqualTo(Duration.ofSeconds(60));
        assertThat(control.noStore()).isFalse();
    }

    // RFC 9111 §5.2.3: unrecognised directives are ignored
    @Test
    void a_directive_that_permits_must_be_spelled_well() {
        assertThat(parse("\"public\"").has("public")).isFalse();
        assertThat(parse("public max-age=60").has("public")).isFalse();
        assertThat(parse("public=yes").permits("public")).isFalse();
        assertThat(parse("public=").permits("public")).isFalse();
        assertThat(parse("public").permits("public")).isTrue();
        assertThat(parse("public=\"x").has("public")).isFalse();
        assertThat(parse("max-stale=").secondsOr("max-stale", CacheControl.MAX_DELTA))
                .isNull();
        assertThat(parse("stale-if-error = 60").seconds("stale-if-error")).isNull();
        assertThat(parse("not-no-store, no-storex, xprivate").noStore()).isFalse();
    }

    // RFC 9111 §5.4
    @Test
    void pragma_counts_in_a_request_without_cache_control() {
        assertThat(CacheControl.ofRequest(Headers.of("Pragma", "x, No-Cache")).noCache())
                .isTrue();
        assertThat(CacheControl.ofRequest(Headers.of("Pragma", "no-cache", "Cache-Control", "max-age=1"))
                        .noCache())
                .isFalse();
        assertThat(CacheControl.ofResponse(Headers.of("Pragma", "no-cache")).noCache())
                .isFalse();
    }

    // RFC 9213 §2.2
    @Test
    void directives_of_another_syntax_mean_the_same() {
        assertThat(CacheControl.of(Map.of("max-age", "60"))).isEqualTo(parse("max-age=60"));
    }

    @Property
    void parsing_anything_never_throws(@ForAll List<String> lines, @ForAll String argument) {
        CacheControl.parse(lines);
        CacheControl control = parse("max-age=" + argument, "private=" + argument, "no-cache=\"" + argument + '"');
        assertThat(control.maxAge()).isBetween(Duration.ZERO, CacheControl.MAX_DELTA);
        control.fieldsOf("private");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a,", "a=\"", "\\", "no-cache=\"a\",", "private=\"a,", "no-store;", "max-age=9,", "\"", "a b,"})
    @Timeout(30)
    void a_megabyte_of_anything_comes_to_an_end(String piece) {
        CacheControl control = parse(piece.repeat((1 << 20) / piece.length()));
        control.fieldsOf("no-cache");
    }
}
