package io.cachingproxy.policy;

import io.cachingproxy.http.CacheControl;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A caching policy: where the cache goes beyond RFC 9111, and where it is more restrictive.
 *
 * @param name the value of {@code --policy}
 * @param defaultTtl the freshness lifetime of a 200 to a GET without explicit freshness; zero: as the RFC specifies
 * @param override whether {@code defaultTtl} applies to every 200 to a GET, regardless of the origin's directives
 * @param storage which of the responses that the RFC allows to store are stored
 * @param fetchesWhole whether a miss of a conditional GET is forwarded without the client's conditions, so that the
 *     response can be stored; the client still gets its 304
 * @param shared whether clients share stored responses; false: a private cache, to which {@code private},
 *     {@code s-maxage}, {@code proxy-revalidate} and the restrictions for Authorization do not apply (RFC 9111 §1.2.2)
 * @param targets the targeted fields that this cache obeys, in order of precedence (RFC 9213 §2.2)
 */
public record Policy(
        String name,
        Duration defaultTtl,
        boolean override,
        Storage storage,
        boolean fetchesWhole,
        boolean shared,
        List<String> targets) {
    public static final Duration DEFAULT_TTL = Duration.ofMinutes(5);

    /** The targeted field that every cache in front of an origin obeys (RFC 9213 §3). */
    private static final List<String> CDN = List.of("CDN-Cache-Control");

    /** Media types of responses that go on for as long as the client listens. */
    private static final List<String> STREAMS = List.of(
            "text/event-stream",
            "application/x-ndjson",
            "application/ndjson",
            "application/stream+json",
            "multipart/x-mixed-replace");

    /**
     * Which responses are stored, of those that the RFC allows to store.
     *
     * @param personal whether responses with Set-Cookie, and responses without explicit freshness to requests with
     *     Cookie or Authorization, are stored as the RFC allows
     * @param unstated whether a response without explicit freshness is stored, by a default, a heuristic or a validator
     * @param toCookies whether Cookie in the request has no effect on storing; false: the response needs the same
     *     permission as one to a request with Authorization (RFC 9111 §3.5)
     */
    public record Storage(boolean personal, boolean unstated, boolean toCookies) {
        /** Everything that the RFC allows. */
        static final Storage RFC = new Storage(true, true, true);

        static final Storage IMPERSONAL = new Storage(false, true, true);
        static final Storage STATED = new Storage(false, false, false);

        private Storage stated() {
            return new Storage(personal, false, toCookies);
        }
    }

    /**
     * RFC 9111 as a shared cache, and two deviations: a 200 to a GET without explicit freshness is kept for {@code
     * defaultTtl}, unless the request has a Cookie or Authorization or the response is a stream, such as of events, of which
     * nothing without explicit freshness is stored; and a response with Set-Cookie is not stored.
     */
    public static Policy standard(Duration defaultTtl) {
        return new Policy("standard", defaultTtl, false, Storage.IMPERSONAL, false, true, CDN);
    }

    /** RFC 9111 as a shared cache, without deviations. */
    public static Policy rfc9111() {
        return new Policy("rfc9111", Duration.ZERO, false, Storage.RFC, false, true, CDN);
    }

    /**
     * RFC 9111 for a cache inside an application: a response without explicit freshness is not stored, unless
     * {@code no-cache} requires validation of each use; a response with Set-Cookie is not stored; and a response to a
     * request with Cookie or Authorization is stored only with {@code public} or {@code s-maxage}.
     */
    public static Policy application() {
        return new Policy("application", Duration.ZERO, false, Storage.STATED, false, true, CDN);
    }

    /**
     * Stores every 200 to a GET for {@code ttl}, unless the request has Authorization or Cookie or the response sets a
     * cookie.
     */
    public static Policy override(Duration ttl) {
        return new Policy("override", ttl, true, Storage.IMPERSONAL, false, true, List.of());
    }

    /**
     * RFC 9111 as a private cache, such as a client's own: {@code private} responses and responses to requests with
     * Authorization are stored. Stored responses must not be given to other users.
     */
    public static Policy privateCache() {
        return new Policy("private", Duration.ZERO, false, Storage.RFC, false, false, List.of());
    }

    /**
     * A copy that obeys another targeted field before the others: this cache's own, such as {@code Acme-Cache-Control}.
     */
    public Policy obeying(String field) {
        List<String> more = Stream.concat(Stream.of(field), targets.stream()).toList();
        return new Policy(name, defaultTtl, override, storage, fetchesWhole, shared, more);
    }

    /** A copy with {@code fetchesWhole}: a miss is forwarded without the client's conditions. */
    public Policy fetchingWhole() {
        return new Policy(name, defaultTtl, override, storage, true, shared, targets);
    }

    /** A copy with another lifetime for a 200 to a GET without explicit freshness. */
    public Policy withDefaultTtl(Duration ttl) {
        return new Policy(name, ttl, override, storage, fetchesWhole, shared, targets);
    }

    /**
     * The policy for one request and its response: the default lifetime applies only to GET, and not to personal
     * responses.
     */
    Policy of(RequestHead request, ResponseHead response) {
        if (override) {
            return this;
        }
        boolean guesses =
                storage.unstated() && (storage.personal() || (!hasCredentials(request) && !isStream(response)));
        boolean get = request.isGet() || request.isHead();
        return guesses && get
                ? this
                : new Policy(
                        name,
                        Duration.ZERO,
                        false,
                        guesses ? storage : storage.stated(),
                        fetchesWhole,
                        shared,
                        targets);
    }

    /** Whether the request has credentials that identify its user. */
    static boolean hasCredentials(RequestHead request) {
        return request.headers().contains("Authorization") || request.headers().contains("Cookie");
    }

    static boolean isStream(ResponseHead response) {
        String type = response.headers().first("Content-Type");
        String lowerCase = type == null ? "" : type.strip().toLowerCase(Locale.ROOT);
        for (String stream : STREAMS) {
            if (lowerCase.startsWith(stream)) {
                return true;
            }
        }
        return false;
    }

    /** The directives that apply to this cache, and whether Expires applies (RFC 9213 §2.2). */
    Control control(ResponseHead response) {
        CacheControl targeted = targets.isEmpty() ? null : TargetedControl.of(response.headers(), targets);
        return targeted == null ? new Control(response.cacheControl(), true) : new Control(targeted, false);
    }

    /** The directives of a response that apply to this cache. */
    record Control(CacheControl directives, boolean expiresCounts) {}
}
