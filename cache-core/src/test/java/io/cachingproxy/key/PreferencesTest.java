package io.cachingproxy.key;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PreferencesTest {
    private static String normalised(String value) {
        return Preferences.parse(value).normalised();
    }

    // RFC 9110 §12.4.2: weights order, case and the order of equals mean nothing
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "en, de              | de,en",
                "de;q=0.5, en        | EN, de; q=0.500",
                "en;q=1              | en",
                "en;q=1.000, de;q=0  | en, de;q=0.0",
                "gzip , br;q=0.9     | br;Q=0.9,gzip"
            })
    void what_means_the_same_is_the_same(String one, String other) {
        assertThat(normalised(one)).isEqualTo(normalised(other));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "en, de         | en",
                "en;q=0.5       | en",
                "en, de;q=0.5   | de, en;q=0.5",
                "en;q=0         | de",
                "en;q=0.001     | en;q=0",
                "en;q=x         | en",
                "en;q=500       | en;q=0.5",
                "en;q=x, de     | de",
                "en;q=x         | en;q=y"
            })
    void what_means_something_else_is_not(String one, String other) {
        assertThat(normalised(one)).isNotEqualTo(normalised(other));
    }

    @Test
    void the_favourite_outweighs_all_others_and_is_acceptable() {
        assertThat(Preferences.parse("de;q=0.5, en").favourite()).isEqualTo("en");
        assertThat(Preferences.parse("de, en").favourite()).isNull();
        assertThat(Preferences.parse("de;q=0").favourite()).isNull();
        assertThat(Preferences.parse("").favourite()).isNull();
    }

    @Property
    void normalising_anything_never_throws(@ForAll String value, @ForAll String weight) {
        assertThat(normalised(value + ", en;q=" + weight)).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a,", "a;q=0.5,", ";", "a;", "\"", "q=,"})
    @Timeout(30)
    void a_megabyte_of_anything_comes_to_an_end(String piece) {
        assertThat(normalised(piece.repeat((1 << 20) / piece.length()))).isNotNull();
    }

    @Test
    void a_weight_is_part_of_the_normal_form_unless_it_is_the_whole() {
        assertThat(Preferences.parse("b, a;q=0.5, c;q=1").normalised()).isEqualTo("b,c,a;q=500");
        assertThat(Preferences.parse("a;q=0").normalised()).isEqualTo("a;q=0");
        assertThat(Preferences.parse("a;q=0.999").normalised()).isEqualTo("a;q=999");
        assertThat(Preferences.parse("a;x;q=0.5").normalised()).isEqualTo("a;q=500");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "0.", "0.0", "0.000", "0.001", "0.5", "0.12", "0.999", "1", "1.", "1.0", "1.000"})
    void a_weight_is_from_0_to_1_with_at_most_three_decimals(String weight) {
        int thousandths = Math.round(Float.parseFloat(weight) * 1000);
        assertThat(Preferences.parse("a;q=" + weight).weight("a")).isEqualTo(thousandths);
        assertThat(Preferences.parse("a ; Q=" + weight).weight("a")).isEqualTo(thousandths);
    }

    // RFC 9110 §12.4.2
    @ParameterizedTest
    @ValueSource(
            strings = {
                "q=0.0000",
                "q=1.5",
                "q=1.001",
                "q=2",
                "q=-1",
                "q=+1",
                "q=x",
                "q=",
                "q",
                "q=.5",
                "q=00.5",
                "q=0x1",
                "q=1e0",
                "q=NaN",
                "q = 0.5",
                "q= 1",
                "q=\"1\"",
                "q=1;q=1",
                "q=0.5;q=x",
                "q=0.٠"
            })
    void a_member_with_a_malformed_weight_has_no_effect(String weight) {
        Preferences preferences = Preferences.parse("b;q=0.5, a;" + weight);
        assertThat(preferences.weight("a")).isNull();
        assertThat(preferences.weight("b")).isEqualTo(500);
        assertThat(preferences.favourite()).isNull();
        assertThat(preferences.normalised()).startsWith("b;q=500,").isNotEqualTo("b;q=500,a");
    }

    @Test
    void what_is_as_heavy_as_another_is_nobodys_favourite() {
        assertThat(Preferences.parse("a, b").favourite()).isNull();
        assertThat(Preferences.parse("a, b;q=0.9").favourite()).isEqualTo("a");
        assertThat(Preferences.parse("a").favourite()).isEqualTo("a");
        assertThat(Preferences.parse("a;q=0.001").favourite()).isEqualTo("a");
        assertThat(Preferences.parse("a;q=0").favourite()).isNull();
        assertThat(Preferences.parse("").favourite()).isNull();
    }

    @Test
    void a_value_of_any_length_has_the_same_normal_form_each_time() {
        for (int length : new int[] {1, 255, 256, 257}) {
            String value = "B".repeat(length);
            assertThat(Preferences.normalised(value)).isEqualTo("b".repeat(length));
            assertThat(Preferences.normalised(value)).isEqualTo("b".repeat(length));
        }
    }
}
