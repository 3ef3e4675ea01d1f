package io.cachingproxy.policy.parts;

import io.cachingproxy.http.fields.ByteRange;
import java.util.List;

/** How much of a chosen response the client gets, by its own conditions and ranges (RFC 9110 §13, §14). */
public sealed interface Reply {
    /** All of it. */
    record Full() implements Reply {}

    /** 304: the client has it already. */
    record NotModified() implements Reply {}

    /**
     * 206, as one part or as {@code multipart/byteranges}.
     *
     * @param ranges at least one, at most {@value Preconditions#MAX_RANGES}
     */
    record Partial(List<ByteRange> ranges) implements Reply {}

    /** 416: no byte of what was asked for is there. */
    record OutOfRange() implements Reply {}
}
