package io.cachingproxy.cli.config;

import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.http.fields.Masking;
import io.cachingproxy.key.KeyBase;
import io.cachingproxy.policy.Decision;
import io.cachingproxy.policy.Outcome;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.policy.Reception;
import io.cachingproxy.policy.Reuse;
import io.cachingproxy.rules.ResponseTreatment;
import io.cachingproxy.rules.Site;
import io.cachingproxy.rules.Sites;
import io.cachingproxy.rules.Treatment;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A test in the file: the expected handling of one request and its response, with an empty cache.
 *
 * @param client the client address, for rules that depend on it
 */
public record TestCase(
        String name,
        RequestHead request,
        Optional<InetAddress> client,
        ResponseHead response,
        List<Expectation> expectations) {
    static final String ABSENT = "none";

    /** The beginning of the name of an expected header. */
    static final String HEADER = "header ";

    /** The time of request and response; the result does not depend on it. */
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    /**
     * One expected value.
     *
     * @param what the name of the value, such as {@code ttl} or {@code header X-Name}
     * @param text the value, or {@code none}
     */
    public record Expectation(Place place, String what, String text) {}

    /** An actual value, with the reason if known. */
    private record Actual(String text, String why) {
        static Actual of(@Nullable Object value) {
            return new Actual(value == null ? ABSENT : value.toString(), "");
        }
    }

    /** The failed expectations. */
    List<Problem> failures(String file, Sites sites, @Nullable KeyBase only, Secrets secrets) {
        List<Problem> failures = new ArrayList<>();
        for (Expectation expected : expectations) {
            Actual actual = actual(expected.what(), sites, only);
            if (!actual.text().equals(expected.text())) {
                failures.add(new Problem(
                        file,
                        expected.place(),
                        "",
                        secrets.hidden("test \"" + name + "\": expected " + expected.what() + " "
                                + shown(expected.what(), expected.text()) + ", got "
                                + shown(expected.what(), actual.text()) + actual.why())));
            }
        }
        return failures;
    }

    private static String shown(String what, String text) {
        boolean header = what.startsWith(HEADER) && !text.equals(ABSENT);
        return header ? Masking.header(what.substring(HEADER.length()), text) : Masking.url(text);
    }

    private Actual actual(String what, Sites sites, @Nullable KeyBase only) {
        Site site = sites.find(request.target().authority());
        if (site == null) {
            return new Actual(
                    ABSENT, " (no site has the host " + request.target().authority() + ")");
        }
        Treatment treatment = site.rules().forRequest(request, client.orElse(null));
        ResponseTreatment ofResponse = treatment.response(response);
        return switch (what) {
            case "site" -> Actual.of(site.name());
            case "rules" -> Actual.of(ofResponse.rules());
            case "key" ->
                Actual.of(treatment.key(request, keyed(site, only)).target().url());
            case "bypass" -> Actual.of(treatment.bypasses());
            case "origin" -> Actual.of(treatment.origin() == null ? site.origin() : treatment.origin());
            case "stored" -> stored(outcome(treatment));
            case "ttl" -> ttl(outcome(treatment));
            default ->
                Actual.of(ofResponse
                        .towardsClient(request, response)
                        .headers()
                        .combined(what.substring(HEADER.length())));
        };
    }

    private Target keyed(Site site, @Nullable KeyBase only) {
        return only != null && site.isEverything() ? only.of(request.target()) : request.target();
    }

    private Outcome outcome(Treatment treatment) {
        if (treatment.answers() || treatment.bypasses()) {
            return new Outcome.Relay(Reason.RULE);
        }
        if (treatment.refuses(request.target())) {
            return new Outcome.Relay(Reason.REFUSED);
        }
        Reason bypass = Reuse.bypass(treatment.beforeResponse(), request);
        Decision decision = bypass == null ? new Decision.Miss(Reason.URI_MISS) : new Decision.Bypass(bypass);
        return Reception.judge(treatment, request, decision, response, NOW, NOW);
    }

    private static Actual stored(Outcome outcome) {
        return outcome instanceof Outcome.Store
                ? Actual.of(true)
                : new Actual("false", " (" + outcome.reason().token() + ")");
    }

    private static Actual ttl(Outcome outcome) {
        return outcome instanceof Outcome.Store store
                ? Actual.of(Durations.text(store.freshness().ttl(NOW)))
                : new Actual(ABSENT, ", not stored (" + outcome.reason().token() + ")");
    }
}
