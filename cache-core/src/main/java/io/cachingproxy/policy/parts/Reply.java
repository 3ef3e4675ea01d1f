package io.cachingproxy.policy.parts;

import io.cachingproxy.http.fields.ByteRange;
import java.util.List;

/** How much of a selected response is sent to the client, by its conditions and ranges (RFC 9110 §13, §14). */
public sealed interface Reply {
    /** The complete response. */
    record Full() implements Reply {}

    /** 304: the client's copy is current. */
    record NotModified() implements Reply {}

    /**
     * 206, as one part or as {@code multipart/byteranges}.
     *
     * @param ranges at least one, at most {@value Preconditions#MAX_RANGES}
     */
    record Partial(List<ByteRange> ranges) implements Reply {}

    /** 416: none of the requested bytes exist. */
    record OutOfRange() implements Reply {}
}
