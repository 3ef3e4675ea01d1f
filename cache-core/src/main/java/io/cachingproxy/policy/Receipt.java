package io.cachingproxy.policy;

import io.cachingproxy.http.CacheControl;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.http.syntax.FieldValues;
import io.cachingproxy.http.syntax.HttpDate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Facts about a response besides its head: when it arrived, its age, and the kind of request. Stored with the response,
 * so that its freshness can be recomputed under other rules.
 *
 * @param at when the response arrived, by the cache's clock
 * @param age its age at that moment (RFC 9111 §4.2.3)
 * @param staleAt the age from which it is stale regardless of its lifetime, because of a soft purge or an invalidation;
 *     {@link #NEVER} if there was none
 * @param get whether it answered a GET, not a POST or QUERY
 * @param authorization whether the request had an Authorization field
 * @param cookie whether the request had a Cookie field
 */
public record Receipt(Instant at, Duration age, Duration staleAt, boolean get, boolean authorization, boolean cookie) {
    /** Greater than any age. */
    public static final Duration NEVER = Duration.ofSeconds(1L << 36);

    private static final Target ANY = new Target("http", "any", "/");

    /** Creates the receipt of a response to a GET without credentials. */
    public Receipt(Instant at, Duration age) {
        this(at, age, NEVER, true, false, false);
    }

    /**
     * Creates the receipt of a response that arrives now.
     *
     * @param response its headers, including Age
     * @param requestedAt when the request was sent, not when it was queued: the time between is not age
     */
    public static Receipt of(RequestHead request, Headers response, Instant requestedAt, Instant now) {
        return new Receipt(
                now,
                initialAge(response, date(response, now), requestedAt, now),
                NEVER,
                request.isGet() || request.isHead(),
                request.headers().contains("Authorization"),
                request.headers().contains("Cookie"));
    }

    /** The Date of a response; the time of receipt if it is missing or invalid (RFC 9110 §6.6.1). */
    static Instant date(Headers headers, Instant now) {
        String value = headers.first("Date");
        Instant date = value == null ? null : HttpDate.parse(value, now);
        return date == null ? now : date;
    }

    /** The initial age (RFC 9111 §4.2.3): the larger of the ages by Date and Age, plus the response delay. */
    private static Duration initialAge(Headers headers, Instant date, Instant requestedAt, Instant now) {
        Duration apparentAge = positive(Duration.between(date, now));
        Duration responseDelay = positive(Duration.between(requestedAt, now));
        Duration correctedAge = ageValue(headers).plus(responseDelay);
        return apparentAge.compareTo(correctedAge) > 0 ? apparentAge : correctedAge;
    }

    static Duration positive(Duration duration) {
        return duration.isNegative() ? Duration.ZERO : duration;
    }

    /** The first value of Age; ignored if it is not a number (RFC 9111 §5.1). */
    private static Duration ageValue(Headers headers) {
        List<String> values = headers.list("Age");
        Long seconds = values.isEmpty() ? null : FieldValues.number(values.get(0), CacheControl.MAX_DELTA.toSeconds());
        return seconds == null ? Duration.ZERO : Duration.ofSeconds(seconds);
    }

    /** A copy that is stale from this age on. */
    Receipt staleAt(Duration limit) {
        return limit.compareTo(staleAt) < 0 ? new Receipt(at, age, limit, get, authorization, cookie) : this;
    }

    /** A request of the kind that the response answered. */
    RequestHead request(boolean range) {
        Headers.Builder headers = Headers.builder(3);
        if (authorization) {
            headers.add("Authorization", "");
        }
        if (cookie) {
            headers.add("Cookie", "");
        }
        if (range) {
            headers.add("Range", "bytes=0-");
        }
        RequestHead request = new RequestHead(get ? "GET" : "QUERY", ANY, headers.build());
        return get ? request : request.withContentDigest("");
    }
}
