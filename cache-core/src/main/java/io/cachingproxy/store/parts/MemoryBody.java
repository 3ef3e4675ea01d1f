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
 * as transient while somebody uses it. Users are open contents, chunks that were not released, and whoever called {@link
 * #enter}.
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
     * A body that has one user.
     *
     * @param pieces from position 0 to limit; nobody changes them any more
     * @param capacity the bytes that they take, which were taken from {@code memory}
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
     * A body of pieces that were taken from {@code memory} as transient bytes. It has one user, and gives them back.
     *
     * @param capacity the bytes that were taken
     */
    public static MemoryBody of(BodyMemory memory, List<ByteBuffer> pieces, long capacity) {
        long length = pieces.stream().mapToLong(ByteBuffer::remaining).sum();
        return new MemoryBody(memory, pieces.toArray(ByteBuffer[]::new), length, capacity);
    }

    /** A body of copies of these chunks, in few pieces: each piece costs a write to each client. It has one user. */
    public static MemoryBody copied(BodyMemory memory, List<ByteBuffer> chunks) {
        long length = chunks.stream().mapToLong(ByteBuffer::remaining).sum();
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

    @Override
    public long length() {
        return length;
    }

    @Override
    public long bytes() {
        return capacity;
    }

    /** One user more. */
    void enter() {
        change(USER);
    }

    /** One user less. */
    public void leave() {
        change(-USER);
    }

    /** The store has it. */
    public void stored() {
        change(STORED);
    }

    /** The store does not have it any more. */
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

    /** Cuts off all readers: while one of them makes progress, none is. */
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

    /** The content for one reader. The chunks keep the body in use until they are released. */
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
                enter(); // else the chunk takes the place of this content
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
