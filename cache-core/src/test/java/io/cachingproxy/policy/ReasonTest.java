package io.cachingproxy.policy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReasonTest {
    // RFC 9211 §2.8: the detail is a token
    @ParameterizedTest
    @EnumSource
    void each_reason_has_a_token_and_a_source(Reason reason) {
        assertThat(reason.token()).matches("[a-z][a-z0-9-]*");
        assertThat(reason.source()).isNotBlank();
    }
}
