package io.cachingproxy.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.policy.Policy.Storage;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class PolicyTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final List<String> CDN = List.of("CDN-Cache-Control");

    @Test
    void rfc9111_adds_nothing_to_the_rfc() {
        assertThat(Policy.rfc9111())
                .isEqualTo(
                        new Policy("rfc9111", Duration.ZERO, false, new Storage(true, true, true), false, true, CDN));
    }

    @Test
    void standard_has_a_default_ttl_and_stores_nothing_personal() {
        assertThat(Policy.standard(MINUTE))
                .isEqualTo(new Policy("standard", MINUTE, false, new Storage(false, true, true), false, true, CDN));
        assertThat(Policy.DEFAULT_TTL).isEqualTo(Duration.ofSeconds(300));
    }

    @Test
    void application_stores_nothing_personal_and_nothing_unstated() {
        assertThat(Policy.application())
                .isEqualTo(new Policy(
                        "application", Duration.ZERO, false, new Storage(false, false, false), false, true, CDN));
    }

    @Test
    void override_keeps_for_its_ttl_whatever_the_origin_says_but_cookies() {
        assertThat(Policy.override(MINUTE))
                .isEqualTo(
                        new Policy("override", MINUTE, true, new Storage(false, true, true), false, true, List.of()));
    }

    @Test
    void what_is_chosen_besides_leaves_the_rest_alone() {
        assertThat(Policy.standard(MINUTE).fetchingWhole().obeying("Acme-Cache-Control"))
                .isEqualTo(new Policy(
                        "standard",
                        MINUTE,
                        false,
                        new Storage(false, true, true),
                        true,
                        true,
                        List.of("Acme-Cache-Control", "CDN-Cache-Control")));
    }
}
