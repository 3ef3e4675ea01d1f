package io.cachingproxy.policy;

import io.cachingproxy.http.CacheControl;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.fields.HopByHop;
import io.cachingproxy.http.syntax.HttpDate;
import io.cachingproxy.key.Selection;
import io.cachingproxy.policy.parts.Invalidation;
import io.cachingproxy.policy.parts.Partial;
import io.cachingproxy.policy.parts.Validation;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The storage decision: whether the origin's response is stored, relayed, or validates a stored one (RFC 9111 §3,
 * §4.3).
 */
public final class Reception {
    /** Fields that the cache generates for each answer. */
    private static final Set<String> SAID_ANEW = Set.of("age", "cache-debug", "x-cache");

    /** Fields that a 304 never updates: they describe content that it does not carry (RFC 9111 §3.2). */
    private static final Set<String> OF_THE_CONTENT =
            Set.of("content-encoding", "content-length", "content-range", "content-md5", "content-digest");

    /** Server errors that stale-if-error covers (RFC 5861 §4). */
    private static final Set<Integer> ERRORS = Set.of(500, 502, 503, 504);

    /**
     * Final status codes whose caching requirements this cache implements (RFC 9111 §3); all of RFC 9110 except 201,
     * 202, 205 and 304 to 306.
     */
    private static final Set<Integer> UNDERSTOOD = Set.of(
            200, 203, 204, 206, 300, 301, 302, 303, 307, 308, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410,
            411, 412, 413, 414, 415, 416, 417, 421, 422, 426, 451, 500, 501, 502, 503, 504, 505);

    private Reception() {}

    /**
     * Judges the response to a request that was forwarded by {@code decision}.
     *
     * @param asked the request as the client sent it
     * @param requestedAt when it was forwarded
     */
    public static Outcome judge(
            RequestTerms rules,
            RequestHead asked,
            Decision decision,
            ResponseHead response,
            Instant requestedAt,
            Instant now) {
        return judge(rules, asked, decision, response, requestedAt, now, Trail.NONE);
    }

    /**
     * The same, with its steps.
     *
     * @param trail receives the steps before the one that decides, whose reason is that of the outcome
     */
    public static Outcome judge(
            RequestTerms rules,
            RequestHead asked,
            Decision decision,
            ResponseHead response,
            Instant requestedAt,
            Instant now,
            Trail trail) {
        Terms all = rules.forResponse(response);
        RequestHead request = all.seen(asked);
        Terms terms = all.with(all.policy().of(request, response));
        if (decision instanceof Decision.Bypass bypass && !storesForGet(terms, request, response)) {
            return new Outcome.Relay(bypass.reason());
        }
        if (decision instanceof Decision.Revalidate revalidate) {
            StoredResponse stored = revalidate.stored();
            if (response.status() == 304) {
                return notModified(rules, asked, stored, response, requestedAt, now);
            }
            if (request.isHead() && response.status() == stored.head().status()) {
                return Validation.sameRepresentation(response, stored)
                        ? freshen(rules, updated(rules, asked, stored, response, requestedAt, now))
                        : new Outcome.Relay(Reason.SUPERSEDED);
            }
            if (ERRORS.contains(response.status()) && mayServeInsteadOfError(request, stored, now)) {
                return new Outcome.ServeStale(stored, Reason.STALE_IF_ERROR);
            }
            trail.passed(Reason.STALE_IF_ERROR);
        }
        if (decision instanceof Decision.Revalidate && response.isServerError()) {
            return new Outcome.Relay(Reason.STORED_IS_BETTER);
        }
        Receipt receipt = Receipt.of(asked, response.headers(), requestedAt, now);
        Freshness freshness = Freshness.of(terms, response, receipt);
        Selection selection = terms.selection(response.headers(), request);
        Reason why = whyNotStored(terms, request, response, freshness, trail);
        if (why != null) {
            return new Outcome.Relay(why);
        }
        if (selection == null) {
            return new Outcome.Relay(Reason.VARY_STAR);
        }
        trail.passed(Reason.VARY_STAR);
        return new Outcome.Store(storedHeaders(terms, response, now), selection, freshness);
    }

    /**
     * Judges a stored response under {@code terms}, if it was stored under others; its freshness is recomputed.
     *
     * @return null if the response would not be stored under these terms, or not under this Vary key
     */
    public static @Nullable StoredResponse judgedAnew(Terms terms, StoredResponse stored) {
        if (stored.freshness().terms() == terms.id()) {
            return stored;
        }
        Receipt receipt = stored.freshness().receipt();
        ResponseHead response = stored.head();
        RequestHead request = terms.seen(receipt.request(response.status() == 206));
        Terms own = terms.with(terms.policy().of(request, response));
        Freshness freshness = Freshness.of(own, response, receipt);
        return terms.keeps(stored) && whyNotStored(own, request, response, freshness, Trail.NONE) == null
                ? new StoredResponse(response, stored.selection(), freshness, stored.body(), stored.tags())
                : null;
    }

    /**
     * Whether the response to a POST may answer later GETs: it has explicit freshness, and its Content-Location
     * identifies it as the response to a GET of the same target (RFC 9110 §9.3.3).
     */
    public static boolean storesForGet(Terms terms, RequestHead request, ResponseHead response) {
        return request.method().equals("POST")
                && !terms.policy().override()
                && response.status() == 200
                && Freshness.isExplicit(terms, response)
                && Invalidation.isSame(request.target(), response.headers().first("Content-Location"));
    }

    /**
     * Whether a stale response may be served when the origin is unreachable or its response incomplete (RFC 9111
     * §4.2.4).
     */
    public static boolean mayServeDisconnected(StoredResponse stored) {
        return !stored.freshness().stale().mustRevalidate()
                && !stored.freshness().noCache();
    }

    /**
     * Whether a stale response may be served in place of an error (RFC 5861 §4): the response or the request permits
     * it.
     */
    public static boolean mayServeInsteadOfError(RequestHead request, StoredResponse stored, Instant now) {
        Freshness freshness = stored.freshness();
        if (freshness.noCache()) {
            return false;
        }
        Duration asked = freshness.stale().mustRevalidate()
                ? null
                : request.cacheControl().seconds("stale-if-error");
        Duration given = freshness.stale().ifError();
        Duration allowed = asked != null && asked.compareTo(given) > 0 ? asked : given;
        return freshness.ttl(now).negated().compareTo(allowed) <= 0 && !allowed.isZero();
    }

    /** Reasons that a rule's {@code ttl} overrides: directives of the origin, but no protection of users. */
    private static final Set<Reason> OF_THE_ORIGIN = EnumSet.of(
            Reason.RESPONSE_NO_STORE,
            Reason.RESPONSE_PRIVATE,
            Reason.STATUS_NOT_UNDERSTOOD,
            Reason.NO_FRESHNESS,
            Reason.NO_REUSE);

    /** Why the response is not stored; null if it is. */
    private static @Nullable Reason whyNotStored(
            Terms terms, RequestHead request, ResponseHead response, Freshness freshness, Trail trail) {
        if (!terms.stores()) {
            return Reason.RULE;
        }
        trail.passed(Reason.RULE);
        Reason why = whyForbidden(terms, request, response, freshness, trail);
        if (why == null || !OF_THE_ORIGIN.contains(why) || !Freshness.ttlHolds(terms.lifetimes(), response)) {
            return why;
        }
        trail.step(why, Trail.Effect.OVERRIDDEN);
        if (Policy.hasCredentials(request)) {
            return Reason.CREDENTIALS;
        }
        return terms.refusesCookieOf(response.headers()) ? Reason.SET_COOKIE : null;
    }

    /** Why the response must not be stored, in the order of RFC 9111 §3; null if it may be. */
    private static @Nullable Reason whyForbidden(
            Terms terms, RequestHead request, ResponseHead response, Freshness freshness, Trail trail) {
        Policy policy = terms.policy();
        CacheControl control = terms.control(response).directives();
        if (!request.isGet() && !request.isDigestedQuery() && !storesForGet(terms, request, response)) {
            return Reason.METHOD_NOT_STORED;
        }
        trail.passed(Reason.METHOD_NOT_STORED);
        if (response.status() < 200 || response.status() == 304) {
            return Reason.STATUS_NOT_STORED;
        }
        trail.passed(Reason.STATUS_NOT_STORED);
        boolean part = response.status() == 206;
        if (part && ((!request.headers().contains("Range") && !policy.override()) || !Partial.isConsistent(response))) {
            return Reason.PARTIAL_NOT_STORED;
        }
        trail.passed(Reason.PARTIAL_NOT_STORED);
        if (policy.override()) {
            return overridden(terms, request, response, trail);
        }
        if (request.cacheControl().noStore()) { // RFC 9111 §5.2.1.5
            return Reason.REQUEST_NO_STORE;
        }
        trail.passed(Reason.REQUEST_NO_STORE);
        boolean understood = UNDERSTOOD.contains(response.status());
        if (control.has("must-understand") && !understood) { // RFC 9111 §5.2.2.3
            return Reason.STATUS_NOT_UNDERSTOOD;
        }
        trail.passed(Reason.STATUS_NOT_UNDERSTOOD);
        if (control.noStore() && !control.permits("must-understand")) { // RFC 9111 §5.2.2.5
            return Reason.RESPONSE_NO_STORE;
        }
        trail.passed(Reason.RESPONSE_NO_STORE);
        if (policy.shared() && control.isPrivate()) { // RFC 9111 §5.2.2.7
            return Reason.RESPONSE_PRIVATE;
        }
        trail.passed(Reason.RESPONSE_PRIVATE);
        if (policy.shared()
                && request.headers().contains("Authorization")
                && !control.permits("public")
                && !control.hasSeconds("s-maxage")
                && !control.permits("must-revalidate")) { // RFC 9111 §3.5
            return Reason.AUTHORIZATION;
        }
        trail.passed(Reason.AUTHORIZATION);
        if (terms.refusesCookieOf(response.headers())) {
            return Reason.SET_COOKIE;
        }
        trail.passed(Reason.SET_COOKIE);
        if (!policy.storage().toCookies()
                && Policy.hasCredentials(request)
                && !control.permits("public")
                && !control.hasSeconds("s-maxage")) {
            return Reason.CREDENTIALS;
        }
        trail.passed(Reason.CREDENTIALS);
        if (!policy.storage().unstated() && !freshness.explicit() && !freshness.noCache()) {
            return Policy.hasCredentials(request) ? Reason.CREDENTIALS : Reason.NO_FRESHNESS;
        }
        boolean mayStore = freshness.explicit()
                || control.permits("public")
                || Freshness.isHeuristicallyCacheable(response.status(), control);
        if (!mayStore) {
            return Reason.NO_FRESHNESS;
        }
        trail.passed(Reason.NO_FRESHNESS);
        boolean reusable = freshness.lifetime().compareTo(Duration.ZERO) > 0
                || response.headers().contains("ETag")
                || response.headers().contains("Last-Modified")
                || !freshness.stale().whileRevalidating().isZero()
                || !freshness.stale().ifError().isZero();
        if (!reusable) {
            return Reason.NO_REUSE;
        }
        trail.passed(Reason.NO_REUSE);
        return null;
    }

    /** Why an overriding policy, which ignores Cache-Control, does not store the response; null if it does. */
    private static @Nullable Reason overridden(Terms terms, RequestHead request, ResponseHead response, Trail trail) {
        if (response.status() != 200) {
            return Reason.STATUS_NOT_STORED;
        }
        if (Policy.hasCredentials(request)) {
            return Reason.CREDENTIALS;
        }
        trail.passed(Reason.CREDENTIALS);
        if (terms.refusesCookieOf(response.headers())) {
            return Reason.SET_COOKIE;
        }
        trail.passed(Reason.SET_COOKIE);
        return null;
    }

    /** RFC 9111 §3.1: all but hop-by-hop fields, and those that no-cache or private name (§5.2.2.4, §5.2.2.7). */
    private static Headers storedHeaders(Terms terms, ResponseHead response, Instant now) {
        Headers headers = HopByHop.strip(response.headers())
                .without(SAID_ANEW)
                .without(response.cacheControl().fieldsOf("no-cache"));
        if (terms.policy().shared()) {
            headers = headers.without(response.cacheControl().fieldsOf("private"));
        }
        if (terms.dropsSetCookie()) {
            headers = headers.without("Set-Cookie");
        }
        return headers.contains("Date") ? headers : headers.plus("Date", HttpDate.format(now)); // RFC 9110 §6.6.1
    }

    /**
     * Handles a 304. If it is about another representation, the stored response is not updated (RFC 9111 §4.3.4); but
     * the stored response, whose validator was sent, may answer this request. If it forbids the encoding of the stored
     * response, that answers this request as it was before, and is removed.
     */
    private static Outcome notModified(
            RequestTerms rules,
            RequestHead request,
            StoredResponse stored,
            ResponseHead response,
            Instant requestedAt,
            Instant now) {
        if (!stored.hasValidator()) { // the client's own condition was forwarded
            return new Outcome.Relay(Reason.STATUS_NOT_STORED);
        }
        if (Validation.forbidsCoding(response, stored)) {
            return new Outcome.Freshen(stored, false);
        }
        return Validation.confirms(response, stored)
                ? freshen(rules, updated(rules, request, stored, response, requestedAt, now))
                : new Outcome.Freshen(stored);
    }

    private static Outcome freshen(RequestTerms rules, StoredResponse updated) {
        Terms terms = rules.forResponse(updated.head());
        boolean ruled = Freshness.ttlHolds(terms.lifetimes(), updated.head());
        boolean stays = terms.policy().override()
                || ruled
                || !terms.forbidsStoring(terms.control(updated.head()).directives());
        return new Outcome.Freshen(updated, stays && terms.stores());
    }

    /**
     * The stored response, updated with the fields of a later one for the same representation (RFC 9111 §3.2, §4.3.4).
     */
    private static StoredResponse updated(
            RequestTerms rules,
            RequestHead asked,
            StoredResponse stored,
            ResponseHead later,
            Instant requestedAt,
            Instant now) {
        Terms before = rules.forResponse(stored.head());
        Headers updates = Validation.updates(storedHeaders(before, later, now).without(OF_THE_CONTENT), stored);
        Set<String> replaced = new HashSet<>();
        for (int i = 0; i < updates.size(); i++) {
            replaced.add(updates.name(i).toLowerCase(Locale.ROOT));
        }
        Headers merged = stored.head().headers().without(replaced).plus(updates);
        ResponseHead head = stored.head().withHeaders(merged);
        Terms all = rules.forResponse(head);
        RequestHead request = all.seen(asked);
        Terms terms = all.with(all.policy().of(request, head));
        // Age is not stored, but the received value is used.
        String age = later.headers().combined("Age");
        Headers aged = age == null ? merged : merged.plus("Age", age);
        Selection selection = terms.selection(merged, request);
        Freshness freshness = Freshness.of(terms, head, Receipt.of(asked, aged, requestedAt, now));
        return new StoredResponse(
                head,
                selection == null ? stored.selection() : selection,
                selection == null ? freshness.expired(now) : freshness,
                stored.body(),
                rules.tags(head));
    }
}
