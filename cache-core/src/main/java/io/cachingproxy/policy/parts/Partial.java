package io.cachingproxy.policy.parts;

import io.cachingproxy.http.EntityTag;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.fields.ContentRange;
import io.cachingproxy.policy.StoredResponse;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Stored partial responses: a 206 and its bytes (RFC 9111 §3.4, §3.3). */
public final class Partial {
    private static final Set<String> OF_THE_PART = Set.of("content-range", "content-length");

    private Partial() {}

    /** The range of {@code stored}; null if it is complete. */
    public static @Nullable ContentRange of(StoredResponse stored) {
        return stored.head().status() == 206 ? ContentRange.of(stored.head().headers()) : null;
    }

    /** Whether the fields of a partial response that describe its range are consistent; it is not stored otherwise. */
    public static boolean isConsistent(ResponseHead response) {
        ContentRange range = ContentRange.of(response.headers());
        String length = response.headers().first("Content-Length");
        return range != null && (length == null || length.strip().equals(Long.toString(range.count())));
    }

    /** Whether this part contains everything that {@code request} asks for. */
    public static boolean answers(RequestHead request, StoredResponse stored, ContentRange part, Instant now) {
        Reply reply = Preconditions.evaluate(request, stored.head(), part.total(), now);
        return reply instanceof Reply.NotModified
                || (reply instanceof Reply.Partial ranges
                        && ranges.ranges().size() == 1
                        && part.contains(ranges.ranges().get(0)));
    }

    /** Whether the rest can be fetched and appended to this part: it is the beginning, with a strong validator. */
    public static boolean isCompletable(RequestHead request, StoredResponse stored, ContentRange part) {
        EntityTag tag = stored.entityTag();
        return part.from() == 0 && tag != null && !tag.weak() && !Validation.isConditional(request);
    }

    /** The request for the missing part (RFC 9111 §3.4). */
    public static RequestHead forTheRest(RequestHead request, StoredResponse stored) {
        return request.withHeaders(request.headers()
                .with("Range", "bytes=" + stored.body().length() + "-")
                .with("If-Range", String.valueOf(stored.entityTag())));
    }

    /**
     * The missing bytes of a stored body whose reading failed; null if no strong validator identifies the
     * representation, or if the answer has several ranges.
     *
     * @param answered the head of the answer whose content is being read
     * @param given how many bytes of that content were read
     */
    public static @Nullable ContentRange missing(StoredResponse stored, ResponseHead answered, long given) {
        EntityTag tag = stored.entityTag();
        long length = stored.body().length();
        ContentRange wanted = answered.status() == 206
                ? ContentRange.of(answered.headers())
                : stored.head().status() == 206 ? null : new ContentRange(0, length - 1, length);
        return wanted == null || tag == null || tag.weak() || given >= wanted.count()
                ? null
                : new ContentRange(wanted.from() + given, wanted.to(), wanted.total());
    }

    /** The request for some bytes of a stored response, and for nothing else if it has changed (RFC 9110 §13.1.5). */
    public static RequestHead forBytes(RequestHead request, StoredResponse stored, ContentRange range) {
        return request.withHeaders(Validation.unconditional(request)
                .with("Range", "bytes=" + range.from() + "-" + range.to())
                .with("If-Range", String.valueOf(stored.entityTag())));
    }

    /** Whether {@code response} contains exactly these bytes of the stored response. */
    public static boolean has(ResponseHead response, StoredResponse stored, ContentRange range) {
        EntityTag ours = stored.entityTag();
        EntityTag theirs = EntityTag.of(response.headers());
        return response.status() == 206
                && range.equals(ContentRange.of(response.headers()))
                && isConsistent(response)
                && ours != null
                && theirs != null
                && ours.matchesStrongly(theirs);
    }

    /**
     * The head of the complete response, if {@code rest} is exactly the missing part, else null (RFC 9110 §15.3.7.3).
     */
    public static @Nullable ResponseHead whole(StoredResponse stored, ResponseHead rest) {
        ContentRange part = of(stored);
        ContentRange missing = ContentRange.of(rest.headers());
        EntityTag ours = stored.entityTag();
        EntityTag theirs = EntityTag.of(rest.headers());
        if (part == null || missing == null || ours == null || theirs == null) {
            return null;
        }
        boolean fits = isConsistent(rest)
                && missing.from() == part.to() + 1
                && missing.to() == missing.total() - 1
                && missing.total() == part.total()
                && ours.matchesStrongly(theirs);
        if (!fits) {
            return null;
        }
        Headers headers = rest.headers().without(OF_THE_PART).plus("Content-Length", Long.toString(part.total()));
        return new ResponseHead(200, headers);
    }
}
