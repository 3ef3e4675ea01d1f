package io.cachingproxy;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A body in flight: one producer, any number of readers.
 *
 * <p><b>While it is kept</b>, because it is being stored, all of it stays in memory: readers may join at any time, none
 * of them slows the producer, and it goes on without any. What bounds it is the store, which refuses what is too much.
 *
 * <p><b>Once it only passes</b>, because it is not stored, chunks are dropped as soon as all readers have them, no
 * reader can join any more, and the producer waits for the fastest: at most {@link #WINDOW} bytes wait for it. A reader
 * that falls {@link #MAX_LAG} behind the others, or behind a producer that does not wait, is cut off. When the last reader leaves, the
 * producer is told to abort.
 */
final class Flight {
    static final int WINDOW = 256 * 1024;
    static final int MAX_LAG = 8 * 1024 * 1024;

    private final List<Reader> readers = new ArrayList<>(1);
    private final List<Chunk> chunks = new ArrayList<>();
    /** How many chunks were dropped from the front, and how many bytes: positions count from the first chunk of all. */
    private long dropped;

    private long received;
    private long announced = -1;
    private boolean keeping;
    private @Nullable Chunk withheld;
    private boolean ended;
    private @Nullable IOException failure;
    private Headers trailers = Headers.EMPTY;
    private @Nullable Runnable more;
    private @Nullable Runnable abort;

    /** Sets how the producer is stopped, should nobody want the body. */
    synchronized void onAbort(Runnable action) {
        abort = action;
    }

    /**
     * Keeps all chunks from the first on. The one with the last byte is withheld until {@link #end}: who has read
     * everything can rely on it that everything was stored.
     *
     * @param length the announced length, -1 without
     */
    synchronized void keep(long length) {
        keeping = true;
        announced = length;
    }

    /** Whether all of the body so far is kept, so that nobody has to read for it to go on. */
    synchronized boolean isKept() {
        return keeping;
    }

    /** A reader of the whole body, or null if its beginning is gone. */
    synchronized @Nullable Content join() {
        if (dropped > 0 || failure != null || !keeping && !readers.isEmpty()) {
            return null;
        }
        Reader reader = new Reader();
        readers.add(reader);
        return reader;
    }

    /**
     * Takes the next chunk.
     *
     * @param store takes a copy while the body is kept; once it refuses, the body only passes
     * @param next run as soon as another chunk may come
     */
    void push(Chunk chunk, Predicate<ByteBuffer> store, Runnable next) {
        List<Runnable> ready = new ArrayList<>(1);
        boolean goOn;
        Runnable stop = null;
        synchronized (this) {
            received += chunk.length();
            if (keeping || readers.size() > 1) {
                Chunk copy = Chunk.of(chunk.copy());
                chunk.release();
                keeping = keeping && store.test(copy.bytes().duplicate());
                if (keeping && received == announced) {
                    withheld = copy;
                } else {
                    chunks.add(copy);
                }
            } else {
                chunks.add(chunk);
            }
            trim(ready);
            if (!keeping && readers.isEmpty()) {
                stop = abort;
            }
            goOn = keeping || readers.isEmpty() || unreadByFastest() < WINDOW;
            more = goOn ? null : next;
            wake(ready);
        }
        ready.forEach(Runnable::run);
        if (stop != null) {
            stop.run();
        } else if (goOn) {
            next.run();
        }
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
            if (withheld != null) {
                chunks.add(withheld);
                withheld = null;
            }
            if (cause != null) {
                release();
            }
            wake(ready);
        }
        ready.forEach(Runnable::run);
    }

    synchronized long received() {
        return received;
    }

    /** Drops what every reader has, and readers that are hopelessly behind. */
    private void trim(List<Runnable> ready) {
        if (keeping) {
            return;
        }
        if (abort == null || readers.size() > 1) { // a producer that cannot be stopped cannot be held back either
            long lead = abort == null
                    ? received
                    : readers.stream().mapToLong(r -> r.bytes).max().orElse(0);
            readers.removeIf(r -> r.cutOff(lead, ready));
        }
        long oldest = readers.stream().mapToLong(r -> r.position).min().orElse(dropped + chunks.size());
        while (dropped < oldest && !chunks.isEmpty()) {
            Chunk chunk = chunks.remove(0);
            if (readers.isEmpty()) {
                chunk.release();
            }
            dropped++;
        }
    }

    private void release() {
        for (Chunk chunk : chunks) {
            chunk.release();
        }
        dropped += chunks.size();
        chunks.clear();
    }

    private long unreadByFastest() {
        long fastest = readers.stream().mapToLong(r -> r.bytes).max().orElse(received);
        return received - fastest;
    }

    private void wake(List<Runnable> ready) {
        for (Reader reader : readers) {
            reader.wake(ready);
        }
    }

    /** After a reader moved on or left. */
    private @Nullable Runnable afterReading() {
        List<Runnable> none = new ArrayList<>(0);
        trim(none);
        if (!keeping && readers.isEmpty() && !ended && failure == null) {
            return abort;
        }
        if (more == null || unreadByFastest() >= WINDOW) {
            return null;
        }
        Runnable next = more;
        more = null;
        return next;
    }

    private final class Reader implements Content {
        private long position;
        private long bytes;
        private @Nullable Runnable demand;
        private boolean cut;

        @Override
        public @Nullable Chunk read() throws IOException {
            Chunk chunk;
            Runnable next;
            synchronized (Flight.this) {
                if (cut) {
                    throw new IOException("too far behind the other readers");
                }
                if (failure != null) {
                    throw new IOException(failure.getMessage(), failure);
                }
                int index = (int) (position - dropped);
                if (index >= chunks.size()) {
                    return ended ? END : null;
                }
                Chunk at = chunks.get(index);
                chunk = keeping || readers.size() > 1 ? Chunk.of(at.bytes().duplicate()) : at;
                position++;
                bytes += chunk.length();
                next = afterReading();
            }
            if (next != null) {
                next.run();
            }
            return chunk;
        }

        @Override
        public void demand(Runnable ready) {
            synchronized (Flight.this) {
                if (position - dropped >= chunks.size() && !ended && failure == null && !cut) {
                    demand = ready;
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
                next = readers.remove(this) ? afterReading() : null;
            }
            if (next != null) {
                next.run();
            }
        }

        void wake(List<Runnable> ready) {
            if (demand != null && (position - dropped < chunks.size() || ended || failure != null || cut)) {
                ready.add(demand);
                demand = null;
            }
        }

        boolean cutOff(long lead, List<Runnable> ready) {
            if (lead - bytes <= MAX_LAG) {
                return false;
            }
            cut = true;
            wake(ready);
            return true;
        }
    }
}
