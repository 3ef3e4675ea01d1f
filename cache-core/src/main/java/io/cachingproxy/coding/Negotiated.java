package io.cachingproxy.coding;

import io.cachingproxy.http.EntityTag;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.fields.Vary;
import io.cachingproxy.store.BodyMemory;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The coding chosen for a request.
 *
 * @param coding null: the response is not encoded by the cache
 * @param request the request with this choice as its Accept-Encoding
 */
public record Negotiated(@Nullable ContentCoding coding, RequestHead request) {
    /** Responses with a shorter Content-Length, in bytes, are not encoded. */
    public static final int SHORTEST = 256;

    /** Fields of the response that describe the bytes before encoding. */
    private static final Set<String> OF_THE_BYTES =
            Set.of("accept-ranges", "content-digest", "content-length", "content-md5", "digest", "repr-digest");

    /** Fields of a trailer section that describe the bytes before encoding. */
    private static final Set<String> DIGESTS = Set.of("content-digest", "content-md5", "digest", "etag", "repr-digest");

    /** Media types of text, in addition to {@code text/*}, {@code *+json} and {@code *+xml}. */
    private static final Set<String> TEXTS = Set.of(
            "application/ecmascript",
            "application/graphql",
            "application/javascript",
            "application/json",
            "application/toml",
            "application/vnd.ms-fontobject",
            "application/wasm",
            "application/x-javascript",
            "application/x-ndjson",
            "application/xml",
            "application/yaml",
            "font/otf",
            "font/ttf",
            "image/bmp",
            "image/x-icon");

    /**
     * The head of a response as the cache stores and relays it: with the fields of the coding, if the response
     * {@linkplain #encodes is encoded}; else with {@code Vary: Accept-Encoding}, if it would be for other requests.
     */
    public ResponseHead head(ResponseHead response) {
        if (response.status() == 304) {
            return notModified(response);
        }
        if (!isCompressible(response)) {
            return response.headers().contains("Content-Encoding")
                    ? response.withHeaders(Vary.withEncoding(response.headers())) // of the origin, by Accept-Encoding
                    : response;
        }
        Headers headers = Vary.withEncoding(response.headers());
        if (encodes(response)) {
            headers = weak(headers.without(OF_THE_BYTES))
                    .plus("Content-Encoding", encoding().token());
        }
        return new ResponseHead(response.status(), headers, response.cacheControl());
    }

    /**
     * The head of an answer with the field changes of rules. They have the same effect as if the origin had sent the
     * changed fields: Accept-Encoding stays in Vary, and if the response has this coding, its Content-Encoding does not
     * change and a changed entity tag is weak.
     *
     * @param response the response that is answered, as stored or received, with the fields of the coding
     * @param answer the answer before the changes
     * @param changed the answer after them
     */
    public ResponseHead afterRules(ResponseHead response, ResponseHead answer, ResponseHead changed) {
        Headers headers = changed.headers();
        if (headers == answer.headers()) {
            return changed;
        }
        if (Vary.byEncoding(response.headers())) {
            headers = Vary.withEncoding(headers);
        }
        if (coding != null && coding.token().equalsIgnoreCase(response.headers().first("Content-Encoding"))) {
            if (!sameLines("ETag", headers, answer.headers())) {
                headers = weak(headers);
            }
            if (!sameLines("Content-Encoding", headers, answer.headers())) {
                headers = headers.without("Content-Encoding");
                for (String line : answer.headers().all("Content-Encoding")) { // none in a 304
                    headers = headers.plus("Content-Encoding", line);
                }
            }
        }
        return headers == changed.headers() ? changed : changed.withHeaders(headers);
    }

    private static boolean sameLines(String field, Headers one, Headers other) {
        return one.all(field).equals(other.all(field));
    }

    /** Whether the cache encodes the body of this response, as received from the origin. */
    public boolean encodes(ResponseHead response) {
        return coding != null && response.status() != 206 && isCompressible(response);
    }

    /**
     * The encoder of the body of a response that {@linkplain #encodes is encoded}; null if its memory would exceed the
     * budget.
     *
     * @param memory the budget; the encoder returns what it takes when it is finished or closed
     */
    public @Nullable EncodedBody tryBody(ResponseHead response, BodyMemory memory) {
        ContentCoding chosen = encoding();
        long bytes = chosen.memory();
        return memory.tryTake(bytes)
                ? new EncodedBody(chosen, response.headers().contentLength(), () -> memory.give(bytes))
                : null;
    }

    /** The same request, for a response that is not encoded. */
    public Negotiated withoutCoding() {
        return new Negotiated(null, request);
    }

    private ContentCoding encoding() {
        if (coding == null) {
            throw new IllegalStateException("no coding was chosen");
        }
        return coding;
    }

    /** The trailer section of an encoded body. */
    public static Headers trailers(Headers trailers) {
        return trailers.without(DIGESTS);
    }

    /**
     * Whether responses like this one are encoded, or ranges of one: text, complete, and neither encoded already nor
     * excluded by {@code no-transform} (RFC 9111 §5.2.2.6).
     */
    private static boolean isCompressible(ResponseHead response) {
        int status = response.status();
        boolean hasContent = status == 200 || status == 203 || status == 206 || status >= 400;
        if (!hasContent || response.headers().contains("Content-Encoding")) {
            return false;
        }
        if (response.headers().contains("Content-Range") && status != 206) {
            return false;
        }
        if (response.cacheControl().has("no-transform")
                || !isText(response.headers().first("Content-Type"))) {
            return false;
        }
        Long length = response.headers().contentLength();
        return status == 206 || length == null || length >= SHORTEST;
    }

    private static boolean isText(@Nullable String contentType) {
        if (contentType == null) {
            return false;
        }
        int parameters = contentType.indexOf(';');
        String type = (parameters < 0 ? contentType : contentType.substring(0, parameters))
                .strip()
                .toLowerCase(Locale.ROOT);
        if (type.equals("text/event-stream")) { // a stream of small events without end
            return false;
        }
        return type.startsWith("text/") || type.endsWith("+json") || type.endsWith("+xml") || TEXTS.contains(type);
    }

    /** The bytes of an encoded body may differ each time it is encoded: only a weak tag identifies it. */
    private static Headers weak(Headers headers) {
        EntityTag tag = EntityTag.of(headers);
        if (tag != null && !tag.isQuoted()) {
            return headers.without("ETag");
        }
        return tag == null || tag.weak() ? headers : headers.with("ETag", new EntityTag(true, tag.opaque()).toString());
    }

    /** A 304 to a condition of the client: with the weak tag of the encoded response, if the client sent that one. */
    private ResponseHead notModified(ResponseHead response) {
        EntityTag tag = EntityTag.of(response.headers());
        if (tag == null || tag.weak() || !tag.isQuoted()) {
            return response;
        }
        List<EntityTag> sent = EntityTag.list(request.headers(), "If-None-Match");
        EntityTag weak = new EntityTag(true, tag.opaque());
        boolean isEncoded = sent.contains(weak) && !sent.contains(tag);
        return isEncoded
                ? new ResponseHead(304, Vary.withEncoding(weak(response.headers())), response.cacheControl())
                : response;
    }
}
