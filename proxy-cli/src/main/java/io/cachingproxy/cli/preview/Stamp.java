package io.cachingproxy.cli.preview;

import io.cachingproxy.http.EntityTag;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@link Shadow} stores of a response besides its head: the digest of its body, and the fields of the request. It is a
 * header field of the stored response, which a {@code compress} rule does not encode.
 *
 * @param time when the response was received
 * @param digest of the body, {@link BodyDigest#text}
 * @param length of the body in bytes
 * @param tag the opaque part of the ETag; empty without one
 * @param modified Last-Modified; empty without one
 * @param location Location; empty without one
 * @param request the fields of the request, {@link RequestFields}
 */
record Stamp(
        Instant time,
        int status,
        String digest,
        long length,
        String tag,
        String modified,
        String location,
        Map<String, Long> request) {
    /** The name of the field. */
    private static final String NAME = "x-caching-proxy-shadow";

    static Stamp of(Instant time, ResponseHead head, String digest, long length, Map<String, Long> request) {
        return new Stamp(
                time,
                head.status(),
                digest,
                length,
                tag(head),
                first(head, "Last-Modified"),
                first(head, "Location"),
                request);
    }

    private static String tag(ResponseHead head) {
        EntityTag tag = EntityTag.of(head.headers());
        return tag == null ? "" : tag.opaque();
    }

    private static String first(ResponseHead head, String name) {
        String value = head.headers().first(name);
        return value == null ? "" : value.strip();
    }

    /** The stamp of a stored response, or of an answer from it; null without one. */
    static @Nullable Stamp in(Headers headers) {
        String text = headers.first(NAME);
        return text == null ? null : parse(text);
    }

    Headers addedTo(Headers headers) {
        return headers.with(NAME, text());
    }

    /** Headers of a response without a stamp, even if the origin sends one. */
    static Headers removedFrom(Headers headers) {
        return headers.without(NAME);
    }

    /** Whether the representation of {@code head} is the same by its validators (RFC 9110 §8.8). */
    boolean isConfirmedBy(ResponseHead head) {
        String other = tag(head);
        if (!tag.isEmpty() || !other.isEmpty()) {
            return tag.equals(other);
        }
        return !modified.isEmpty() && modified.equals(first(head, "Last-Modified"));
    }

    /** Whether both responses are the same for a client: status, body and the target of a redirect. */
    boolean isSameAs(Stamp other) {
        return status == other.status
                && length == other.length
                && digest.equals(other.digest)
                && location.equals(other.location);
    }

    /** One item a line: none contains a line end, because fields of messages contain none. */
    private String text() {
        StringBuilder text = new StringBuilder(160)
                .append(time.toEpochMilli())
                .append('\n')
                .append(status)
                .append('\n')
                .append(digest)
                .append('\n')
                .append(length)
                .append('\n')
                .append(tag)
                .append('\n')
                .append(modified)
                .append('\n')
                .append(location);
        request.forEach((name, hash) ->
                text.append('\n').append(Long.toHexString(hash)).append(' ').append(name));
        return text.toString();
    }

    private static Stamp parse(String text) {
        String[] lines = text.split("\n", -1);
        Map<String, Long> request = new LinkedHashMap<>();
        for (int i = 7; i < lines.length; i++) {
            int space = lines[i].indexOf(' ');
            request.put(lines[i].substring(space + 1), Long.parseUnsignedLong(lines[i].substring(0, space), 16));
        }
        return new Stamp(
                Instant.ofEpochMilli(Long.parseLong(lines[0])),
                Integer.parseInt(lines[1]),
                lines[2],
                Long.parseLong(lines[3]),
                lines[4],
                lines[5],
                lines[6],
                request);
    }
}
