package io.cachingproxy.store.redis.bodies;

import io.cachingproxy.http.Content;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A small body, inlined in its entry. */
public record InlineBody(String id, long stamp, ByteBuffer bytes, long readAt) implements SharedBody {
    @Override
    public InlineBody withStamp(long later) {
        return new InlineBody(id, later, bytes, readAt);
    }

    @Override
    public long length() {
        return bytes.remaining();
    }

    @Override
    public Content read(long from, long count) {
        Objects.checkFromIndexSize(from, count, length());
        return Content.of(
                bytes.slice(bytes.position() + (int) from, (int) count).asReadOnlyBuffer());
    }

    /** Identity equality: a body is identified by its fill, not by its bytes. */
    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
