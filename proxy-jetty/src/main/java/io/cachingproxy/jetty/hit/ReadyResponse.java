package io.cachingproxy.jetty.hit;

import io.cachingproxy.Answer;
import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.jetty.front.AnswerSender;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A response that is entirely in memory, ready for one write: a short body is copied after the head, a long body is
 * written from the stored buffers. The response uses per-thread buffers and must not be retained; {@link #left} may be
 * retained.
 */
final class ReadyResponse {
    private final ByteBuffer out;
    private final int headLength;
    private final long length;
    private final Content content;
    private final List<Chunk> body;
    /** Whether the body is in {@link #out}. */
    private final boolean copied;

    private ReadyResponse(
            ByteBuffer out, int headLength, long length, Content content, List<Chunk> body, boolean copied) {
        this.length = length;
        this.content = content;
        this.out = out;
        this.headLength = headLength;
        this.body = body;
        this.copied = copied;
    }

    /**
     * The response to {@code request}; null if the body has several chunks, is too long or differs from its announced
     * length, or if Jetty would change the head.
     */
    static @Nullable ReadyResponse of(SimpleRequest request, Answer answer) {
        Long announced = answer.head().headers().contentLength();
        if (!isFramed(answer.head(), announced)) {
            return null;
        }
        boolean bodiless = answer.head().isBodiless(request.method());
        long length = bodiless || announced == null ? 0 : announced;
        if (length > AnswerSender.TURN) {
            return null;
        }
        ThreadBuffers memory = ThreadBuffers.get();
        Headers headers = answer.head().headers();
        Headers said = request.http10() ? headers.plus("Connection", "keep-alive") : headers;
        int head = HeadWriter.write(answer.head().status(), said, "", memory.head);
        if (head < 0) {
            return null;
        }
        List<Chunk> body = bodiless ? List.of() : all(answer.content());
        boolean copied = head + length <= ThreadBuffers.SHORT;
        if (length(body) != length || (!copied && body.size() > 1)) {
            body.forEach(Chunk::release);
            return null;
        }
        ByteBuffer out = memory.out.clear().put(memory.head, 0, head);
        if (copied) {
            body.forEach(piece -> out.put(piece.bytes().duplicate()));
        }
        return new ReadyResponse(out.flip(), head, length, answer.content(), body, copied);
    }

    private static long length(List<Chunk> body) {
        long length = 0;
        for (Chunk piece : body) {
            length += piece.length();
        }
        return length;
    }

    /** Whether the head has unambiguous framing, and no fields about the connection. */
    private static boolean isFramed(ResponseHead head, @Nullable Long announced) {
        Headers headers = head.headers();
        if (headers.contains("Connection") || headers.contains("Transfer-Encoding")) {
            return false;
        }
        List<String> lengths = headers.all("Content-Length");
        if (lengths.isEmpty() || head.status() == 204) { // RFC 9110 §8.6: a 204 has none
            return lengths.isEmpty() && (head.status() == 204 || head.status() == 304);
        }
        return lengths.size() == 1 && announced != null && lengths.get(0).equals(announced.toString());
    }

    /** All chunks of {@code content}, or fewer if some are not available. */
    private static List<Chunk> all(Content content) {
        List<Chunk> pieces = new ArrayList<>(1);
        try {
            Chunk chunk = content.read();
            while (chunk != null && !chunk.isEnd()) {
                pieces.add(chunk);
                chunk = content.read();
            }
            if (chunk == null) {
                content.cancel();
            }
        } catch (IOException broken) {
            content.cancel();
        }
        return pieces;
    }

    /** The bytes still to write; the positions of the buffers advance with each write. */
    ByteBuffer[] bytes() {
        return copied
                ? new ByteBuffer[] {out}
                : new ByteBuffer[] {out, body.get(0).bytes()};
    }

    /** Whether the reader was cut off, so that a write that waits for the client must be aborted. */
    boolean isCutOff() {
        return content.isCutOff();
    }

    /** Number of bytes of content. */
    long length() {
        return length;
    }

    /** Releases the stored body, after the response was written or abandoned. */
    void release() {
        body.forEach(Chunk::release);
    }

    /** The unwritten bytes, in buffers that may be retained: the body remains in the store's buffers. */
    ByteBuffer[] left() {
        List<ByteBuffer> left = new ArrayList<>(1 + body.size());
        int inHead = headLength - out.position();
        if (inHead > 0) {
            left.add(ByteBuffer.allocate(inHead)
                    .put(out.duplicate().limit(headLength))
                    .flip());
        }
        int skipped = copied ? Math.max(-inHead, 0) : 0;
        for (Chunk chunk : body) {
            ByteBuffer piece = chunk.bytes();
            int count = Math.min(skipped, piece.remaining());
            skipped -= count;
            left.add(piece.position(piece.position() + count));
        }
        return left.toArray(ByteBuffer[]::new);
    }
}
