package io.cachingproxy.store;

import io.cachingproxy.http.Body;
import io.cachingproxy.http.Content;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** A body in memory, in the pieces in which it came. */
public final class ChunkedBody implements Body {
    private final ByteBuffer[] chunks;
    private final long length;

    public ChunkedBody(List<ByteBuffer> chunks) {
        this(chunks, BodyMemory.HEAP);
    }

    /** A body of these chunks, put together in few pieces of {@code memory}: each one costs a write to each client. */
    ChunkedBody(List<ByteBuffer> chunks, BodyMemory memory) {
        this.length = chunks.stream().mapToLong(ByteBuffer::remaining).sum();
        this.chunks = together(chunks, length, memory);
    }

    private static ByteBuffer[] together(List<ByteBuffer> chunks, long length, BodyMemory memory) {
        if (chunks.size() < 2) {
            return chunks.toArray(ByteBuffer[]::new);
        }
        List<ByteBuffer> pieces = new ArrayList<>();
        long left = length;
        ByteBuffer piece = memory.piece(length, left);
        for (ByteBuffer chunk : chunks) {
            ByteBuffer from = chunk.duplicate();
            while (from.hasRemaining()) {
                if (!piece.hasRemaining()) {
                    pieces.add(piece.flip());
                    left -= piece.limit();
                    piece = memory.piece(length, left);
                }
                int count = Math.min(from.remaining(), piece.remaining());
                piece.put(from.slice(from.position(), count));
                from.position(from.position() + count);
            }
        }
        pieces.add(piece.flip());
        return pieces.toArray(ByteBuffer[]::new);
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public Content read(long from, long count) {
        Objects.checkFromIndexSize(from, count, length);
        if (count == length) {
            return Content.of(chunks);
        }
        ByteBuffer[] part = new ByteBuffer[chunks.length];
        int parts = 0;
        long start = 0;
        for (ByteBuffer chunk : chunks) {
            long begin = Math.max(from, start);
            long end = Math.min(from + count, start + chunk.remaining());
            if (begin < end) {
                part[parts++] = chunk.slice(chunk.position() + (int) (begin - start), (int) (end - begin));
            }
            start += chunk.remaining();
        }
        return Content.of(Arrays.copyOf(part, parts));
    }
}
