package io.cachingproxy.policy.parts;

import io.cachingproxy.http.EntityTag;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.fields.Vary;
import io.cachingproxy.policy.Reuse;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.policy.Terms;
import java.util.List;
import java.util.Set;

/** Validation of stored responses at the origin (RFC 9111 §4.3). */
public final class Validation {
    /** The client's condition and range fields, which the cache evaluates itself. */
    private static final Set<String> OF_THE_CLIENT =
            Set.of("if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range", "range");

    /** Fields that describe the bytes of an encoded response, which no 304 changes. */
    private static final Set<String> OF_THE_BYTES = Set.of("accept-ranges", "digest", "repr-digest");

    private Validation() {}

    /**
     * The request that validates {@code stored}: validators of the stored response replace the client's own conditions
     * and ranges (RFC 9111 §4.3.1).
     */
    public static RequestHead conditional(RequestHead request, StoredResponse stored) {
        Headers headers = unconditional(request);
        EntityTag tag = stored.entityTag();
        if (tag != null) {
            headers = headers.with("If-None-Match", tag.toString());
        }
        String lastModified = stored.lastModified();
        if (lastModified != null) {
            headers = headers.with("If-Modified-Since", lastModified);
        }
        return request.withHeaders(headers);
    }

    /** The headers of a request without the client's own conditions and ranges. */
    static Headers unconditional(RequestHead request) {
        return request.headers().without(OF_THE_CLIENT);
    }

    /**
     * The request that is forwarded for a miss: without the client's conditions, if the policy fetches complete
     * responses, so that the response can be stored and the cache evaluates the conditions. Ranges, and requests whose
     * responses are not stored, are forwarded unchanged.
     */
    public static RequestHead whole(Terms terms, RequestHead request) {
        boolean isWanted = terms.policy().fetchesWhole()
                && request.isGet()
                && isConditional(request)
                && !request.headers().contains("Range")
                && Reuse.bypass(terms, request) == null
                && !terms.seen(request).cacheControl().noStore();
        return isWanted ? request.withHeaders(unconditional(request)) : request;
    }

    /** Whether the client asks for less than the complete response, by a condition or a range. */
    public static boolean isConditional(RequestHead request) {
        for (String field : OF_THE_CLIENT) {
            if (request.headers().contains(field)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether a 304 is about {@code stored}: it has no entity tag, or the same one (RFC 9111 §4.3.4). If the request
     * had no validator, the 304 answers the client's own condition.
     */
    public static boolean confirms(ResponseHead notModified, StoredResponse stored) {
        if (!stored.hasValidator()) {
            return false;
        }
        EntityTag theirs = EntityTag.of(notModified.headers());
        EntityTag ours = stored.entityTag();
        return theirs == null || ours == null || ours.matchesWeakly(theirs);
    }

    /**
     * The fields of a 304 that update {@code stored} (RFC 9111 §3.2). If an intermediary has encoded the stored response,
     * which may have been this cache, the origin describes the response before that: a strong tag or a digest of its bytes
     * does not hold for the encoded ones. Accept-Encoding stays in Vary.
     */
    public static Headers updates(Headers notModified, StoredResponse stored) {
        Headers updates = notModified;
        Headers before = stored.head().headers();
        if (before.contains("Content-Encoding")) {
            updates = updates.without(OF_THE_BYTES);
            EntityTag ours = stored.entityTag();
            EntityTag theirs = EntityTag.of(updates);
            if (ours != null && ours.weak() && theirs != null && ours.matchesWeakly(theirs)) {
                updates = updates.without("ETag");
            }
        }
        return updates.contains("Vary") && Vary.byEncoding(before) ? Vary.withEncoding(updates) : updates;
    }

    /**
     * Whether {@code later} forbids the encoding of {@code stored} (RFC 9111 §5.2.2.6): it has {@code no-transform}, and
     * the stored response, received without it, has a Content-Encoding, which may be that of an intermediary. This cache
     * is one if a rule compresses.
     */
    public static boolean forbidsCoding(ResponseHead later, StoredResponse stored) {
        return later.cacheControl().has("no-transform")
                && !stored.head().cacheControl().has("no-transform")
                && stored.head().headers().contains("Content-Encoding");
    }

    /**
     * Whether a response to HEAD is about the stored representation: its validators and length, if present, are the
     * same (RFC 9111 §4.3.5).
     */
    public static boolean sameRepresentation(ResponseHead head, StoredResponse stored) {
        if (forbidsCoding(head, stored)) {
            return false;
        }
        for (String field : List.of("ETag", "Last-Modified")) {
            String theirs = head.headers().first(field);
            if (theirs != null && !theirs.equals(stored.head().headers().first(field))) {
                return false;
            }
        }
        String length = head.headers().first("Content-Length");
        return length == null || length.equals(Long.toString(stored.body().length()));
    }
}
