package io.cachingproxy;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.store.BodyMemory;
import io.cachingproxy.store.parts.MemoryBody;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a body in flight that readers may still need: pieces of memory that are filled one after the other, and
 * chunks lent by the producer. Segments are numbered consecutively from 0, and dropping one does not change the
 * numbers. Not thread-safe: guarded by the lock of {@link Flight}.
 */
final class Segments {
    private static final int SMALLEST_PIECE = 4 * 1024;
    private static final int SMALLEST_JOINED = 1024;
    private static final int LARGEST_PIECE = 1024 * 1024;

    /** A complete body up to this length is stored in one piece. */
    private static final int ONE_PIECE = 1024 * 1024;

    /** A piece that is being filled, or a chunk. */
    static final class Segment {
        /** The bytes of the segment, valid from 0 to {@link #length}. */
        private final ByteBuffer bytes;
        /** The bytes charged to the budget. */
        private final int capacity;
        /** A chunk lent by the producer, which its only reader releases; null once handed over. */
        private @Nullable Chunk lent;

        private int length;
        /** Number of slices that are not released yet. */
        private int slices;

        private Segment(ByteBuffer bytes, int capacity, int length, @Nullable Chunk lent) {
            this.bytes = bytes;
            this.capacity = capacity;
            this.length = length;
            this.lent = lent;
        }

        int length() {
            return length;
        }

        /** The chunk for its only reader, if the segment is a chunk of the producer. */
        @Nullable
        Chunk handOver() {
            Chunk chunk = lent;
            lent = null;
            return chunk;
        }

        ByteBuffer slice(int from, int count) {
            slices++;
            return bytes.slice(from, count);
        }

        void released() {
            slices--;
        }
    }

    private final BodyMemory memory;
    private final List<Segment> segments = new ArrayList<>(2);
    private long dropped;
    private long capacity;
    private int offered;

    Segments(BodyMemory memory) {
        this.memory = memory;
    }

    /** The bytes charged to the budget. */
    long capacity() {
        return capacity;
    }

    /** The number of the first segment that is not dropped. */
    long first() {
        return dropped;
    }

    /** The segment with this number, null if it does not exist yet. */
    @Nullable
    Segment at(long number) {
        int index = (int) (number - dropped);
        return index < segments.size() ? segments.get(index) : null;
    }

    /** Whether this segment is complete. */
    boolean isClosed(long number) {
        return number - dropped < segments.size() - 1 || isFull(segments.get(segments.size() - 1));
    }

    private static boolean isFull(Segment segment) {
        return segment.capacity == 0 || segment.length == segment.bytes.capacity();
    }

    /**
     * Appends a copy of {@code from}.
     *
     * @param announced the length of the whole body, -1 if unknown
     * @param before number of bytes before {@code from}
     * @return false if memory is short; then nothing was copied
     */
    boolean append(ByteBuffer from, long announced, long before) {
        Segment last = segments.isEmpty() ? null : segments.get(segments.size() - 1);
        int space = last == null || isFull(last) ? 0 : last.bytes.capacity() - last.length;
        List<ByteBuffer> more = new ArrayList<>(1);
        long at = before + space;
        for (long missing = from.remaining() - (long) space; missing > 0; ) {
            ByteBuffer piece = taken(announced, at, missing);
            if (piece == null) {
                more.forEach(one -> memory.give(one.capacity()));
                return false;
            }
            more.add(piece);
            at += piece.capacity();
            missing -= piece.capacity();
        }
        ByteBuffer rest = from.duplicate();
        if (last != null && space > 0) {
            fill(last, rest);
        }
        for (ByteBuffer piece : more) {
            Segment segment = new Segment(piece, piece.capacity(), 0, null);
            capacity += piece.capacity();
            segments.add(segment);
            fill(segment, rest);
        }
        return true;
    }

    private @Nullable ByteBuffer taken(long announced, long before, long missing) {
        if (announced >= 0) {
            return memory.tryPiece(announced, Math.max(missing, announced - before));
        }
        long grown = Math.max(missing, Math.min(LARGEST_PIECE, Math.max(SMALLEST_PIECE, before)));
        ByteBuffer piece = memory.tryPiece(before + grown, grown);
        return piece == null && grown > missing ? memory.tryPiece(before + missing, missing) : piece;
    }

    private static void fill(Segment segment, ByteBuffer rest) {
        int count = Math.min(rest.remaining(), segment.bytes.capacity() - segment.length);
        segment.bytes.put(segment.length, rest, rest.position(), count);
        rest.position(rest.position() + count);
        segment.length += count;
    }

    /** Appends a copy of a small chunk to a shared piece, because a piece for each would waste memory. */
    void join(ByteBuffer from) {
        ByteBuffer rest = from.duplicate();
        while (rest.hasRemaining()) {
            if (segments.isEmpty() || isFull(segments.get(segments.size() - 1))) {
                int size = Math.max(rest.remaining(), SMALLEST_JOINED);
                memory.take(size);
                capacity += size;
                segments.add(new Segment(ByteBuffer.allocate(size), size, 0, null));
            }
            fill(segments.get(segments.size() - 1), rest);
        }
    }

    /** Appends a copy of {@code from} as a segment of its own, whose memory is charged to the budget already. */
    void copy(ByteBuffer from) {
        ByteBuffer copy = ByteBuffer.allocate(from.remaining()).put(from.duplicate());
        capacity += copy.capacity();
        segments.add(new Segment(copy, copy.capacity(), copy.capacity(), null));
    }

    /** Appends a chunk lent to the only reader. */
    void lend(Chunk chunk) {
        segments.add(new Segment(chunk.bytes(), 0, chunk.length(), chunk));
    }

    /** Offers full pieces to the store; the last one only at the end. */
    boolean offer(Predicate<ByteBuffer> store, boolean end) {
        for (; offered < segments.size(); offered++) {
            Segment segment = segments.get(offered);
            if (!end && !isFull(segment)) {
                return true;
            }
            if (!store.test(segment.bytes.slice(0, segment.length).asReadOnlyBuffer())) {
                return false;
            }
        }
        return true;
    }

    /**
     * The complete body. It takes over the memory of the pieces, or copies them if they waste too much memory or are
     * too many.
     */
    MemoryBody body() {
        List<ByteBuffer> pieces = new ArrayList<>(segments.size());
        long length = 0;
        for (Segment segment : segments) {
            pieces.add(segment.bytes.slice(0, segment.length));
            length += segment.length;
        }
        boolean tidy = capacity - length <= length / 8 && (pieces.size() <= 1 || length > ONE_PIECE);
        if (!tidy) {
            return MemoryBody.copied(memory, pieces);
        }
        MemoryBody body = MemoryBody.of(memory, pieces, capacity);
        capacity = 0;
        return body;
    }

    /** Drops the first segment; false if it is incomplete or a reader still has a slice of it. */
    boolean dropFirst() {
        if (segments.isEmpty() || segments.get(0).slices > 0 || !isClosed(dropped)) {
            return false;
        }
        Segment first = segments.remove(0);
        dropped++;
        giveBack(first);
        return true;
    }

    private void giveBack(Segment segment) {
        Chunk chunk = segment.handOver();
        if (chunk != null) {
            chunk.release();
        }
        if (capacity > 0) {
            capacity -= segment.capacity;
            memory.give(segment.capacity);
        }
    }

    /** Drops all segments. */
    void clear() {
        dropped += segments.size();
        segments.forEach(this::giveBack);
        segments.clear();
    }
}
