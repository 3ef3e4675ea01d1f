package io.cachingproxy.policy;

import io.cachingproxy.http.CacheControl;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.HopByHop;
import io.cachingproxy.http.HttpDate;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.key.Selection;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What becomes of the origin's response: stored, relayed, or taken as word about a stored one (RFC 9111 §3, §4.3). */
public final class Reception {
    /** Fields that a 304 never changes: they describe bytes that it does not carry (RFC 9111 §3.2). */
    private static final Set<String> OF_THE_CONTENT =
            Set.of("content-encoding", "content-length", "content-range", "content-type");

    /** Server errors that stale-if-error covers (RFC 5861 §4). */
    private static final Set<Integer> ERRORS = Set.of(500, 502, 503, 504);

    private Reception() {}

    /**
     * Judges the response to a request that {@code decision} had forwarded.
     *
     * @param request as the client sent it
     * @param requestedAt when it was forwarded
     */
    public static Outcome judge(
            Policy policy,
            RequestHead request,
            Decision decision,
            ResponseHead response,
            Instant requestedAt,
            Instant now) {
        if (decision instanceof Decision.Bypass bypass) {
            return new Outcome.Relay(bypass.reason());
        }
        if (decision instanceof Decision.Revalidate revalidate) {
            StoredResponse stored = revalidate.stored();
            if (response.status() == 304 && Validation.confirms(response, stored)) {
                return new Outcome.Freshen(freshened(policy, stored, response, requestedAt, now));
            }
            if (ERRORS.contains(response.status()) && mayServeInsteadOfError(request, stored, now)) {
                return new Outcome.ServeStale(stored, Reason.STALE_IF_ERROR);
            }
        }
        Freshness freshness = Freshness.of(policy, response, requestedAt, now);
        Selection selection = Selection.of(response.headers(), request.headers());
        Reason why = whyNotStored(policy, request, response, freshness);
        if (why != null) {
            return new Outcome.Relay(why);
        }
        return selection == null
                ? new Outcome.Relay(Reason.VARY_STAR)
                : new Outcome.Store(storedHeaders(response, now), selection, freshness);
    }

    /** Whether the stored response may answer because the origin cannot be reached or breaks off (RFC 9111 §4.2.4). */
    public static boolean mayServeDisconnected(StoredResponse stored) {
        return !stored.freshness().mustRevalidate() && !stored.freshness().noCache();
    }

    /** RFC 5861 §4: the response or the request allows it, for so long. */
    private static boolean mayServeInsteadOfError(RequestHead request, StoredResponse stored, Instant now) {
        Freshness freshness = stored.freshness();
        if (freshness.noCache() || freshness.mustRevalidate()) {
            return false;
        }
        Duration asked = request.cacheControl().seconds("stale-if-error");
        Duration allowed = asked != null && asked.compareTo(freshness.ifError()) > 0 ? asked : freshness.ifError();
        return freshness.ttl(now).negated().compareTo(allowed) <= 0 && !allowed.isZero();
    }

    /** RFC 9111 §3, in its order; null if the response is stored. */
    private static @Nullable Reason whyNotStored(
            Policy policy, RequestHead request, ResponseHead response, Freshness freshness) {
        CacheControl control = response.cacheControl();
        if (!request.isGet()) {
            return Reason.METHOD_NOT_STORED;
        }
        if (response.status() < 200 || response.status() == 304) {
            return Reason.STATUS_NOT_STORED;
        }
        if (response.status() == 206) {
            return Reason.PARTIAL_NOT_STORED;
        }
        if (policy.override()) {
            return response.status() == 200 ? null : Reason.STATUS_NOT_STORED;
        }
        if (request.cacheControl().noStore()) { // RFC 9111 §5.2.1.5
            return Reason.REQUEST_NO_STORE;
        }
        if (control.noStore()) { // RFC 9111 §5.2.2.5
            return Reason.RESPONSE_NO_STORE;
        }
        if (control.isPrivate()) { // RFC 9111 §5.2.2.7
            return Reason.RESPONSE_PRIVATE;
        }
        if (request.headers().contains("Authorization")
                && !control.has("public")
                && !control.has("s-maxage")
                && !control.has("must-revalidate")) { // RFC 9111 §3.5
            return Reason.AUTHORIZATION;
        }
        if (!policy.storesSetCookie() && response.headers().contains("Set-Cookie")) {
            return Reason.SET_COOKIE;
        }
        boolean mayStore =
                freshness.explicit() || control.has("public") || Freshness.isHeuristicallyCacheable(response);
        if (!mayStore) {
            return Reason.NO_FRESHNESS;
        }
        boolean reusable = !freshness.lifetime().isZero()
                || response.headers().contains("ETag")
                || response.headers().contains("Last-Modified")
                || !freshness.whileRevalidating().isZero()
                || !freshness.ifError().isZero();
        return reusable ? null : Reason.NO_REUSE;
    }

    /** RFC 9111 §3.1: all but hop-by-hop fields, and those that no-cache or private name (§5.2.2.4, §5.2.2.7). */
    private static Headers storedHeaders(ResponseHead response, Instant now) {
        Set<String> left = new HashSet<>(response.cacheControl().fieldsOf("no-cache"));
        left.addAll(response.cacheControl().fieldsOf("private"));
        left.add("age");
        Headers headers = HopByHop.strip(response.headers()).without(left);
        return headers.contains("Date") ? headers : headers.plus("Date", HttpDate.format(now)); // RFC 9110 §6.6.1
    }

    private static StoredResponse freshened(
            Policy policy, StoredResponse stored, ResponseHead notModified, Instant requestedAt, Instant now) {
        Headers updates = storedHeaders(notModified, now).without(OF_THE_CONTENT);
        if (!policy.storesSetCookie()) {
            updates = updates.without("Set-Cookie");
        }
        Set<String> replaced = new HashSet<>();
        for (int i = 0; i < updates.size(); i++) {
            replaced.add(updates.name(i).toLowerCase(Locale.ROOT));
        }
        Headers merged = stored.head().headers().without(replaced).plus(updates);
        ResponseHead head = stored.head().withHeaders(merged);
        // Age is not stored, but the one that the 304 carries counts.
        List<String> age = notModified.headers().all("Age");
        ResponseHead aged = age.isEmpty() ? head : head.withHeaders(merged.plus("Age", age.get(0)));
        return stored.freshened(head, Freshness.of(policy, aged, requestedAt, now));
    }
}
