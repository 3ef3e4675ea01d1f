package io.cachingproxy;

import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.key.KeyBase;
import io.cachingproxy.rules.ResponseTreatment;
import io.cachingproxy.rules.Site;
import io.cachingproxy.rules.Treatment;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request with its site, its treatment by the rules, and its key: resolved once, by {@link HttpCache#resolve}, and valid
 * until the end of the request, also if the sites of the cache are replaced meanwhile. Immutable.
 *
 * @param head the request as the client sent it
 * @param site null if no site has its host: it is answered with 421
 * @param treatment what the rules of the site say of it
 * @param key under which its response is stored and found
 * @param bypasses whether it is forwarded past the cache
 * @param base of the only origin, where its URL is in the key in place of the client's; else null
 */
public record CacheRequest(
        RequestHead head,
        @Nullable Site site,
        Treatment treatment,
        CacheKey key,
        boolean bypasses,
        @Nullable KeyBase base) {
    /** The same site and treatment for another form of the request. */
    CacheRequest with(RequestHead other) {
        return other == head
                ? this
                : new CacheRequest(
                        other, site, treatment, CacheKey.of(other, key.target(), key.parts()), bypasses, base);
    }

    /** Whether a rule has an answer of its own for it, in place of a stored response or the origin's. */
    boolean isAnsweredByRule() {
        return treatment.answers();
    }

    /** Whether its path leads above the prefix that the origin's URL or a rule puts in front of it. */
    boolean climbs() {
        boolean below = base != null && !base.prefix().isEmpty();
        return below && head.target().climbs() || treatment.refuses(head.target());
    }

    /** The request as the origin sees it, as far as its URL goes. */
    RequestHead atOrigin() {
        return base == null ? head : head.withTarget(base.of(head.target()));
    }

    /** The targets that keys may have of a URL, as {@link #atOrigin} has it. */
    Set<Target> keyTargets(Target atOrigin) {
        if (site == null) {
            return Set.of();
        }
        Target client = base == null ? atOrigin : base.back(atOrigin, head.target());
        return site.rules().keyTargets(client, atOrigin);
    }

    /** What the rules say of a response to it. */
    ResponseTreatment response(ResponseHead response) {
        return treatment.response(response);
    }

    /** The head of an answer as the rules change it. */
    ResponseHead towardsClient(ResponseHead response, ResponseHead answer) {
        return treatment.response(response).towardsClient(head, answer);
    }
}
