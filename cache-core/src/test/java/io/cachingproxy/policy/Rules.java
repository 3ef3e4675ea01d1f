package io.cachingproxy.policy;

import static io.cachingproxy.testkit.Messages.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Body;
import io.cachingproxy.key.Selection;
import io.cachingproxy.testkit.Messages.Request;
import io.cachingproxy.testkit.Messages.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** The two questions of a request as one-liners, and the verdicts on them as one word. Responses arrive at noon. */
public final class Rules {
    public static final Instant NOON = Instant.parse("2026-03-04T12:00:00Z");
    public static final Policy RFC = Policy.rfc9111();
    public static final Policy STANDARD = Policy.standard(Duration.ofSeconds(300));
    public static final Policy OVERRIDE = Policy.override(Duration.ofSeconds(300));

    public static final Policy APPLICATION = Policy.application();

    private Rules() {}

    /** So many seconds after noon. */
    public static Instant at(long seconds) {
        return NOON.plusSeconds(seconds);
    }

    public static Freshness freshness(Response response) {
        return freshness(RFC, response);
    }

    public static Freshness freshness(Policy policy, Response response) {
        return freshness(policy, response, NOON);
    }

    /** The same of a response to a request that was sent at another time. */
    public static Freshness freshness(Policy policy, Response response, Instant requestedAt) {
        Receipt receipt = Receipt.of(get().head(), response.headers(), requestedAt, NOON);
        return Freshness.of(Terms.of(policy), response.head(), receipt);
    }

    /** What noon leaves in the store of a response to {@code GET /}. */
    public static StoredResponse stored(Response response) {
        return stored(RFC, get(), response);
    }

    public static StoredResponse stored(Policy policy, Request request, Response response) {
        Selection selection = Selection.of(response.headers(), request.headers());
        assertThat(selection).isNotNull();
        return new StoredResponse(response.head(), selection, freshness(policy, response), Body.EMPTY);
    }

    /** The first question, so many seconds after noon, with these stored, newest first. */
    public static Decision ask(long seconds, Request request, StoredResponse... stored) {
        return ask(RFC, seconds, request, stored);
    }

    public static Decision ask(Policy policy, long seconds, Request request, StoredResponse... stored) {
        return Reuse.decide(Terms.of(policy), request.head(), List.of(stored), at(seconds));
    }

    /** The second question, at noon, after a miss. */
    public static Outcome receive(Request request, Response response) {
        return receive(RFC, request, response);
    }

    public static Outcome receive(Policy policy, Request request, Response response) {
        return Reception.judge(
                Terms.of(policy), request.head(), new Decision.Miss(Reason.URI_MISS), response.head(), NOON, NOON);
    }

    /** The second question, so many seconds after noon, after asking whether {@code stored} still holds. */
    public static Outcome revalidate(long seconds, Request request, StoredResponse stored, Response response) {
        return revalidate(RFC, seconds, request, stored, response);
    }

    public static Outcome revalidate(
            Policy policy, long seconds, Request request, StoredResponse stored, Response response) {
        Decision decision = new Decision.Revalidate(stored, Reason.STALE);
        return Reception.judge(Terms.of(policy), request.head(), decision, response.head(), at(seconds), at(seconds));
    }

    public static void assertHit(Decision decision) {
        assertThat(decision).isInstanceOf(Decision.Hit.class);
    }

    public static void assertHit(Decision decision, StoredResponse stored) {
        assertThat(decision).isEqualTo(new Decision.Hit(stored));
    }

    public static void assertStale(Decision decision, Reason reason) {
        assertThat(decision).isInstanceOf(Decision.Stale.class);
        assertThat(decision.reason()).isEqualTo(reason);
    }

    public static void assertRevalidated(Decision decision, Reason reason) {
        assertThat(decision).isInstanceOf(Decision.Revalidate.class);
        assertThat(decision.reason()).isEqualTo(reason);
    }

    public static void assertForwarded(Decision decision, Reason reason) {
        assertThat(decision).isInstanceOfAny(Decision.Miss.class, Decision.Bypass.class);
        assertThat(decision.reason()).isEqualTo(reason);
    }

    public static Outcome.Store assertStored(Outcome outcome) {
        assertThat(outcome.reason()).isEqualTo(Reason.STORED);
        return (Outcome.Store) outcome;
    }

    public static void assertNotStored(Outcome outcome, Reason reason) {
        assertThat(outcome).isEqualTo(new Outcome.Relay(reason));
    }

    public static StoredResponse assertFreshened(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Freshen.class);
        return ((Outcome.Freshen) outcome).freshened();
    }

    public static void assertServedStale(Outcome outcome, Reason reason) {
        assertThat(outcome).isInstanceOf(Outcome.ServeStale.class);
        assertThat(outcome.reason()).isEqualTo(reason);
    }
}
