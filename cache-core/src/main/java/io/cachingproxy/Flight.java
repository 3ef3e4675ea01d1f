package io.cachingproxy;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.store.BodyMemory;
import io.cachingproxy.store.parts.MemoryBody;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A body in flight: one producer, any number of readers.
 *
 * <p><b>While kept</b>, because the response is being stored, its bytes are copied into pieces of {@link BodyMemory},
 * which become the stored body. Readers may join at any time, do not slow the producer, and are not needed for it to
 * continue.
 *
 * <p><b>While passing</b>, because the response is not stored or memory is short, each piece is dropped as soon as all
 * readers have read it, no reader can join any more, and the producer waits for the fastest reader, or for the slowest
 * once memory was short: at most {@link BodyMemory#window} bytes are unread. A reader that falls {@link #MAX_LAG}
 * behind the others, or behind a producer that does not wait, is cut off. When the last reader leaves, the producer is
 * aborted.
 */
final class Flight implements BodyMemory.Holder {
    static final int MAX_LAG = 8 * 1024 * 1024;

    /**
     * Chunks shorter than this are joined, even of a passing body: a short chunk keeps the whole buffer of the producer
     * in memory, 16 KiB or more.
     */
    private static final int SMALL = 8 * 1024;

    /** Number of readers woken by the producer's thread; the others are woken by other threads. */
    private static final int WOKEN_AT_ONCE = 8;

    /** Not the identity hash code, whose first computation takes a fiftieth of the time of a miss. */
    private final int hash = ThreadLocalRandom.current().nextInt();

    private final BodyMemory memory;
    private final Executor threads;
    private final Segments segments;
    private final List<Reader> readers = new ArrayList<>(1);
    private List<Reader> waiting = new ArrayList<>(1);
    private Predicate<ByteBuffer> store = bytes -> false;
    private long longest;
    private long received;
    /** Number of bytes that the producer has received from the origin, before an encoding. */
    private long fetched;
    /** Number of bytes that readers may read. */
    private long visible;

    private long announced = -1;
    private boolean keeping;
    /** Number of bytes kept. */
    private long kept;

    private boolean passing;
    /** Set once memory was short: from then on the producer waits for the slowest reader. */
    private boolean together;

    private boolean ended;
    private @Nullable IOException failure;
    private Headers trailers = Headers.EMPTY;
    private @Nullable Runnable more;
    private @Nullable Runnable abort;
    /** The complete body, in use by this flight until its readers have left. */
    private @Nullable MemoryBody body;

    private boolean settled;
    private int slices;
    /** Position of the fastest reader; {@link #atFirst} is the number of readers at the first segment. */
    private long fastest;

    private int atFirst;

    Flight(BodyMemory memory, Executor threads) {
        this.memory = memory;
        this.threads = threads;
        this.segments = new Segments(memory);
    }

    /** Sets the action that stops the producer when the body has no reader and is not stored. */
    synchronized void onAbort(Runnable action) {
        abort = action;
    }

    /**
     * Keeps all bytes from the first on. The last ones are withheld until {@link #end}, so that a reader that has read
     * everything can rely on the response being stored.
     *
     * @param length the announced length, -1 if unknown
     * @param max the longest body to be kept
     * @param takes accepts the pieces in order; once it refuses one, the body only passes
     */
    synchronized void keep(long length, long max, Predicate<ByteBuffer> takes) {
        keeping = true;
        announced = length;
        longest = max;
        store = takes;
        memory.track(this);
    }

    /** Returns true while the whole body is in memory and may be stored; the producer then continues without readers. */
    synchronized boolean isKept() {
        return keeping;
    }

    /** A reader of the whole body, or null if its beginning was dropped. */
    synchronized @Nullable Content join() {
        if (ended && body != null) {
            return body.read();
        }
        if (segments.first() > 0 || failure != null || (!keeping && !readers.isEmpty())) {
            return null;
        }
        Reader reader = new Reader();
        readers.add(reader);
        atFirst++;
        return reader;
    }

    /**
     * Accepts the next chunk.
     *
     * @param length number of bytes before an encoding by the cache. Without readers, these too are limited to the longest
     *     body to be kept, so that a long body that compresses well is not fetched for nobody
     * @param last whether the end follows at once: readers then get both together
     * @param next run as soon as another chunk, or the end, may follow
     */
    void push(Chunk chunk, long length, boolean last, Runnable next) {
        List<Runnable> ready = new ArrayList<>(1);
        boolean goOn;
        Runnable stop = null;
        synchronized (this) {
            received += chunk.length();
            fetched += length;
            if (keeping) {
                keep(chunk);
            } else {
                pass(chunk);
            }
            cutOffLaggards(ready);
            trim();
            if (!keeping && readers.isEmpty()) {
                stop = abort;
            }
            goOn = keeping || readers.isEmpty() || unread() < memory.window();
            more = goOn ? null : next;
            boolean endFollows = goOn && (last || (keeping && received == announced));
            visible = endFollows ? visible : received;
            wake(ready);
        }
        run(ready);
        if (stop != null) {
            stop.run();
        } else if (goOn) {
            next.run();
        }
    }

    private void keep(Chunk chunk) {
        boolean tooLong = received > longest || (fetched > longest && readers.isEmpty());
        if (tooLong || !segments.append(chunk.bytes(), announced, received - chunk.length())) {
            keeping = false;
            kept = received - chunk.length();
            pass(chunk);
            return;
        }
        chunk.release();
        keeping = segments.offer(store, false);
        kept = received;
    }

    private void pass(Chunk chunk) {
        if (!passing) {
            passing = true;
            memory.beginPassing();
            memory.track(this);
        }
        if (chunk.length() < SMALL) {
            segments.join(chunk.bytes());
            chunk.release();
            return;
        }
        if (readers.size() > 1 && !memory.tryTake(chunk.length())) {
            together = true;
            memory.take(chunk.length());
        }
        if (readers.size() > 1) {
            segments.copy(chunk.bytes());
            chunk.release();
        } else {
            segments.lend(chunk);
        }
    }

    /**
     * Marks the response as complete: the store has received all of its body.
     *
     * @return the body, for the store; null if it is not stored
     */
    synchronized @Nullable MemoryBody complete() {
        if (!keeping || failure != null) {
            return null;
        }
        keeping = segments.offer(store, true);
        body = keeping ? segments.body() : null;
        return body;
    }

    void end(Headers trailerSection) {
        finish(null, trailerSection);
    }

    /** Ends the body with a failure; unread bytes are lost. */
    void fail(IOException cause) {
        finish(cause, Headers.EMPTY);
    }

    private void finish(@Nullable IOException cause, Headers trailerSection) {
        List<Runnable> ready = new ArrayList<>(1);
        synchronized (this) {
            if (ended || failure != null) {
                return;
            }
            failure = cause;
            ended = cause == null;
            trailers = trailerSection;
            visible = received;
            if (cause != null) {
                segments.clear();
                readers.clear();
            }
            wake(ready);
            settle();
        }
        run(ready);
    }

    synchronized long received() {
        return received;
    }

    /** Cuts off readers that are more than {@link #MAX_LAG} behind. */
    private void cutOffLaggards(List<Runnable> ready) {
        if (keeping || readers.isEmpty() || (abort != null && readers.size() == 1)) {
            return;
        }
        long lead = abort == null ? received : fastest; // a producer that cannot be stopped does not wait
        for (Reader reader : List.copyOf(readers)) {
            if (lead - Math.max(reader.position, kept) > MAX_LAG) { // kept bytes are in memory anyway
                cutOff(reader);
            }
        }
        wake(ready);
    }

    private void cutOff(Reader reader) {
        reader.cut = true;
        left(reader);
    }

    /** Removes a reader; false if it was removed before. */
    private boolean left(Reader reader) {
        if (!readers.remove(reader)) {
            return false;
        }
        if (reader.segment == segments.first()) {
            atFirst--;
        }
        if (reader.position == fastest) {
            fastest = readers.isEmpty()
                    ? received
                    : readers.stream().mapToLong(r -> r.position).max().getAsLong();
        }
        return true;
    }

    /** Drops segments that every reader has read. */
    private void trim() {
        while (!keeping && body == null && atFirst == 0 && segments.dropFirst()) {
            for (Reader reader : readers) {
                atFirst += reader.segment == segments.first() ? 1 : 0;
            }
        }
    }

    /** Returns the memory once the body has ended and no reader is left. */
    private void settle() {
        if (settled || (!ended && failure == null) || !readers.isEmpty() || slices > 0) {
            return;
        }
        settled = true;
        segments.clear();
        if (longest > 0 || passing) {
            memory.untrack(this);
        }
        if (body != null) {
            body.leave();
        }
        if (passing) {
            memory.endPassing();
        }
    }

    /** Collects the callbacks of waiting readers that can continue. */
    private void wake(List<Runnable> ready) {
        if (waiting.isEmpty()) {
            return;
        }
        List<Reader> still = new ArrayList<>(1);
        for (Reader reader : waiting) {
            Runnable demand = reader.demand;
            if (demand != null && reader.hasNews()) {
                reader.demand = null;
                ready.add(demand);
            } else if (demand != null) {
                still.add(reader);
            }
        }
        waiting = still;
    }

    /**
     * Runs the first callbacks on this thread, and the others on {@link #threads}, so that they do not delay the
     * producer.
     */
    private void run(List<Runnable> ready) {
        for (int from = 0; from < ready.size(); from += WOKEN_AT_ONCE) {
            List<Runnable> some = ready.subList(from, Math.min(from + WOKEN_AT_ONCE, ready.size()));
            if (from == 0) {
                some.forEach(Runnable::run);
                continue;
            }
            try {
                threads.execute(() -> some.forEach(Runnable::run));
            } catch (RejectedExecutionException stopping) {
                some.forEach(Runnable::run);
            }
        }
    }

    /** Number of bytes unread by the reader that the producer waits for. */
    private long unread() {
        return received
                - (together ? readers.stream().mapToLong(r -> r.position).min().orElse(received) : fastest);
    }

    /** Frees memory after a reader moved on or left; returns the next action for the producer. */
    private @Nullable Runnable afterReading() {
        trim();
        settle();
        if (!keeping && readers.isEmpty() && !ended && failure == null && body == null) {
            return abort;
        }
        if (more == null || unread() >= memory.window()) {
            return null;
        }
        Runnable next = more;
        more = null;
        return next;
    }

    @Override
    public synchronized long bytes() {
        return segments.capacity();
    }

    @Override
    public synchronized long stalledSince(long now) {
        return readers.stream()
                .filter(Reader::isStalled)
                .mapToLong(r -> r.movedAt)
                .reduce(now, (a, b) -> a - b < 0 ? a : b);
    }

    @Override
    public void cutOff(long before) {
        Runnable next;
        List<Runnable> ready = new ArrayList<>(1);
        synchronized (this) {
            for (Reader reader : List.copyOf(readers)) {
                if (reader.isStalled() && reader.movedAt - before < 0) {
                    cutOff(reader);
                }
            }
            next = afterReading();
            wake(ready);
        }
        run(ready);
        if (next != null) {
            next.run();
        }
    }

    private final class Reader implements Content {
        private long segment;
        private int offset;
        private long position;
        private int unreleased;
        private long movedAt = memory.now();
        private @Nullable Runnable demand;
        private volatile boolean cut;
        private boolean over;

        @Override
        public @Nullable Chunk read() throws IOException {
            Chunk chunk;
            Runnable next;
            synchronized (Flight.this) {
                if (over) {
                    return END;
                }
                if (cut) {
                    throw new IOException("the client read too slowly");
                }
                if (failure != null) {
                    throw new IOException(failure.getMessage(), failure);
                }
                chunk = taken();
                if (chunk == null && !ended) {
                    return null;
                }
                if (chunk == null) {
                    over = true;
                    left(this);
                    chunk = END;
                }
                next = afterReading();
            }
            if (next != null) {
                next.run();
            }
            return chunk;
        }

        private @Nullable Chunk taken() {
            Segments.Segment at = segments.at(segment);
            while (at != null && offset > 0 && offset == at.length() && segments.isClosed(segment)) {
                nextSegment();
                at = segments.at(segment);
            }
            if (at == null) {
                return null;
            }
            int count = (int) Math.min(at.length() - offset, visible - position);
            if (count == 0) {
                return null;
            }
            Chunk chunk = at.handOver();
            if (chunk == null) {
                Segments.Segment of = at;
                slices++;
                unreleased++;
                chunk = new Chunk(at.slice(offset, count), () -> released(of));
            }
            movedAt = memory.now();
            offset += count;
            position += count;
            fastest = Math.max(fastest, position);
            if (offset == at.length() && segments.isClosed(segment)) {
                nextSegment();
            }
            return chunk;
        }

        private void nextSegment() {
            atFirst -= segment == segments.first() ? 1 : 0;
            segment++;
            offset = 0;
        }

        private void released(Segments.Segment of) {
            Runnable next;
            synchronized (Flight.this) {
                slices--;
                unreleased--;
                of.released();
                movedAt = memory.now();
                next = afterReading();
            }
            if (next != null) {
                next.run();
            }
        }

        private boolean isStalled() {
            return demand == null && (position < visible || unreleased > 0);
        }

        private boolean hasNews() {
            return position < visible || ended || failure != null || cut;
        }

        @Override
        public void demand(Runnable ready) {
            synchronized (Flight.this) {
                if (!over && !hasNews()) {
                    demand = ready;
                    waiting.add(this);
                    return;
                }
            }
            ready.run();
        }

        @Override
        public Headers trailers() {
            synchronized (Flight.this) {
                return trailers;
            }
        }

        @Override
        public void cancel() {
            Runnable next;
            synchronized (Flight.this) {
                demand = null;
                over = true;
                next = left(this) ? afterReading() : null;
            }
            if (next != null) {
                next.run();
            }
        }

        @Override
        public boolean isCutOff() {
            return cut;
        }
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
