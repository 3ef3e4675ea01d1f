package io.cachingproxy.http;

import java.nio.ByteBuffer;
import java.util.Objects;

/** A body in one buffer in memory. */
final class BufferBody implements Body {
    private final ByteBuffer bytes;

    BufferBody(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    @Override
    public long length() {
        return bytes.limit();
    }

    @Override
    public Content read(long from, long count) {
        Objects.checkFromIndexSize(from, count, length());
        return Content.of(bytes.slice((int) from, (int) count).asReadOnlyBuffer());
    }
}
