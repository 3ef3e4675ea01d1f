package io.cachingproxy.jetty.hit;

import java.nio.ByteBuffer;

/** Buffers of a thread for a response that is written at once. Not to be retained. */
final class ThreadBuffers {
    /** Maximum number of bytes that are copied, so that head and content are one buffer. */
    static final int SHORT = 32 << 10;

    private static final int LONGEST_HEAD = 8 << 10;

    private static final ThreadLocal<ThreadBuffers> OWN = ThreadLocal.withInitial(ThreadBuffers::new);

    final byte[] head = new byte[LONGEST_HEAD];
    final ByteBuffer out = ByteBuffer.allocateDirect(SHORT);

    private ThreadBuffers() {}

    static ThreadBuffers get() {
        return OWN.get();
    }
}
