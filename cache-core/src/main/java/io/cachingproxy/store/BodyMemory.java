package io.cachingproxy.store;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that bodies are put into: on the heap, or for long ones outside it, whence a socket takes them without a
 * copy. What is outside is bounded, and given back when no reader can reach it any more, as the garbage collector finds
 * out; beyond the bound all is on the heap.
 */
final class BodyMemory {
    static final BodyMemory HEAP = new BodyMemory(0);

    /** Bodies shorter than this are on the heap: to copy them costs little. */
    private static final int LONG = 64 * 1024;

    /** How much is in one piece; on the heap no more than is an ordinary object in every region size of G1. */
    private static final int HEAP_PIECE = 128 * 1024;

    private static final int OUTSIDE_PIECE = 1024 * 1024;

    private final long bound;
    private final AtomicLong taken = new AtomicLong();

    private BodyMemory(long bound) {
        this.bound = bound;
    }

    /** Memory outside the heap for long bodies, up to that many bytes, and to half of what Java may take there. */
    static BodyMemory outside(long bound) {
        return new BodyMemory(bound);
    }

    /** How many bytes outside the heap are not given back yet. */
    long taken() {
        return taken.get();
    }

    /** An empty piece for the next of {@code left} bytes of a body that is {@code length} bytes long. */
    ByteBuffer piece(long length, long left) {
        int size = (int) Math.min(left, OUTSIDE_PIECE);
        return length >= LONG && takes(size) ? outside(size) : ByteBuffer.allocate((int) Math.min(left, HEAP_PIECE));
    }

    private boolean takes(int size) {
        if (bound == 0) {
            return false;
        }
        if (taken.addAndGet(size) <= Math.min(bound, Platform.HALF)) {
            return true;
        }
        taken.addAndGet(-size);
        return false;
    }

    private ByteBuffer outside(int size) {
        ByteBuffer piece = ByteBuffer.allocateDirect(size);
        AtomicLong counted = taken;
        Platform.CLEANER.register(piece, () -> counted.addAndGet(-size));
        return piece;
    }

    /** What is asked of the platform once, when the first long body comes. */
    private static final class Platform {
        static final Cleaner CLEANER = Cleaner.create();
        static final long HALF = maximum() / 2;

        private Platform() {}

        /** What {@code -XX:MaxDirectMemorySize} says; without it, Java takes as much as for the heap. */
        private static long maximum() {
            HotSpotDiagnosticMXBean options = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
            long set = options == null
                    ? 0
                    : Long.parseLong(options.getVMOption("MaxDirectMemorySize").getValue());
            return set > 0 ? set : Runtime.getRuntime().maxMemory();
        }
    }
}
