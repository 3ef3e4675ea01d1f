package io.cachingproxy.jetty.hit;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpGenerator;
import org.eclipse.jetty.http.MetaData;
import org.jspecify.annotations.Nullable;

/**
 * Writes each chunk together with the CRLF that completes it (RFC 9112 §7.1). Jetty delays that CRLF until the next
 * chunk, so a client that waits for the CRLF would get the data of a chunk only with the next one.
 */
final class ChunkGenerator extends HttpGenerator {
    private static final byte CR = '\r';
    private static final byte LF = '\n';
    private static final int CRLF = 2;

    /** The last buffer of {@link #completed}, with the CRLF after its limit. */
    private @Nullable ByteBuffer completed;

    /** Whether the last chunk was written with its CRLF, which Jetty would write again. */
    private boolean ended;

    /** A copy of {@code content}, sent as one chunk with its CRLF if the response is chunked. */
    ByteBuffer completed(ByteBuffer content) {
        int length = content.remaining();
        ByteBuffer copy = ByteBuffer.allocate(length + CRLF);
        copy.put(content).put(CR).put(LF).flip().limit(length);
        completed = copy;
        return copy;
    }

    @Override
    public Result generateResponse(
            MetaData.@Nullable Response info,
            boolean head,
            @Nullable ByteBuffer header,
            @Nullable ByteBuffer chunk,
            @Nullable ByteBuffer content,
            boolean last)
            throws IOException {
        Result result = super.generateResponse(info, head, header, chunk, content, last);
        if (result != Result.FLUSH || chunk == null || !chunk.hasRemaining()) {
            return result;
        }
        if (ended && startsWithLineEnd(chunk)) {
            chunk.position(chunk.position() + CRLF);
        }
        ended = false;
        if (content != null && content == completed && content.hasRemaining()) {
            content.limit(content.limit() + CRLF);
            completed = null;
            ended = true;
        }
        return result;
    }

    private static boolean startsWithLineEnd(ByteBuffer chunk) {
        int at = chunk.position();
        return chunk.remaining() >= CRLF && chunk.get(at) == CR && chunk.get(at + 1) == LF;
    }

    @Override
    public void reset() {
        super.reset();
        completed = null;
        ended = false;
    }
}
