package io.cachingproxy.store;

import io.cachingproxy.http.Body;
import io.cachingproxy.http.Content;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;

/** A body in memory, in the pieces in which it came. */
public final class ChunkedBody implements Body {
    private final ByteBuffer[] chunks;
    private final long length;

    public ChunkedBody(List<ByteBuffer> chunks) {
        this.chunks = chunks.stream().map(ByteBuffer::asReadOnlyBuffer).toArray(ByteBuffer[]::new);
        this.length = chunks.stream().mapToLong(ByteBuffer::remaining).sum();
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
        return Content.of(java.util.Arrays.copyOf(part, parts));
    }
}
