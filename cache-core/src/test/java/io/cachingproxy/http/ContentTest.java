package io.cachingproxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ContentTest {
    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(Chunk chunk) {
        return StandardCharsets.UTF_8.decode(chunk.copy()).toString();
    }

    @Test
    void buffers_are_read_in_their_order_and_then_the_end_for_ever() throws IOException {
        Content content = Content.of(bytes("a"), bytes("bc"));
        assertThat(text(content.read())).isEqualTo("a");
        assertThat(text(content.read())).isEqualTo("bc");
        assertThat(content.read()).isSameAs(Content.END);
        assertThat(content.read()).isSameAs(Content.END);
    }

    @Test
    void two_readers_of_the_same_buffers_do_not_disturb_each_other() throws IOException {
        ByteBuffer shared = bytes("abc");
        Content.of(shared).read().bytes().get();
        assertThat(text(Content.of(shared).read())).isEqualTo("abc");
    }

    @Test
    void a_demand_is_answered_at_once_also_at_the_end() {
        AtomicInteger calls = new AtomicInteger();
        Content.of(bytes("a")).demand(calls::incrementAndGet);
        Content.empty().demand(calls::incrementAndGet);
        assertThat(calls).hasValue(2);
    }

    @Test
    void cancelled_content_is_at_its_end() throws IOException {
        Content content = Content.of(bytes("a"));
        content.cancel();
        assertThat(content.read()).isSameAs(Content.END);
    }

    @Test
    void empty_content_has_neither_bytes_nor_trailers() throws IOException {
        assertThat(Content.empty().read()).isSameAs(Content.END);
        assertThat(Content.empty().trailers().isEmpty()).isTrue();
        assertThat(Content.END.length()).isZero();
    }

    @Test
    void a_copy_outlives_the_chunk_and_leaves_its_position_alone() {
        byte[] memory = {1, 2, 3};
        Chunk chunk = Chunk.of(ByteBuffer.wrap(memory, 1, 2));
        ByteBuffer copy = chunk.copy();
        memory[1] = 9;
        assertThat(copy).isEqualTo(ByteBuffer.wrap(new byte[] {2, 3}));
        assertThat(chunk.length()).isEqualTo(2);
    }
}
