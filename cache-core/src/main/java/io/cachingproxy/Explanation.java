package io.cachingproxy;

import io.cachingproxy.http.RequestHead;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.policy.Trail;
import io.cachingproxy.rules.MatchReport;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Why the cache handles a request, and a response to it, as it does. {@link HttpCache#explain} makes it with the
 * functions and values of the decisions themselves. Immutable.
 *
 * @param request the request
 * @param site the name of its site; null if no site has its host
 * @param policy the name of the policy in effect for the request
 * @param rules the rules of the site, in order
 * @param key the cache key in readable form; values that can be secrets are masked, apart from those in the URL
 * @param variants the responses stored under the key, newest first; at most {@link #MAX_VARIANTS}
 * @param omitted the number of stored responses that are not in {@code variants}
 * @param reuse the reuse decision
 * @param storage the storage decision about the response; null if no response is given, or if the request is answered
 *     without the origin
 */
public record Explanation(
        RequestHead request,
        @Nullable String site,
        String policy,
        List<MatchReport> rules,
        String key,
        List<Variant> variants,
        int omitted,
        Verdict reuse,
        @Nullable Verdict storage) {
    /** The maximum number of variants in an explanation. */
    public static final int MAX_VARIANTS = 64;

    /** The result of a decision. */
    public enum Result {
        /** A fresh stored response is the answer. */
        HIT,
        /** A stale stored response is the answer. */
        STALE,
        /** The stored response is validated at the origin first. */
        REVALIDATE,
        /** The rest of a stored partial response is requested from the origin. */
        COMPLETE,
        /** The request is forwarded; the response may be stored. */
        MISS,
        /** The request is forwarded; the store is not used. */
        BYPASS,
        /** The cache itself answers: with an error, or with the answer of a rule. */
        ANSWERED,
        /** The response is stored. */
        STORED,
        /** The response confirms the stored one, which is the answer. */
        VALIDATED,
        /** The response confirms the stored one, which is the answer, but is removed from the store. */
        VALIDATED_AND_REMOVED,
        /** A stale stored response is sent in place of the error. */
        STALE_INSTEAD,
        /** The response is sent to the client, and not stored. */
        NOT_STORED
    }

    /**
     * A decision.
     *
     * @param reason of the result
     * @param steps the conditions in the order in which they were checked; the last one decides
     * @param ttl the remaining freshness lifetime of the response that is used or stored, negative if it is stale; null
     *     without one
     * @param changes what would lead to a hit, or to storing; empty if nothing alone or in pairs would, or nothing needs
     *     to change
     */
    public record Verdict(
            Result result,
            Reason reason,
            List<Step> steps,
            @Nullable Duration ttl,
            List<Change> changes) {}

    /**
     * A condition that was checked.
     *
     * @param reason the condition, with the RFC section in {@link Reason#source}
     * @param effect whether it holds
     * @param inputs the values that it depends on, in words; without the values of credentials
     */
    public record Step(Reason reason, Trail.Effect effect, String inputs) {}

    /** The party that can make a {@link Change}. */
    public enum By {
        ORIGIN,
        RULE,
        REQUEST
    }

    /**
     * Something that would change the result, found by making the decision again with it.
     *
     * @param text a clause, such as {@code the origin sent s-maxage}; clauses of two changes are joined by "and"
     */
    public record Change(List<By> by, String text) {}

    /**
     * A stored response.
     *
     * @param age its current age (RFC 9111 §4.2.3)
     * @param ttl the remaining freshness lifetime under the rules it was stored or, if it is selected, is used under;
     *     negative if stale
     * @param selecting the selecting header fields and their values; empty without Vary. Values of
     *     fields that are not known to be harmless are masked
     * @param selected whether the reuse decision is about this response
     * @param why why it does not answer the request; null if it is selected, or was not examined
     */
    public record Variant(
            int status,
            Duration age,
            Duration ttl,
            Map<String, String> selecting,
            boolean selected,
            @Nullable Reason why) {}
}
