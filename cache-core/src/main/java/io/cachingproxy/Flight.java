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
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A body in flight: one producer, any number of readers.
 *
 * <p><b>While it is kept</b>, because it is being stored, its bytes are copied into pieces of {@link BodyMemory}, which become
 * the stored body. Readers may join at any time, none of them slows the producer, and it goes on without any.
 *
 * <p><b>Once it passes</b>, because it is not stored or memory is short, each piece is dropped as soon as all readers have
 * it, no reader can join any more, and the producer waits for the fastest: at most {@link BodyMemory#window} bytes wait for
 * it, or once memory was short for the slowest. A reader that falls {@link #MAX_LAG} behind the others, or behind a producer that
 * does not wait, is cut off. When the last reader leaves, the producer is told to abort.
 */
final class Flight implements BodyMemory.Holder {
    static final int MAX_LAG = 8 * 1024 * 1024;

    /**
     * Shorter chunks are joined, also of a body that passes: however short a chunk is, it keeps the whole buffer of the
     * producer that it is in, 16 KiB or more.
     */
    private static final int SMALL = 8 * 1024;

    /** So many readers are woken by the producer's thread; the others by other threads. */
    private static final int WOKEN_AT_ONCE = 8;

    private final BodyMemory memory;
    private final Executor threads;
    private final Segments segments;
    private final List<Reader> readers = new ArrayList<>(1);
    private List<Reader> waiting = new ArrayList<>(1);
    private Predicate<ByteBuffer> store = bytes -> false;
    private long longest;
    private long received;
    /** How many bytes the readers may have. */
    private long visible;

    private long announced = -1;
    private boolean keeping;
    /** How many bytes were kept. */
    private long kept;

    private boolean passing;
    /** Memory was short: from then on the producer waits for the slowest reader. */
    private boolean together;

    private boolean ended;
    private @Nullable IOException failure;
    private Headers trailers = Headers.EMPTY;
    private @Nullable Runnable more;
    private @Nullable Runnable abort;
    /** The complete body, of which this is a user until its readers have left. */
    private @Nullable MemoryBody body;

    private boolean settled;
    private int slices;
    /** How many bytes the fastest reader has read, and how many readers are at the first segment. */
    private long fastest;

    private int atFirst;

    Flight(BodyMemory memory, Executor threads) {
        this.memory = memory;
        this.threads = threads;
        this.segments = new Segments(memory);
    }

    /** Sets how the producer is stopped, should nobody want the body. */
    synchronized void onAbort(Runnable action) {
        abort = action;
    }

    /**
     * Keeps all bytes from the first on. The last ones are withheld until {@link #end}: a reader that has read everything
     * can rely on it that everything was stored.
     *
     * @param length the announced length, -1 without
     * @param max the longest body to be kept
     * @param takes takes piece after piece; once it refuses, the body only passes
     */
    synchronized void keep(long length, long max, Predicate<ByteBuffer> takes) {
        keeping = true;
        announced = length;
        longest = max;
        store = takes;
        memory.track(this);
    }

    /** Whether all of the body so far is kept, so that nobody has to read for it to go on. */
    synchronized boolean isKept() {
        return keeping;
    }

    /** A reader of the whole body, or null if its beginning is gone. */
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
     * Takes the next chunk.
     *
     * @param next run as soon as another chunk may come
     */
    void push(Chunk chunk, Runnable next) {
        List<Runnable> ready = new ArrayList<>(1);
        boolean goOn;
        Runnable stop = null;
        synchronized (this) {
            received += chunk.length();
            if (keeping) {
                keep(chunk);
            } else {
                pass(chunk);
            }
            visible = keeping && received == announced ? visible : received;
            cutOffLaggards(ready);
            trim();
            if (!keeping && readers.isEmpty()) {
                stop = abort;
            }
            goOn = keeping || readers.isEmpty() || unread() < memory.window();
            more = goOn ? null : next;
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
        if (received > longest || !segments.append(chunk.bytes(), announced, received - chunk.length())) {
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
     * The response is complete: the store has got all of its body.
     *
     * @return the body, for the store; null if it is not to be stored
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

    /** Breaks off: what readers have not read yet is lost to them. */
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

    /** Cuts off readers that are hopelessly behind. */
    private void cutOffLaggards(List<Runnable> ready) {
        if (keeping || readers.isEmpty() || (abort != null && readers.size() == 1)) {
            return;
        }
        long lead = abort == null ? received : fastest; // a producer that cannot be stopped cannot be held back either
        for (Reader reader : List.copyOf(readers)) {
            if (lead - Math.max(reader.position, kept) > MAX_LAG) { // what was kept is in memory anyway
                cutOff(reader);
            }
        }
        wake(ready);
    }

    private void cutOff(Reader reader) {
        reader.cut = true;
        left(reader);
    }

    /** Takes a reader out; false if it was not there any more. */
    private boolean left(Reader reader) {
        if (!readers.remove(reader)) {
            return false;
        }
        if (reader.segment == segments.first()) {
            atFirst--;
        }
        if (reader.position == fastest) {
            fastest = readers.stream().mapToLong(r -> r.position).max().orElse(received);
        }
        return true;
    }

    /** Drops what every reader has. */
    private void trim() {
        while (!keeping && body == null && atFirst == 0 && segments.dropFirst()) {
            for (Reader reader : readers) {
                atFirst += reader.segment == segments.first() ? 1 : 0;
            }
        }
    }

    /** Gives the memory back once nobody reads here any more. */
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

    /** Collects what is to be run for readers that wait, if there is news for them. */
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

    /** Runs some on this thread, and the others where they do not hold up the producer. */
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

    /** How many bytes the reader has not read for which the producer waits. */
    private long unread() {
        return received
                - (together ? readers.stream().mapToLong(r -> r.position).min().orElse(received) : fastest);
    }

    /** After a reader moved on or left: what the producer is to do. */
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
            Chunk chunk = at.handOver();
            if (chunk == null) {
                if (count == 0) {
                    return null;
                }
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
}
