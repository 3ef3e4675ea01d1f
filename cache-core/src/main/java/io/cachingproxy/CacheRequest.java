package io.cachingproxy;

import io.cachingproxy.coding.Compression;
import io.cachingproxy.coding.Negotiated;
import io.cachingproxy.http.Body;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.key.KeyBase;
import io.cachingproxy.policy.Decision;
import io.cachingproxy.policy.Ignored;
import io.cachingproxy.policy.Outcome;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.policy.Reception;
import io.cachingproxy.policy.Reuse;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.policy.Trail;
import io.cachingproxy.policy.parts.Validation;
import io.cachingproxy.rules.ResponseTreatment;
import io.cachingproxy.rules.Site;
import io.cachingproxy.rules.Treatment;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request with its site, its treatment by the rules, and its cache key. {@link HttpCache#resolve} determines them
 * once; they stay valid until the end of the request, even if the sites of the cache are replaced meanwhile. Immutable.
 *
 * @param head the request as the client sent it, with the Accept-Encoding that was negotiated
 * @param site the site of its host; null if there is none: the request is answered with 421
 * @param treatment what the rules of the site specify for it
 * @param key the cache key of its response
 * @param bypasses whether the request bypasses the cache: by a rule, or because its site is a shadow
 * @param base the base URL of the only origin, if it replaces scheme and authority of the client's URL in the key; else
 *     null
 * @param negotiated the coding of the response, if a rule compresses responses and the client reads them from the cache;
 *     else null
 */
public record CacheRequest(
        RequestHead head,
        @Nullable Site site,
        Treatment treatment,
        CacheKey key,
        boolean bypasses,
        @Nullable KeyBase base,
        @Nullable Negotiated negotiated) {
    /** A request whose coding is not negotiated. */
    public CacheRequest(
            RequestHead head,
            @Nullable Site site,
            Treatment treatment,
            CacheKey key,
            boolean bypasses,
            @Nullable KeyBase base) {
        this(head, site, treatment, key, bypasses, base, null);
    }

    /** The name of the origin: the one that a rule sets, else that of the site; null: the unnamed origin. */
    public @Nullable String originName() {
        String byRule = treatment.origin();
        return byRule == null && site != null ? site.origin() : byRule;
    }

    /** The client's Host, if the origin receives it; null if the origin receives its own. */
    public @Nullable String originHost() {
        boolean isClients = site != null && site.clientHost() && !site.isEverything();
        return isClients ? head.target().authority() : null;
    }

    /**
     * The cache key in readable form, such as {@code GET https://example.org/ (header accept: text/html)}; values that can be
     * secrets are masked, apart from those in the URL.
     */
    public String keyText() {
        return KeyText.of(key);
    }

    /** A copy with the same site, treatment and key parts for another form of the request. */
    public CacheRequest with(RequestHead other) {
        return other == head
                ? this
                : new CacheRequest(
                        other,
                        site,
                        treatment,
                        CacheKey.of(other, key.target(), key.parts()),
                        bypasses,
                        base,
                        negotiated);
    }

    /**
     * The request as another cache handles it that stores the responses of a {@linkplain Site#shadow shadow site}, to
     * evaluate the site. Itself if the site is no shadow.
     */
    public CacheRequest withoutShadow() {
        return site == null || !site.shadow()
                ? this
                : new CacheRequest(head, site, treatment, key, treatment.bypasses(), base, negotiated);
    }

    /** The request with the coding of its response, for a client that reads the response from the cache. */
    CacheRequest negotiate() {
        Compression compression = treatment.compression();
        if (compression == null
                || negotiated != null
                || treatment.beforeResponse().ignores(Ignored.VARY)) {
            return this;
        }
        Negotiated choice = compression.negotiate(head);
        return choice == null ? this : new CacheRequest(choice.request(), site, treatment, key, bypasses, base, choice);
    }

    /**
     * The coding of a response; null if the cache does not change it. A response whose Vary is ignored answers every
     * client, and so stays as it is; so does one whose Content-Encoding a rule sets.
     *
     * @param response as received from the origin
     */
    @Nullable
    Negotiated coding(ResponseHead response, Decision decision) {
        Negotiated choice = negotiated;
        boolean validates = decision instanceof Decision.Revalidate revalidate
                && revalidate.stored().hasValidator()
                && response.status() == 304;
        if (choice == null || validates) {
            return null;
        }
        ResponseTreatment rules = response(response);
        return rules.terms().ignores(Ignored.VARY) || rules.setsContentEncoding() ? null : choice;
    }

    /** True if the path leads above the path prefix of the origin's URL or of a rewrite. */
    boolean climbs() {
        boolean below = base != null && !base.prefix().isEmpty();
        return (below && head.target().climbs()) || treatment.refuses(head.target());
    }

    /** The request with the URL that the origin sees. */
    RequestHead atOrigin() {
        return base == null ? head : head.withTarget(base.of(head.target()));
    }

    /** The targets that cache keys may contain for a URL in the form of {@link #atOrigin}. */
    Set<Target> keyTargets(Target atOrigin) {
        if (site == null) {
            return Set.of();
        }
        Target client = base == null ? atOrigin : base.back(atOrigin, head.target());
        return site.rules().keyTargets(client, atOrigin);
    }

    /** Why the store is not asked for a response to this request; null if it is. */
    @Nullable
    Reason bypass() {
        return bypasses ? bypassing() : Reuse.bypass(treatment.beforeResponse(), head);
    }

    /** Why the request bypasses the cache: a rule, even in a shadow site, or the shadow. */
    Reason bypassing() {
        return site != null && site.shadow() && !treatment.bypasses() ? Reason.SHADOW : Reason.RULE;
    }

    /** The reuse decision about the stored responses {@code found}. */
    Decision decide(List<StoredResponse> found, Instant now) {
        return decide(found, now, Trail.NONE);
    }

    /** The same, with its steps. */
    Decision decide(List<StoredResponse> found, Instant now, Trail trail) {
        return bypasses ? new Decision.Bypass(bypassing()) : Reuse.decide(treatment, head, found, now, trail);
    }

    /** The request to be forwarded: without the client's conditions, if the policy fetches the complete response. */
    RequestHead whole(Decision decision) {
        return decision instanceof Decision.Bypass ? head : Validation.whole(treatment.beforeResponse(), head);
    }

    /** The storage decision about a response to this request. */
    Outcome judge(Decision decision, ResponseHead response, Instant requestedAt, Instant now) {
        return judge(decision, response, requestedAt, now, Trail.NONE);
    }

    /** The same, with its steps. */
    Outcome judge(Decision decision, ResponseHead response, Instant requestedAt, Instant now, Trail trail) {
        return bypasses
                ? new Outcome.Relay(bypassing())
                : Reception.judge(treatment, atOrigin(), decision, response, requestedAt, now, trail);
    }

    /** Returns true if the Content-Length of {@code response} exceeds {@code most} bytes. */
    boolean isTooLong(ResponseHead response, long most) {
        Long length = response.headers().contentLength();
        return length != null && length > longestBody(response, most);
    }

    /** The longest body that is stored, in bytes: {@code most}, or the limit of a rule if that is less. */
    long longestBody(ResponseHead response, long most) {
        return Math.min(most, response(response).maxObjectBytes());
    }

    /** A response to this request as it is stored, without its body. */
    StoredResponse stored(Outcome.Store store, ResponseHead response) {
        Set<String> tags = response(response).tags(store.headers());
        ResponseHead head = response.withHeaders(store.headers());
        return new StoredResponse(head, store.selection(), store.freshness(), Body.EMPTY, tags);
    }

    /** The treatment of a response to this request by the rules. */
    ResponseTreatment response(ResponseHead response) {
        return treatment.response(response);
    }

    /** The head of an answer after the rules have changed it. */
    ResponseHead towardsClient(ResponseHead response, ResponseHead answer) {
        ResponseHead changed = treatment.response(response).towardsClient(head, answer);
        return negotiated == null ? changed : negotiated.afterRules(response, answer, changed);
    }
}
