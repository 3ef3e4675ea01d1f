package io.cachingproxy.testkit;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.RetainableByteBuffer;

/** Lends a new buffer each time, and leaves a mark on each that comes back. */
public final class MarkingPool extends ByteBufferPool.Wrapper {
    private static final int POSITION = 3;
    private static final int LIMIT = 7;
    private static final byte MARK = 0x55;

    private final ConcurrentLinkedQueue<ByteBuffer> returned = new ConcurrentLinkedQueue<>();

    public MarkingPool() {
        super(ByteBufferPool.NON_POOLING);
    }

    @Override
    public RetainableByteBuffer.Mutable acquire(int size, boolean direct) {
        ByteBuffer buffer = super.acquire(size, direct).getByteBuffer();
        return RetainableByteBuffer.wrap(buffer, () -> {
            buffer.clear();
            while (buffer.hasRemaining()) {
                buffer.put(MARK);
            }
            buffer.limit(LIMIT).position(POSITION);
            returned.add(buffer);
        });
    }

    /** How many buffers came back. */
    public int returned() {
        return returned.size();
    }

    /** What was done to buffers after they had come back; to be asked when nobody is at work any more. */
    public List<String> touched() {
        List<String> touched = new ArrayList<>();
        for (ByteBuffer buffer : returned) {
            if (buffer.position() != POSITION || buffer.limit() != LIMIT) {
                touched.add("moved: " + buffer);
            }
            byte[] bytes = new byte[buffer.capacity()];
            buffer.clear().get(bytes);
            byte[] marks = new byte[bytes.length];
            Arrays.fill(marks, MARK);
            if (!Arrays.equals(bytes, marks)) {
                touched.add("written to: " + buffer);
            }
        }
        return touched;
    }
}
