package io.cachingproxy;

import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.policy.Policy;
import io.cachingproxy.testkit.Client;
import io.cachingproxy.testkit.Client.Received;
import io.cachingproxy.testkit.ManualClock;
import io.cachingproxy.testkit.Messages.Request;
import io.cachingproxy.testkit.Messages.Response;
import io.cachingproxy.testkit.ScriptedOrigin;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A response in flight is given only to a request that it could answer from the store at that moment (RFC 9111 §4). */
class JoiningTest {
    private static final List<String> RESPONSES = List.of(
            "max-age=60",
            "no-cache",
            "max-age=0, must-revalidate",
            "max-age=0",
            "public",
            "max-age=60, no-cache",
            "max-age=0, stale-while-revalidate=30",
            "s-maxage=5, max-age=0",
            "max-age=60, must-revalidate",
            "max-age=60, immutable");

    private static final List<String> REQUESTS = List.of(
            "",
            "no-cache",
            "max-age=0",
            "max-age=30",
            "min-fresh=30",
            "min-fresh=90",
            "max-stale",
            "max-stale=10",
            "no-store");

    private final ManualClock clock = ManualClock.atNoon();
    private final Client client = client(Policy.rfc9111());
    private final ScriptedOrigin origin = client.origin();

    private Client client(Policy policy) {
        return new Client(HttpCache.builder().policy(policy).clock(clock).build());
    }

    private static Response tagged(String cacheControl) {
        return response(200).cacheControl(cacheControl).header("ETag", "\"1\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-cache", "max-age=0, must-revalidate", "max-age=0", "public"})
    void whoever_asks_while_a_response_streams_that_has_to_be_validated_is_forwarded(String cacheControl) {
        Received alice = client.send(get());
        origin.last().head(tagged(cacheControl)).body("for alice");
        Received bob = client.send(get());
        assertThat(bob.isWaiting()).isTrue();
        assertThat(origin.requests()).isEqualTo(2);
        origin.call(1).answer(tagged(cacheControl), "for bob");
        bob.assertMiss("for bob");
        origin.call(0).complete();
        alice.assertMiss("for alice");
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-cache", "max-age=0, must-revalidate", "public"})
    void those_who_wait_for_such_a_response_are_forwarded_at_once_and_the_next_ones_do_not_wait(String cacheControl) {
        client.send(get());
        Received waits = client.send(get());
        Received waitsToo = client.send(get());
        assertThat(origin.requests()).isEqualTo(1);
        origin.call(0).head(tagged(cacheControl));
        assertThat(origin.requests()).isEqualTo(3);
        client.send(get());
        assertThat(origin.requests()).isEqualTo(4);
        origin.call(1).answer(tagged(cacheControl), "one");
        origin.call(2).answer(tagged(cacheControl), "other");
        assertThat(List.of(waits.text(), waitsToo.text())).containsExactlyInAnyOrder("one", "other");
    }

    @Test
    void a_validation_of_a_response_under_no_cache_answers_only_the_one_who_asked_for_it() {
        client.send(get(), tagged("no-cache"), "stored");
        Received alice = client.send(get());
        Received bob = client.send(get());
        assertThat(origin.requests()).isEqualTo(3);
        origin.call(1).answer(response(304).header("ETag", "\"1\""), "");
        alice.assertHit("stored");
        assertThat(bob.isWaiting()).isTrue();
        origin.call(2).answer(response(304).header("ETag", "\"1\""), "");
        bob.assertHit("stored");
    }

    @ParameterizedTest
    @CsvSource({"no-cache", "max-age=0", "min-fresh=90"})
    void a_request_that_asks_for_a_younger_response_does_not_join_an_older_one(String asked) {
        client.send(get());
        origin.last().head(tagged("max-age=60")).body("old");
        clock.advance(1);
        Received received = client.send(get().cacheControl(asked));
        assertThat(origin.requests()).isEqualTo(2);
        origin.last().answer(tagged("max-age=60"), "new");
        received.assertMiss("new");
    }

    /** While a response is in flight, no request gets what it would not get if it were stored, and all others do. */
    @Test
    void joining_and_reuse_are_the_same() {
        for (String said : RESPONSES) {
            for (String asked : REQUESTS) {
                for (int age : new int[] {0, 1, 31, 61}) {
                    boolean reuses = reuses(said, asked, age);
                    boolean joins = joins(said, asked, age);
                    // whether it joins only counts where others may: a no-store request asks for itself alone
                    boolean mayJoin = reuses(said, "", 0) && !asked.equals("no-store");
                    assertThat(joins)
                            .as("%s, asked with %s after %d s", said, asked, age)
                            .isEqualTo(reuses && mayJoin);
                }
            }
        }
    }

    private static Request asking(String cacheControl) {
        return cacheControl.isEmpty() ? get() : get().cacheControl(cacheControl);
    }

    private boolean joins(String said, String asked, int age) {
        Client fresh = client(Policy.rfc9111());
        fresh.send(get());
        fresh.origin().last().head(tagged(said)).body("a");
        clock.advance(age);
        fresh.send(asking(asked));
        return fresh.origin().requests() == 1;
    }

    private boolean reuses(String said, String asked, int age) {
        Client fresh = client(Policy.rfc9111());
        fresh.send(get(), tagged(said), "a");
        clock.advance(age);
        Received received = fresh.send(asking(asked));
        return !received.isWaiting();
    }
}
