package io.cachingproxy.store;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The memory for the bodies of one cache: stored bodies, bodies in flight, and evicted bodies that still have readers.
 *
 * <h2>Budget</h2>
 *
 * Bodies in flight and evicted bodies with readers are <i>transient</i>. The store may use the rest of
 * {@link #bytes()}. Transient bodies may take half of the budget ({@link #tryTake}); beyond that a new body is not
 * stored, but passes through a window of 16 to 256 KiB ({@link #window}). Stored bodies that are evicted while they are
 * read become transient, so the total is at most one and a half times the budget, if readers pin every body.
 *
 * <p>When the budget is short, readers without progress for at least {@link #STALLED} are cut off, the longest stalled
 * first.
 *
 * <h2>Heap and direct memory</h2>
 *
 * Bodies are on the heap. With {@link #outsideHeap}, long bodies are in direct memory, which is written to sockets
 * without a copy. Direct memory is bounded, too, and is returned when the garbage collector finds it unreachable;
 * beyond the bound, bodies are on the heap.
 */
public final class BodyMemory {
    /** Time without progress after which a reader may be cut off, in nanoseconds. */
    static final long STALLED = TimeUnit.SECONDS.toNanos(5);

    /** Time after a refusal during which the budget counts as short, in nanoseconds. */
    private static final long SHORT = TimeUnit.SECONDS.toNanos(20);

    private static final long RELIEF_INTERVAL = TimeUnit.MILLISECONDS.toNanos(100);

    /** Bodies shorter than this are on the heap, because copying them is cheap. */
    private static final int LONG = 64 * 1024;

    /** The longest piece on the heap: an ordinary object in every region size of G1. */
    private static final int HEAP_PIECE = 128 * 1024;

    private static final int DIRECT_PIECE = 1024 * 1024;

    private static final int SMALLEST_WINDOW = 16 * 1024;
    private static final int LARGEST_WINDOW = 256 * 1024;
    private static final int LEAST_LARGEST_WINDOW = 64 * 1024;

    /** A window is at most 1/{@value} of direct memory, unless direct memory is very small. */
    private static final int WINDOWS = 4096;

    private static final long LEAST_FOR_WINDOWS = 4L << 20;

    /** The store adapts to the transient bytes in steps of 1/{@value} of the budget. */
    private static final int STEPS = 64;

    private final long bytes;
    private final long directBound;
    private final LongSupplier nanoTime;
    private final AtomicLong direct = new AtomicLong();
    private final AtomicLong transientBytes = new AtomicLong();
    private final AtomicInteger passing = new AtomicInteger();
    private final Set<Holder> holders = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean adapting = new AtomicBoolean();
    private volatile long adaptedTo;
    private volatile @Nullable LongConsumer store;
    private final AtomicLong relievedAt;
    private volatile long shortAt;
    private volatile boolean wasShort;

    /** A holder of transient bytes with readers. */
    public interface Holder {
        /** The number of transient bytes. */
        long bytes();

        /**
         * When the slowest reader last made progress, by {@link BodyMemory#now}; {@code now} if no reader is stalled.
         */
        long stalledSince(long now);

        /** Cuts off the readers without progress since {@code before}. */
        void cutOff(long before);
    }

    BodyMemory(long bytes, long directBound, LongSupplier nanoTime) {
        this.bytes = bytes;
        this.directBound = directBound;
        this.nanoTime = nanoTime;
        this.relievedAt = new AtomicLong(nanoTime.getAsLong() - RELIEF_INTERVAL);
    }

    /** Creates a budget of {@code bytes} on the heap. */
    public static BodyMemory onHeap(long bytes) {
        return new BodyMemory(bytes, 0, System::nanoTime);
    }

    /**
     * Creates a budget with long bodies in direct memory: up to {@code bytes}, and up to a quarter of the JVM's limit
     * for it.
     */
    public static BodyMemory outsideHeap(long bytes) {
        return new BodyMemory(bytes, bytes, System::nanoTime);
    }

    /** The budget, in bytes. */
    public long bytes() {
        return bytes;
    }

    /** The longest body that can be stored: half of the budget, in bytes. */
    public long longestBody() {
        return bytes / 2;
    }

    /** The bytes of bodies in flight, and of evicted bodies that are still read. */
    public long transientBytes() {
        return transientBytes.get();
    }

    /** The bytes of direct memory not yet returned by the garbage collector. */
    long directBytes() {
        return direct.get();
    }

    /** Takes {@code count} transient bytes; false if the budget is short: then stalled readers are cut off soon. */
    public boolean tryTake(long count) {
        if (transientBytes.addAndGet(count) > bytes / 2) {
            transientBytes.addAndGet(-count);
            shortAt = now();
            wasShort = true;
            relieveSoon();
            return false;
        }
        adaptStore();
        return true;
    }

    /** Takes transient bytes regardless of the budget: for bytes that are in memory already, or small amounts. */
    public void take(long count) {
        transientBytes.addAndGet(count);
    }

    /** Returns transient bytes. */
    public void give(long count) {
        transientBytes.addAndGet(-count);
    }

    /** Calls {@code adapt} with the number of transient bytes whenever it has changed by a step. */
    void adapt(LongConsumer adapt) {
        store = adapt;
    }

    /**
     * Makes the store adapt to the transient bytes. Must not be called while an entry of the store is being changed.
     */
    void adaptStore() {
        LongConsumer adapt = store;
        if (adapt == null || Math.abs(transientBytes.get() - adaptedTo) <= bytes / STEPS) {
            return;
        }
        if (adapting.compareAndSet(false, true)) {
            try {
                adaptedTo = transientBytes.get();
                adapt.accept(adaptedTo);
            } finally {
                adapting.set(false);
            }
        }
    }

    /** Counts a passing body, which is not stored. */
    public void beginPassing() {
        passing.incrementAndGet();
    }

    public void endPassing() {
        passing.decrementAndGet();
    }

    /** The maximum number of unread bytes of a passing body before its producer waits. */
    public int window() {
        long all = Math.min(Math.max(bytes / 4, LEAST_FOR_WINDOWS), directLimit() / 4);
        long share = all / Math.max(1, passing.get());
        long largest = Math.max(LEAST_LARGEST_WINDOW, Math.min(LARGEST_WINDOW, directLimit() / WINDOWS));
        return (int) Math.max(SMALLEST_WINDOW, Math.min(largest, share));
    }

    /** Registers {@code holder}, whose stalled readers may be cut off when memory is short. */
    public void track(Holder holder) {
        holders.add(holder);
    }

    public void untrack(Holder holder) {
        holders.remove(holder);
    }

    /** The clock for the progress of readers, in nanoseconds. */
    public long now() {
        return nanoTime.getAsLong();
    }

    /**
     * Cuts off stalled readers, if the budget was short recently or {@code others} wait for memory that they hold. Call
     * it periodically from a timer, because stalled readers may block all other requests.
     */
    public void tend(boolean others) {
        if (others || (wasShort && now() - shortAt < SHORT)) {
            relieve();
        }
    }

    private void relieveSoon() {
        long now = now();
        long last = relievedAt.get();
        if (now - last >= RELIEF_INTERVAL && relievedAt.compareAndSet(last, now)) {
            CompletableFuture.runAsync(this::relieve);
        }
    }

    /** Cuts off stalled readers, the longest stalled first, until an eighth of the budget is free of them. */
    void relieve() {
        long now = now();
        record Stalled(Holder holder, long since) {}
        long wanted = bytes / 8;
        for (Stalled stalled : holders.stream()
                .map(holder -> new Stalled(holder, holder.stalledSince(now)))
                .filter(stalled -> now - stalled.since() >= STALLED)
                .sorted(Comparator.comparingLong(Stalled::since))
                .toList()) {
            if (wanted <= 0) {
                return;
            }
            wanted -= Math.max(stalled.holder().bytes(), SMALLEST_WINDOW);
            stalled.holder().cutOff(now - STALLED + 1);
        }
    }

    /** An empty piece like {@link #piece}, charged to the budget; null if the budget is short. */
    public @Nullable ByteBuffer tryPiece(long length, long left) {
        int size = (int) Math.min(left, DIRECT_PIECE);
        if (length >= LONG && takesDirect(size)) {
            if (tryTake(size)) {
                return direct(size);
            }
            direct.addAndGet(-size);
            return null;
        }
        int shorter = (int) Math.min(left, HEAP_PIECE);
        return tryTake(shorter) ? ByteBuffer.allocate(shorter) : null;
    }

    /**
     * An empty piece for the next bytes of a body.
     *
     * @param length the expected length of the body
     * @param left how much of the body is still to come, at least 1; the piece may be shorter, but not longer
     */
    public ByteBuffer piece(long length, long left) {
        int size = (int) Math.min(left, DIRECT_PIECE);
        return length >= LONG && takesDirect(size)
                ? direct(size)
                : ByteBuffer.allocate((int) Math.min(left, HEAP_PIECE));
    }

    /** The JVM's limit of direct memory: {@code -XX:MaxDirectMemorySize}, else the maximum heap size. */
    public static long directLimit() {
        return Platform.MAXIMUM;
    }

    private boolean takesDirect(int size) {
        if (directBound == 0) {
            return false;
        }
        if (direct.addAndGet(size) <= Math.min(directBound, directLimit() / 4)) {
            return true;
        }
        direct.addAndGet(-size);
        return false;
    }

    private ByteBuffer direct(int size) {
        ByteBuffer piece = ByteBuffer.allocateDirect(size);
        AtomicLong counted = direct;
        Platform.CLEANER.register(piece, () -> counted.addAndGet(-size));
        return piece;
    }

    /** Properties of the platform, read when the first long body is stored. */
    private static final class Platform {
        static final Cleaner CLEANER = Cleaner.create();
        static final long MAXIMUM = maximum();

        private Platform() {}

        /** The value of {@code -XX:MaxDirectMemorySize}; the maximum heap size if it is not set. */
        private static long maximum() {
            HotSpotDiagnosticMXBean options = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
            long set = options == null
                    ? 0
                    : Long.parseLong(options.getVMOption("MaxDirectMemorySize").getValue());
            return set > 0 ? set : Runtime.getRuntime().maxMemory();
        }
    }
}
