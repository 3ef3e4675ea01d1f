package io.cachingproxy.policy;

import io.cachingproxy.http.ContentRange;
import io.cachingproxy.http.EntityTag;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Stored responses that are a part of a representation: a 206 and its bytes (RFC 9111 §3.4, §3.3). */
public final class Partial {
    private static final Set<String> OF_THE_PART = Set.of("content-range", "content-length");

    private Partial() {}

    /** Which part {@code stored} is; null if it is a whole. */
    public static @Nullable ContentRange of(StoredResponse stored) {
        return stored.head().status() == 206 ? ContentRange.of(stored.head().headers()) : null;
    }

    /** Whether the response says without contradiction which part it is; what contradicts itself is not stored. */
    static boolean isConsistent(ResponseHead response) {
        ContentRange range = ContentRange.of(response.headers());
        String length = response.headers().first("Content-Length");
        return range != null && (length == null || length.strip().equals(Long.toString(range.count())));
    }

    /** Whether what {@code request} asks for is all in this part. */
    static boolean answers(RequestHead request, StoredResponse stored, ContentRange part, Instant now) {
        Reply reply = Preconditions.evaluate(request, stored.head(), part.total(), now);
        return reply instanceof Reply.NotModified
                || reply instanceof Reply.Partial ranges
                        && ranges.ranges().size() == 1
                        && part.contains(ranges.ranges().get(0));
    }

    /** Whether the rest can be fetched and put behind this part: it is the beginning, under a strong validator. */
    static boolean isCompletable(RequestHead request, StoredResponse stored, ContentRange part) {
        EntityTag tag = stored.entityTag();
        return part.from() == 0 && tag != null && !tag.weak() && !Validation.isConditional(request);
    }

    /** The request for what is missing (RFC 9111 §3.4). */
    public static RequestHead forTheRest(RequestHead request, StoredResponse stored) {
        return request.withHeaders(request.headers()
                .with("Range", "bytes=" + stored.body().length() + "-")
                .with("If-Range", String.valueOf(stored.entityTag())));
    }

    /** The head of the whole, if {@code rest} is exactly what was missing, else null (RFC 9110 §15.3.7.3). */
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
