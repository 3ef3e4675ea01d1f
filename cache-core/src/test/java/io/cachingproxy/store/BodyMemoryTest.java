package io.cachingproxy.store;

import static io.cachingproxy.testkit.StoredResponses.join;
import static io.cachingproxy.testkit.StoredResponses.response;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.store.parts.MemoryBody;
import io.cachingproxy.testkit.CacheStoreContract;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Long bodies outside the heap; the contract of the store holds for them as for all. */
class BodyMemoryTest extends CacheStoreContract {
    private static final int CHUNK = 32 * 1024;

    @Override
    protected CacheStore open() {
        return MemoryStore.outsideHeap(32 << 20, MAX_OBJECT);
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private static ByteBuffer[] chunks(byte[] body) {
        ByteBuffer[] chunks = new ByteBuffer[(body.length + CHUNK - 1) / CHUNK];
        for (int i = 0; i < chunks.length; i++) {
            chunks[i] = ByteBuffer.wrap(body, i * CHUNK, Math.min(CHUNK, body.length - i * CHUNK));
        }
        return chunks;
    }

    private static MemoryBody body(byte[] bytes, BodyMemory memory) {
        return MemoryBody.copied(memory, List.of(chunks(bytes)));
    }

    private static byte[] read(Content content) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Chunk chunk = content.read(); chunk != null && chunk != Content.END; chunk = content.read()) {
            all.write(chunk.copy().array());
        }
        return all.toByteArray();
    }

    @Test
    void long_bodies_are_outside_the_heap_and_are_the_same() throws IOException {
        BodyMemory memory = BodyMemory.outsideHeap(8 << 20);
        byte[] sent = random(2_500_000);
        MemoryBody body = body(sent, memory);
        assertThat(memory.directBytes()).isEqualTo(sent.length);
        assertThat(read(body.read())).isEqualTo(sent);
        assertThat(read(body.read(1_048_000, 2_000))).isEqualTo(Arrays.copyOfRange(sent, 1_048_000, 1_050_000));
    }

    @Test
    void short_bodies_are_on_the_heap() {
        BodyMemory memory = BodyMemory.outsideHeap(8 << 20);
        body(random(60_000), memory);
        assertThat(memory.directBytes()).isZero();
    }

    @Test
    void beyond_the_bound_bodies_are_on_the_heap() throws IOException {
        BodyMemory memory = BodyMemory.outsideHeap(1_500_000);
        byte[] sent = random(2_500_000);
        MemoryBody body = body(sent, memory);
        assertThat(memory.directBytes()).isLessThanOrEqualTo(1_500_000);
        assertThat(read(body.read())).isEqualTo(sent);
    }

    @Test
    void memory_comes_back_once_nobody_can_read_it() throws IOException {
        BodyMemory memory = BodyMemory.outsideHeap(8 << 20);
        Content reading = body(random(300_000), memory).read();
        body(random(200_000), memory);
        await().untilAsserted(() -> {
            System.gc();
            assertThat(memory.directBytes()).isEqualTo(300_000);
        });
        assertThat(read(reading)).isEqualTo(random(300_000));
    }

    @Test
    void a_store_has_its_long_bodies_there() {
        MemoryStore memory = MemoryStore.outsideHeap(32 << 20, 8 << 20);
        Fill fill = memory.fill(key);
        for (ByteBuffer chunk : chunks(random(300_000))) {
            fill.write(chunk);
        }
        assertThat(join(fill.commit(response()))).isTrue();
        Chunk first = firstChunk(memory);
        assertThat(first.bytes().isDirect()).isTrue();
        assertThat(first.length()).isEqualTo(300_000);
    }

    private Chunk firstChunk(MemoryStore memory) {
        try {
            return Objects.requireNonNull(
                    join(memory.find(key)).get(0).body().read().read());
        } catch (IOException impossible) { // it is in memory
            throw new AssertionError(impossible);
        }
    }
}
