package io.cachingproxy.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Random;
import java.util.stream.IntStream;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.junit.jupiter.api.Test;

class SocketWritesTest {
    private static final int FRAME = 16 * 1024;

    private final ArrayByteBufferPool.Tracking pool = new ArrayByteBufferPool.Tracking();
    private final SocketWrites writes = new SocketWrites(pool);

    /** Takes so many bytes of each write. */
    private static final class Taker implements GatheringByteChannel {
        private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
        private final int most;

        Taker(int most) {
            this.most = most;
        }

        @Override
        public int write(ByteBuffer from) {
            return take(from, most);
        }

        @Override
        public long write(ByteBuffer[] from, int offset, int length) {
            int left = most;
            for (int i = offset; i < offset + length; i++) {
                left -= take(from[i], left);
            }
            return most - left;
        }

        private int take(ByteBuffer from, int limit) {
            byte[] bytes = new byte[Math.min(limit, from.remaining())];
            from.get(bytes);
            taken.writeBytes(bytes);
            return bytes.length;
        }

        @Override
        public long write(ByteBuffer[] from) {
            return write(from, 0, from.length);
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    private static long directBytes() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(memory -> memory.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    private static ByteBuffer[] heapBuffers(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> ByteBuffer.allocate(FRAME))
                .toArray(ByteBuffer[]::new);
    }

    @Test
    void hundreds_of_heap_buffers_keep_no_direct_memory_for_the_thread() throws Exception {
        try (ServerSocketChannel server =
                        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                SocketChannel client = SocketChannel.open(server.getLocalAddress());
                SocketChannel accepted = server.accept()) {
            client.configureBlocking(false);
            ByteBuffer[] frames = heapBuffers(1000);
            long before = directBytes();
            writes.write(client, frames);
            assertThat(directBytes() - before).isLessThan(8 * SocketWrites.COPIED);
            assertThat(frames[0].hasRemaining()).isFalse();
            assertThat(accepted.isConnected()).isTrue();
        }
        assertThat(pool.getLeaks()).isEmpty();
    }

    @Test
    void bytes_arrive_in_order_however_few_the_channel_takes_at_once() throws IOException {
        Random random = new Random(1);
        for (int round = 0; round < 200; round++) {
            ByteArrayOutputStream expected = new ByteArrayOutputStream();
            ByteBuffer[] buffers = new ByteBuffer[1 + random.nextInt(round % 10 == 0 ? 400 : 12)];
            for (int i = 0; i < buffers.length; i++) {
                byte[] bytes =
                        new byte[random.nextInt(5) == 0 ? 0 : random.nextInt(1 + 3 * FRAME / buffers.length * 4)];
                random.nextBytes(bytes);
                expected.writeBytes(bytes);
                buffers[i] = random.nextBoolean()
                        ? ByteBuffer.wrap(bytes).asReadOnlyBuffer()
                        : ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
            }
            Taker taker = new Taker(1 + random.nextInt(2 * SocketWrites.COPIED));
            long written = 0;
            while (written < expected.size()) {
                written += writes.write(taker, buffers);
            }
            assertThat(taker.taken.toByteArray()).isEqualTo(expected.toByteArray());
            assertThat(buffers).noneMatch(ByteBuffer::hasRemaining);
        }
        assertThat(pool.getLeaks()).isEmpty();
    }

    @Test
    void a_long_heap_buffer_is_written_to_its_end_in_one_call() throws IOException {
        ByteBuffer body = ByteBuffer.allocate(10 * SocketWrites.COPIED + 1);
        assertThat(writes.write(new Taker(Integer.MAX_VALUE), body)).isEqualTo(10 * SocketWrites.COPIED + 1);
        assertThat(body.hasRemaining()).isFalse();
    }

    @Test
    void nothing_is_written_of_nothing() throws IOException {
        assertThat(writes.write(new Taker(1), ByteBuffer.allocate(0), ByteBuffer.allocate(0)))
                .isZero();
    }
}
