package io.cachingproxy.store.redis.bodies;

import io.cachingproxy.http.Content;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** A body stored separately from its entry, read from Redis in windows, each with a checksum. */
public final class WindowedBody implements SharedBody {
    /** The size of a window in bytes; only the last window of a body is shorter. */
    public static final int WINDOW = 256 * 1024;

    /** Reads bytes of the body from Redis. */
    public interface Source {
        /**
         * Reads the bytes {@code from} up to {@code to}, or fewer if the body ends before.
         *
         * @param begun whether earlier bytes of the body were sent already, so that a longer wait is justified
         */
        CompletionStage<byte[]> bytes(long from, long to, boolean begun);

        /** The read-ahead windows, shared by all readers of this and other bodies. */
        default ReadAhead ahead() {
            return new ReadAhead(Long.MAX_VALUE);
        }
    }

    private final String id;
    private final long stamp;
    private final long length;
    private final int[] checksums;
    private final long readAt;
    private final Source source;
    private final Supplier<@Nullable Windows> kept;

    public WindowedBody(String id, long stamp, long length, int[] checksums, long readAt, Source source) {
        this(id, stamp, length, checksums, readAt, source, () -> null);
    }

    /** Creates a body that was just written, and cannot be read. */
    public WindowedBody(String id, long stamp, long length, int[] checksums) {
        this(
                id,
                stamp,
                length,
                checksums,
                SharedBody.unconfirmed(),
                (from, to, begun) -> CompletableFuture.failedFuture(gone()));
    }

    /** A readable copy with all its windows in memory. */
    public WindowedBody with(List<byte[]> all) {
        Windows windows = new Windows(checksums.length);
        for (int i = 0; i < checksums.length; i++) {
            windows.keep(i, ByteBuffer.wrap(all.get(i)));
        }
        return new WindowedBody(id, stamp, length, checksums, readAt, source, () -> windows);
    }

    private WindowedBody(
            String id,
            long stamp,
            long length,
            int[] checksums,
            long readAt,
            Source source,
            Supplier<@Nullable Windows> kept) {
        this.id = id;
        this.stamp = stamp;
        this.length = length;
        this.checksums = checksums;
        this.readAt = readAt;
        this.source = source;
        this.kept = kept;
    }

    /** The number of windows of a body of this length. */
    public static int windows(long length) {
        return Math.toIntExact((length + WINDOW - 1) / WINDOW);
    }

    public static int checksum(byte[] bytes, int length) {
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
    public long readAt() {
        return readAt;
    }

    @Override
    public WindowedBody withStamp(long later) {
        return new WindowedBody(id, later, length, checksums, readAt, source, kept);
    }

    /** A copy that keeps its windows in memory: those of an {@code earlier} copy of this body, and those read later. */
    public WindowedBody keeping(@Nullable WindowedBody earlier) {
        Windows windows = earlier == null ? null : earlier.kept.get();
        Windows all = windows == null ? new Windows(checksums.length) : windows;
        return new WindowedBody(id, stamp, length, checksums, readAt, source, () -> all);
    }

    /** A copy for one reader, which does not add windows to memory. */
    public WindowedBody lent() {
        return new WindowedBody(id, stamp, length, checksums, readAt, source, new WeakReference<>(kept.get())::get);
    }

    @Override
    public boolean isHere() {
        Windows windows = kept.get();
        return windows != null && windows.areAllHere();
    }

    public int[] checksums() {
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

    ReadAhead ahead() {
        return source.ahead();
    }

    /** Window {@code i} if it is in memory; else null. */
    @Nullable
    ByteBuffer here(int i) {
        Windows windows = kept.get();
        return windows == null ? null : windows.get(i);
    }

    long windowLength(int i) {
        return Math.min(WINDOW, length - (long) i * WINDOW);
    }

    /**
     * Reads window {@code i} from Redis. The stage fails if its checksum does not match.
     *
     * @param begun whether earlier windows were read
     */
    CompletionStage<ByteBuffer> window(int i, boolean begun) {
        long from = (long) i * WINDOW;
        long to = from + windowLength(i);
        return source.bytes(from, to, begun).thenCompose(bytes -> {
            if (bytes.length != to - from || checksum(bytes, bytes.length) != checksums[i]) {
                return CompletableFuture.failedFuture(gone());
            }
            ByteBuffer window = ByteBuffer.wrap(bytes);
            Windows windows = kept.get();
            if (windows != null) {
                windows.keep(i, window);
            }
            return CompletableFuture.completedFuture(window);
        });
    }

    private static IOException gone() {
        return new IOException("the stored body is gone or damaged");
    }
}
