package io.cachingproxy.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PolicyTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @Test
    void rfc9111_adds_nothing_to_the_rfc() {
        assertThat(Policy.rfc9111())
                .isEqualTo(new Policy("rfc9111", Duration.ZERO, false, true, java.util.List.of("CDN-Cache-Control")));
    }

    @Test
    void standard_has_a_default_ttl_and_stores_no_set_cookie() {
        assertThat(Policy.standard(MINUTE))
                .isEqualTo(new Policy("standard", MINUTE, false, false, java.util.List.of("CDN-Cache-Control")));
        assertThat(Policy.DEFAULT_TTL).isEqualTo(Duration.ofSeconds(300));
    }

    @Test
    void override_keeps_for_its_ttl_whatever_the_origin_says() {
        assertThat(Policy.override(MINUTE)).isEqualTo(new Policy("override", MINUTE, true, true, java.util.List.of()));
    }
}
