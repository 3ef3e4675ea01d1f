package io.cachingproxy.policy;

import io.cachingproxy.http.CacheControl;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What an operator may choose: how far the cache goes beyond RFC 9111, and how far it stays behind it.
 *
 * @param name as {@code --policy} takes it
 * @param defaultTtl how long a 200 to a GET without explicit freshness is kept; zero: as the RFC says
 * @param override whether {@code defaultTtl} holds for every 200 to a GET, whatever the origin says
 * @param storage which of the responses that the RFC allows to store are stored
 * @param fetchesWhole whether a GET on a miss is forwarded without the client's own conditions, so that the response can
 *     be stored; the client still gets its 304
 * @param shared whether clients share what is stored; false: a cache of one user, to which {@code private}, {@code
 *     s-maxage}, {@code proxy-revalidate} and the restrictions for Authorization do not apply (RFC 9111 §1.2.2)
 * @param targets the targeted fields that this cache obeys, first one first (RFC 9213 §2.2)
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

    /** What every cache in front of an origin obeys (RFC 9213 §3). */
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
     * @param personal whether a response that sets a cookie, or that says nothing about its freshness and answers a request
     *     with Cookie or Authorization, is stored as the RFC allows it
     * @param unstated whether a response without explicit freshness is stored, by a default, a heuristic or a validator
     * @param toCookies whether a response to a request with Cookie is stored like any other; false: only with what one to
     *     Authorization needs (RFC 9111 §3.5)
     */
    public record Storage(boolean personal, boolean unstated, boolean toCookies) {
        /** All that the RFC allows. */
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

    /** RFC 9111 as a shared cache, exactly. */
    public static Policy rfc9111() {
        return new Policy("rfc9111", Duration.ZERO, false, Storage.RFC, false, true, CDN);
    }

    /**
     * RFC 9111 for a cache inside an application: a response without explicit freshness is not stored, unless {@code
     * no-cache} has each use validated; a response with Set-Cookie is not stored; and one to a request with Cookie or
     * Authorization only with {@code public} or {@code s-maxage}.
     */
    public static Policy application() {
        return new Policy("application", Duration.ZERO, false, Storage.STATED, false, true, CDN);
    }

    /**
     * Keeps every 200 to a GET for {@code ttl}, except where the request carries Authorization or Cookie or the response
     * sets a cookie.
     */
    public static Policy override(Duration ttl) {
        return new Policy("override", ttl, true, Storage.IMPERSONAL, false, true, List.of());
    }

    /**
     * RFC 9111 as the cache of one user, such as a client's own: {@code private} responses are stored, and those to
     * requests with Authorization. What it has stored must not be given to other users.
     */
    public static Policy privateCache() {
        return new Policy("private", Duration.ZERO, false, Storage.RFC, false, false, List.of());
    }

    /** The same, obeying one more targeted field before the others: this cache's own, such as {@code Acme-Cache-Control}. */
    public Policy obeying(String field) {
        List<String> more = Stream.concat(Stream.of(field), targets.stream()).toList();
        return new Policy(name, defaultTtl, override, storage, fetchesWhole, shared, more);
    }

    /** The same, fetching the whole where only the client's own condition asks for less. */
    public Policy fetchingWhole() {
        return new Policy(name, defaultTtl, override, storage, true, shared, targets);
    }

    /** The same with another lifetime for a 200 to a GET without explicit freshness. */
    public Policy withDefaultTtl(Duration ttl) {
        return new Policy(name, ttl, override, storage, fetchesWhole, shared, targets);
    }

    /** The same for one request and its response: the default is for GET only, and for nothing that may be personal. */
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

    /** Whether the request says who asks. */
    static boolean hasCredentials(RequestHead request) {
        return request.headers().contains("Authorization") || request.headers().contains("Cookie");
    }

    static boolean isStream(ResponseHead response) {
        String type = response.headers().first("Content-Type");
        return type != null && STREAMS.stream().anyMatch(type.strip().toLowerCase(Locale.ROOT)::startsWith);
    }

    /** The directives that count for this cache, and whether they leave Expires a say (RFC 9213 §2.2). */
    Control control(ResponseHead response) {
        CacheControl targeted = targets.isEmpty() ? null : TargetedControl.of(response.headers(), targets);
        return targeted == null ? new Control(response.cacheControl(), true) : new Control(targeted, false);
    }

    /** The directives of a response, as one cache sees them. */
    record Control(CacheControl directives, boolean expiresCounts) {}
}
