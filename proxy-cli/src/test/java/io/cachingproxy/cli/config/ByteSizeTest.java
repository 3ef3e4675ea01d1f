package io.cachingproxy.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1048576, 1048576",
        "17B, 17",
        "3kB, 3000",
        "256MB, 256000000",
        "256mb, 256000000",
        "256 MB, 256000000",
        "1.5GB, 1500000000",
        "1KiB, 1024",
        "1GiB, 1073741824",
        "2TiB, 2199023255552"
    })
    void is_a_number_of_bytes(String text, long bytes) {
        assertThat(ByteSize.parse(text)).isEqualTo(new ByteSize(bytes));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "MB", "1XB", "-1", "1e3", "1.MB", "0x10", "256m", "999999999999TiB", "0.5", "1MB1"})
    void is_nothing_else(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ByteSize.parse(text))
                .withMessageContaining("'" + text + "'");
    }

    @Test
    void is_shown_in_decimal_units() {
        assertThat(ByteSize.megabytes(256)).hasToString("256 MB");
        assertThat(ByteSize.parse("1GiB")).hasToString("1 GB");
        assertThat(new ByteSize(999)).hasToString("999 B");
    }
}
