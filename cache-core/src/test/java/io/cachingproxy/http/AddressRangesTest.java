package io.cachingproxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressRangesTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            127.0.0.1             | 127.0.0.1   | true
            127.0.0.1             | 127.0.0.2   | false
            10.0.0.0/8            | 10.255.0.1  | true
            10.0.0.0/8            | 11.0.0.1    | false
            10.0.0.0/8            | ::1         | false
            192.168.0.0/16, ::1   | ::1         | true
            2001:db8::/32         | 2001:db8::5 | true
            2001:db8::/32         | 2001:db9::5 | false
            0.0.0.0/0             | 8.8.8.8     | true
            172.16.0.0/12         | 172.31.9.9  | true
            172.16.0.0/12         | 172.32.0.0  | false
            128.0.0.0/1           | 255.0.0.1   | true
            128.0.0.0/1           | 127.0.0.1   | false
            ::ffff:10.0.0.0/104   | 10.9.9.9    | true
            ::ffff:10.0.0.0/104   | 11.9.9.9    | false
            10.0.0.0/8            | ::ffff:10.1.2.3 | true
            2001:db8::/127        | 2001:db8::1 | true
            2001:db8::/127        | 2001:db8::2 | false
            """)
    void an_address_is_in_one_of_the_ranges_or_not(String ranges, String address, boolean contained) {
        assertThat(AddressRanges.parse(ranges).contains(new InetSocketAddress(address, 1)))
                .isEqualTo(contained);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost",
                "10.0.0",
                "10.0.0.0/33",
                "10.0.0.0/x",
                "1.2.3.256",
                "::1/129",
                "10.0.0.1/8",
                "2001:db8::1/32",
                "::ffff:10.0.0.0/8",
                "fe80::1%eth0",
                "10.0.0.0/8,",
                ":"
            })
    void anything_else_is_refused_by_its_name(String text) {
        assertThatThrownBy(() -> AddressRanges.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not an address range");
    }

    @Test
    void nobody_without_an_ip_address_is_in_a_range() {
        assertThat(AddressRanges.parse("0.0.0.0/0").contains(InetSocketAddress.createUnresolved("a.org", 1)))
                .isFalse();
    }
}
