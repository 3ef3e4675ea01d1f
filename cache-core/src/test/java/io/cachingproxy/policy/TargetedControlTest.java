package io.cachingproxy.policy;

import static io.cachingproxy.policy.Rules.RFC;
import static io.cachingproxy.policy.Rules.assertNotStored;
import static io.cachingproxy.policy.Rules.assertStored;
import static io.cachingproxy.policy.Rules.freshness;
import static io.cachingproxy.policy.Rules.receive;
import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Headers;
import io.cachingproxy.testkit.Messages.Response;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetedControlTest {
    private static final Response MINUTE =
            response(200).cacheControl("max-age=60").header("Expires", "Thu, 04 Mar 2027 12:00:00 GMT");

    private static long lifetime(Response response) {
        return freshness(response).lifetime().toSeconds();
    }

    private static Response targeted(String value) {
        return MINUTE.header("CDN-Cache-Control", value);
    }

    // RFC 9213 §2.2
    @Test
    void a_targeted_field_replaces_cache_control_and_expires() {
        assertThat(lifetime(targeted("max-age=10"))).isEqualTo(10);
        assertThat(lifetime(targeted("public"))).isZero();
        assertStored(receive(get(), response(200).cacheControl("no-store").header("CDN-Cache-Control", "max-age=10")));
        assertNotStored(receive(get(), targeted("no-store")), Reason.RESPONSE_NO_STORE);
        assertNotStored(receive(get(), targeted("max-age=10, private")), Reason.RESPONSE_PRIVATE);
    }

    // RFC 9213 §2.1: malformed, empty or of a wrong type is as if it were not there
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "max-age=",
                "max-age=\"10\"",
                "max-age=10.5",
                "max-age=-1",
                "max-age=10; no-store, =",
                "MAX-AGE=1",
                "max-age=10,",
                "max-age 10",
                "max-age",
                "é",
                "\"",
                "no-store, max-age=9999999999999999"
            })
    void what_is_not_valid_is_ignored(String value) {
        assertThat(lifetime(targeted(value))).isEqualTo(60);
    }

    // RFC 9213 §2.1, RFC 8941 §3.1.2: parameters are ignored
    @Test
    void parameters_do_not_count() {
        assertThat(lifetime(targeted("max-age=10;max-age=20"))).isEqualTo(10);
    }

    // RFC 8941 §3.2: of several the last counts in a dictionary
    @Test
    void the_last_of_several_counts() {
        assertThat(lifetime(targeted("max-age=10, max-age=20"))).isEqualTo(20);
        assertThat(lifetime(targeted("max-age=10").header("CDN-Cache-Control", "max-age=20")))
                .isEqualTo(20);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"no-store", "no-store=?1", "no-store=1", "no-store=\"x\"", "no-store=(a b)", "private=\"a\""})
    void what_restricts_does_so_with_any_argument(String directive) {
        assertThat(receive(get(), targeted("max-age=10, " + directive))).isInstanceOf(Outcome.Relay.class);
    }

    // RFC 9213 §2.2: the target list, in its order
    @Test
    void the_caches_own_field_goes_before_the_others() {
        Policy own = RFC.obeying("Acme-Cache-Control");
        Response response = targeted("max-age=10").header("Acme-Cache-Control", "max-age=5");
        assertThat(freshness(own, response).lifetime()).hasSeconds(5);
        assertThat(freshness(own, targeted("max-age=10")).lifetime()).hasSeconds(10);
        assertThat(lifetime(response)).isEqualTo(10);
    }

    @Property
    void parsing_anything_never_throws(@ForAll String value, @ForAll String other) {
        TargetedControl.of(Headers.of("A", value, "a", other, "B", "max-age=" + value), List.of("A", "B"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a,", "a=1, ", "(", "(a ", "\"", "a;b", ";", "=", " ", "max-age=1,", ":YQ==:"})
    @Timeout(30)
    void a_megabyte_of_anything_comes_to_an_end(String piece) {
        String flood = piece.repeat((1 << 20) / piece.length());
        TargetedControl.of(Headers.of("A", flood, "B", "a=" + flood), List.of("A", "B"));
    }
}
