package io.cachingproxy.store.parts;

import io.cachingproxy.http.Body;
import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.store.BodyMemory;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A complete body in the memory of this process, counted in a {@link BodyMemory}: by the store while it is stored, else
 * as transient while it has users. Users are open contents, unreleased chunks, and callers of {@link #enter}.
 */
public final class MemoryBody implements Body, BodyMemory.Holder {
    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(MemoryBody.class, "state", int.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private static final int STORED = 1;
    private static final int USER = 2;

    private final BodyMemory memory;
    private final ByteBuffer[] pieces;
    private final long length;
    private final long capacity;
    private final Runnable leave = this::leave;

    @SuppressWarnings("unused") // by STATE: two for each user, and one while it is stored
    private volatile int state;

    private volatile long movedAt;
    private volatile boolean cutOff;

    /**
     * Creates a body with one user.
     *
     * @param pieces from position 0 to limit; not modified any more
     * @param capacity the bytes charged to {@code memory} for them
     */
    private MemoryBody(BodyMemory memory, ByteBuffer[] pieces, long length, long capacity) {
        this.memory = memory;
        this.pieces = pieces;
        this.length = length;
        this.capacity = capacity;
        this.state = USER;
        this.movedAt = memory.now();
    }

    /**
     * Creates a body of pieces that were charged to {@code memory} as transient bytes. It has one user, and returns the
     * bytes.
     *
     * @param capacity the bytes charged
     */
    public static MemoryBody of(BodyMemory memory, List<ByteBuffer> pieces, long capacity) {
        long length = remaining(pieces);
        return new MemoryBody(memory, pieces.toArray(ByteBuffer[]::new), length, capacity);
    }

    /**
     * Creates a body of copies of these chunks, in few pieces, because each piece costs a write to each client. It has
     * one user.
     */
    public static MemoryBody copied(BodyMemory memory, List<ByteBuffer> chunks) {
        long length = remaining(chunks);
        memory.take(length);
        List<ByteBuffer> pieces = new ArrayList<>();
        long left = length;
        ByteBuffer piece = null;
        for (ByteBuffer chunk : chunks) {
            ByteBuffer from = chunk.duplicate();
            while (from.hasRemaining()) {
                if (piece == null || !piece.hasRemaining()) {
                    piece = memory.piece(length, left);
                    left -= piece.remaining();
                    pieces.add(piece);
                }
                int count = Math.min(from.remaining(), piece.remaining());
                piece.put(from.slice(from.position(), count));
                from.position(from.position() + count);
            }
        }
        pieces.forEach(ByteBuffer::flip);
        return new MemoryBody(memory, pieces.toArray(ByteBuffer[]::new), length, length);
    }

    private static long remaining(List<ByteBuffer> buffers) {
        long sum = 0;
        for (ByteBuffer buffer : buffers) {
            sum += buffer.remaining();
        }
        return sum;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public long bytes() {
        return capacity;
    }

    /** Adds a user. */
    void enter() {
        change(USER);
    }

    /** Removes a user. */
    public void leave() {
        change(-USER);
    }

    /** Marks the body as stored. */
    public void stored() {
        change(STORED);
    }

    /** Marks the body as evicted from the store. */
    public void evicted() {
        movedAt = memory.now();
        change(-STORED);
    }

    private void change(int by) {
        int before = (int) STATE.getAndAdd(this, by);
        boolean was = isTransient(before);
        boolean is = isTransient(before + by);
        if (was == is) {
            return;
        }
        if (is) {
            memory.take(capacity);
            memory.track(this);
        } else {
            memory.give(capacity);
            memory.untrack(this);
        }
    }

    private static boolean isTransient(int state) {
        return (state & STORED) == 0 && state >= USER;
    }

    @Override
    public long stalledSince(long now) {
        return movedAt;
    }

    /** Cuts off all readers; never happens while one of them makes progress. */
    @Override
    public void cutOff(long before) {
        if (movedAt - before < 0) {
            cutOff = true;
        }
    }

    @Override
    public Content read(long from, long count) {
        Objects.checkFromIndexSize(from, count, length);
        return new Reading(from, count);
    }

    /** The content for one reader. Its chunks keep the body in use until they are released. */
    private final class Reading implements Content {
        private int next;
        private int skip;
        private long left;
        private boolean open;

        Reading(long from, long count) {
            long start = from;
            while (next < pieces.length && start >= pieces[next].limit()) {
                start -= pieces[next++].limit();
            }
            this.skip = (int) start;
            this.left = count;
        }

        @Override
        public @Nullable Chunk read() throws IOException {
            if (left == 0) {
                return END;
            }
            if (cutOff) {
                throw new IOException("the client read too slowly while memory was short");
            }
            if (!open) {
                open = true;
                enter();
            }
            if ((state & STORED) == 0) {
                movedAt = memory.now();
            }
            ByteBuffer piece = pieces[next++];
            int count = (int) Math.min(left, piece.limit() - skip);
            ByteBuffer bytes = piece.slice(skip, count);
            skip = 0;
            left -= count;
            if (left > 0) {
                enter(); // otherwise the chunk replaces this content as a user
            }
            return new Chunk(bytes, leave);
        }

        @Override
        public void demand(Runnable ready) {
            ready.run();
        }

        @Override
        public void cancel() {
            if (open && left > 0) {
                leave();
            }
            left = 0;
        }

        @Override
        public boolean isCutOff() {
            return cutOff;
        }
    }
}
