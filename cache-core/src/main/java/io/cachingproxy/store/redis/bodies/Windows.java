package io.cachingproxy.store.redis.bodies;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** The windows of a body that are in memory; each is added when any reader has read it. */
final class Windows {
    private final AtomicReferenceArray<@Nullable ByteBuffer> windows;
    private final AtomicInteger missing;

    Windows(int count) {
        this.windows = new AtomicReferenceArray<>(count);
        this.missing = new AtomicInteger(count);
    }

    boolean areAllHere() {
        return missing.get() == 0;
    }

    @Nullable
    ByteBuffer get(int i) {
        return windows.get(i);
    }

    void keep(int i, ByteBuffer window) {
        if (windows.compareAndSet(i, null, window)) {
            missing.decrementAndGet();
        }
    }
}
