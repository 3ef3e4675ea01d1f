package io.cachingproxy.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DirectMemoryTest {
    private static final long MIB = 1 << 20;

    private static int requests(int wanted, long direct) {
        return DirectMemory.fit(Limits.DEFAULT.withOriginRequests(wanted, 7), direct)
                .origins()
                .requests();
    }

    @Test
    void requests_at_the_origin_take_at_most_a_quarter_of_direct_memory() {
        assertThat(requests(1024, 128 * MIB)).isEqualTo(256);
        assertThat(requests(1000, 64 * MIB)).isEqualTo(128);
    }

    @Test
    void limits_that_fit_stay_as_they_are() {
        Limits fitting = Limits.DEFAULT.withOriginRequests(256, 7);
        assertThat(DirectMemory.fit(fitting, 128 * MIB)).isSameAs(fitting);
        assertThat(DirectMemory.fit(Limits.DEFAULT, 512 * MIB)).isSameAs(Limits.DEFAULT);
    }

    @Test
    void one_request_more_than_fits_is_refused() {
        assertThat(requests(257, 128 * MIB)).isEqualTo(256);
    }

    @Test
    void sixteen_requests_are_let_through_however_little_direct_memory_there_is() {
        assertThat(requests(1024, 0)).isEqualTo(16);
        assertThat(requests(1024, 8 * MIB)).isEqualTo(16);
        assertThat(requests(1024, 9 * MIB)).isEqualTo(18);
        assertThat(requests(3, 0)).isEqualTo(3);
    }

    @Test
    void only_the_requests_at_the_origin_are_reduced() {
        Limits wanted = Limits.DEFAULT.withOriginRequests(1024, 7);
        assertThat(DirectMemory.fit(wanted, 64 * MIB)).isEqualTo(wanted.withOriginRequests(128, 7));
    }
}
