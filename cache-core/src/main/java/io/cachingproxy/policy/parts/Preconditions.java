package io.cachingproxy.policy.parts;

import io.cachingproxy.http.EntityTag;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.fields.ByteRange;
import io.cachingproxy.http.syntax.HttpDate;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Evaluates the client's own conditions and ranges for the selected response (RFC 9110 §13.2.2, §14.2). */
public final class Preconditions {
    /** Maximum number of ranges; more indicate an attack or a mistake, and the complete response is sent. */
    public static final int MAX_RANGES = 16;

    private Preconditions() {}

    /**
     * Evaluates how much of {@code response} is sent to the client.
     *
     * @param length the length of its body in bytes, or null if that is not known yet: ranges are then ignored
     */
    public static Reply evaluate(RequestHead request, ResponseHead response, @Nullable Long length, Instant now) {
        if (response.status() < 200 || response.status() > 299) { // RFC 9110 §13.2.1
            return new Reply.Full();
        }
        if (isUnmodified(request.headers(), response.headers(), now)) {
            return new Reply.NotModified();
        }
        String range = request.headers().combined("Range");
        if (range == null || length == null || !request.isGet() || !hasRanges(response.status())) {
            return new Reply.Full();
        }
        return rangesStand(request.headers(), response.headers(), now) ? ranges(range, length) : new Reply.Full();
    }

    /** Whether ranges apply to a response with this status: it is complete, or a stored part. */
    private static boolean hasRanges(int status) {
        return status == 200 || status == 206;
    }

    /** If-None-Match, and only without it If-Modified-Since (RFC 9110 §13.1.2, §13.1.3). */
    private static boolean isUnmodified(Headers request, Headers response, Instant now) {
        if (request.contains("If-None-Match")) {
            return noneMatchFails(request, response);
        }
        String since = request.first("If-Modified-Since");
        if (since == null) {
            return false;
        }
        Instant modified = modified(response, now);
        Instant known = HttpDate.parse(since, now);
        return modified != null && known != null && !modified.isAfter(known);
    }

    private static boolean noneMatchFails(Headers request, Headers response) {
        if (request.list("If-None-Match").contains("*")) {
            return true;
        }
        EntityTag tag = EntityTag.of(response);
        return tag != null && EntityTag.list(request, "If-None-Match").stream().anyMatch(tag::matchesWeakly);
    }

    /** Last-Modified, else Date (RFC 9111 §4.3.2). */
    private static @Nullable Instant modified(Headers response, Instant now) {
        String lastModified = response.first("Last-Modified");
        String value = lastModified == null ? response.first("Date") : lastModified;
        return value == null ? null : HttpDate.parse(value, now);
    }

    /** Whether If-Range permits Range: the strong validator is exactly the same (RFC 9110 §13.1.5). */
    private static boolean rangesStand(Headers request, Headers response, Instant now) {
        String condition = request.first("If-Range");
        if (condition == null) {
            return true;
        }
        if (condition.startsWith("\"") || condition.startsWith("W/")) {
            EntityTag tag = EntityTag.of(response);
            return tag != null && tag.matchesStrongly(EntityTag.parse(condition));
        }
        return condition.equals(response.first("Last-Modified")) && isStrong(condition, response, now);
    }

    /**
     * Whether Last-Modified is a strong validator: no change was possible later in the same second (RFC 9110 §8.8.2.2).
     */
    private static boolean isStrong(String lastModified, Headers response, Instant now) {
        String date = response.first("Date");
        Instant sent = date == null ? null : HttpDate.parse(date, now);
        Instant modified = HttpDate.parse(lastModified, now);
        return sent != null && modified != null && modified.isBefore(sent);
    }

    private static Reply ranges(String field, long length) {
        List<ByteRange> ranges = ByteRange.parse(field, length);
        if (ranges == null || ranges.size() > MAX_RANGES) {
            return new Reply.Full();
        }
        return ranges.isEmpty() ? new Reply.OutOfRange() : new Reply.Partial(ranges);
    }
}
