package io.cachingproxy.spring;

import io.cachingproxy.Explanation;
import io.cachingproxy.http.fields.Masking;
import io.cachingproxy.rules.MatchReport;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An {@link Explanation} in the form in which the actuator endpoint reports it, which is that of the proxy's explain
 * command. The values of query parameters are masked, and so are those of fields that can be secrets.
 *
 * @param site the name of the site; null if no site has the host
 * @param rules the rules of the site, in order
 * @param omitted the number of stored responses that are not in {@code variants}
 * @param reuse how the request is answered
 */
public record ExplanationReport(
        String method,
        String url,
        @Nullable String site,
        String policy,
        String key,
        List<Rule> rules,
        List<Variant> variants,
        int omitted,
        Verdict reuse) {
    /**
     * A decision.
     *
     * @param result such as {@code hit}, {@code stale}, {@code miss} or {@code bypass}
     * @param reason the token of the reason
     * @param source the RFC section of the reason
     * @param ttl the remaining freshness lifetime in seconds, negative if stale; null without a stored response
     * @param changes what would lead to a hit
     */
    public record Verdict(
            String result,
            String reason,
            String source,
            @Nullable Long ttl,
            List<Step> steps,
            List<Change> changes) {}

    /** A condition that was checked, with its RFC section. */
    public record Step(String reason, String source, String effect, String inputs) {}

    /**
     * Something that would change the result.
     *
     * @param by {@code origin}, {@code rule} or {@code request}
     */
    public record Change(List<String> by, String text) {}

    /**
     * A rule.
     *
     * @param result {@code matched}, {@code not-matched} or {@code depends-on-response}
     * @param overridden for settings that a later rule sets as well: the name of that rule
     * @param unmet the first condition that does not hold; null if the rule matched
     */
    public record Rule(
            String name,
            String result,
            Map<String, String> settings,
            Map<String, String> overridden,
            @Nullable String unmet) {}

    /**
     * A stored response.
     *
     * @param age in seconds
     * @param ttl the remaining freshness lifetime in seconds; negative if stale
     * @param why the token of the reason why it is not the answer; null if it is, or was not examined
     */
    public record Variant(
            int status,
            long age,
            long ttl,
            Map<String, String> selecting,
            boolean selected,
            @Nullable String why) {}

    static ExplanationReport of(Explanation explanation) {
        return new ExplanationReport(
                explanation.request().method(),
                Masking.url(explanation.request().target().url()),
                explanation.site(),
                explanation.policy(),
                Masking.url(explanation.key()),
                explanation.rules().stream().map(ExplanationReport::rule).toList(),
                explanation.variants().stream().map(ExplanationReport::variant).toList(),
                explanation.omitted(),
                verdict(explanation.reuse()));
    }

    private static Rule rule(MatchReport rule) {
        return new Rule(rule.rule(), token(rule.result()), rule.settings(), rule.overridden(), rule.unmet());
    }

    private static Variant variant(Explanation.Variant variant) {
        return new Variant(
                variant.status(),
                variant.age().toSeconds(),
                seconds(variant.ttl()),
                variant.selecting(),
                variant.selected(),
                variant.why() == null ? null : variant.why().token());
    }

    private static Verdict verdict(Explanation.Verdict verdict) {
        return new Verdict(
                token(verdict.result()),
                verdict.reason().token(),
                verdict.reason().source(),
                verdict.ttl() == null ? null : seconds(verdict.ttl()),
                verdict.steps().stream().map(ExplanationReport::step).toList(),
                verdict.changes().stream().map(ExplanationReport::change).toList());
    }

    private static Step step(Explanation.Step step) {
        return new Step(step.reason().token(), step.reason().source(), token(step.effect()), step.inputs());
    }

    private static Change change(Explanation.Change change) {
        return new Change(change.by().stream().map(ExplanationReport::token).toList(), change.text());
    }

    private static long seconds(Duration ttl) {
        return Math.floorDiv(ttl.toMillis(), 1000L);
    }

    private static String token(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
