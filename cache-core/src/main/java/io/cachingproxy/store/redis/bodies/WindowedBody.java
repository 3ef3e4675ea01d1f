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

/** A body apart from its entry, read from Redis in windows, each of which is checked. */
public final class WindowedBody implements SharedBody {
    /** The size of a window in bytes; only the last of a body is shorter. */
    public static final int WINDOW = 256 * 1024;

    /** Reads bytes of the body from Redis. */
    public interface Source {
        /**
         * The bytes {@code from} up to {@code to}, or fewer if there are no more.
         *
         * @param begun whether others of the body were sent already, so that it is worth to wait for these
         */
        CompletionStage<byte[]> bytes(long from, long to, boolean begun);

        /** What all readers of this and other bodies read ahead. */
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

    /** A body that was just written, and is not for reading. */
    public WindowedBody(String id, long stamp, long length, int[] checksums) {
        this(
                id,
                stamp,
                length,
                checksums,
                SharedBody.unconfirmed(),
                (from, to, begun) -> CompletableFuture.failedFuture(gone()));
    }

    /** The same with all its windows in memory, and so to be read. */
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

    /** The number of windows that a body of this length has. */
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

    /** The same, which keeps its windows in memory: those of an {@code earlier} reading of it, and those to come. */
    public WindowedBody keeping(@Nullable WindowedBody earlier) {
        Windows windows = earlier == null ? null : earlier.kept.get();
        Windows all = windows == null ? new Windows(checksums.length) : windows;
        return new WindowedBody(id, stamp, length, checksums, readAt, source, () -> all);
    }

    /** The same for one reader, who keeps no window in memory that nobody else does. */
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

    /** Window {@code i} if it is kept in memory; else null. */
    @Nullable
    ByteBuffer here(int i) {
        Windows windows = kept.get();
        return windows == null ? null : windows.get(i);
    }

    long windowLength(int i) {
        return Math.min(WINDOW, length - (long) i * WINDOW);
    }

    /**
     * Reads window {@code i} from Redis. The stage fails if its bytes are not what was stored.
     *
     * @param begun whether others were read before
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
