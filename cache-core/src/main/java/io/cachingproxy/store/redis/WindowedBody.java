package io.cachingproxy.store.redis;

import io.cachingproxy.http.Content;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.zip.CRC32C;

/** A body apart from its entry, read from Redis in windows, each of which is checked. */
final class WindowedBody implements SharedBody {
    /** The size of a window in bytes; only the last of a body is shorter. */
    static final int WINDOW = 256 * 1024;

    /** Reads bytes of the body from Redis. */
    interface Source {
        /** The bytes {@code from} up to {@code to}, or fewer if there are no more. */
        CompletionStage<byte[]> bytes(long from, long to);
    }

    private final String id;
    private final long stamp;
    private final long length;
    private final int[] checksums;
    private final Source source;

    WindowedBody(String id, long stamp, long length, int[] checksums, Source source) {
        this.id = id;
        this.stamp = stamp;
        this.length = length;
        this.checksums = checksums;
        this.source = source;
    }

    /** The number of windows that a body of this length has. */
    static int windows(long length) {
        return Math.toIntExact((length + WINDOW - 1) / WINDOW);
    }

    static int checksum(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public long stamp() {
        return stamp;
    }

    @Override
    public WindowedBody withStamp(long later) {
        return new WindowedBody(id, later, length, checksums, source);
    }

    int[] checksums() {
        return checksums;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public Content read(long from, long count) {
        Objects.checkFromIndexSize(from, count, length);
        return new WindowContent(this, from, from + count);
    }

    /** The checked bytes of window {@code i}. The stage fails if they are not what was stored. */
    CompletionStage<ByteBuffer> window(int i) {
        long from = (long) i * WINDOW;
        long to = Math.min(from + WINDOW, length);
        return source.bytes(from, to).thenCompose(bytes -> {
            boolean sound = bytes.length == to - from && checksum(bytes, bytes.length) == checksums[i];
            return sound
                    ? CompletableFuture.completedFuture(ByteBuffer.wrap(bytes))
                    : CompletableFuture.failedFuture(new IOException("the stored body is gone or damaged"));
        });
    }
}
