package io.cachingproxy.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** {@link Content#readAll}. */
class ContentCollectorTest {
    private static CompletableFuture<byte[]> readAll(Content content, int max) {
        return content.readAll(max).toCompletableFuture();
    }

    private static Throwable failure(CompletableFuture<byte[]> read) {
        assertThat(read).isCompletedExceptionally();
        return read.handle((bytes, failure) -> failure).join();
    }

    @Test
    void content_that_is_there_is_read_at_once() {
        Content content = Content.of(ByteBuffer.wrap("ab".getBytes(UTF_8)), ByteBuffer.wrap("c".getBytes(UTF_8)));
        assertThat(readAll(content, 3))
                .isCompletedWithValueMatching(bytes -> Arrays.equals(bytes, "abc".getBytes(UTF_8)));
        assertThat(readAll(Content.empty(), 0))
                .isCompletedWithValueMatching(bytes -> Arrays.equals(bytes, new byte[0]));
    }

    @Test
    void content_that_comes_later_is_awaited_without_a_thread() {
        PushedContent content = new PushedContent();
        CompletableFuture<byte[]> read = readAll(content, 10);
        content.push("he");
        content.push("llo");
        assertThat(read).isNotDone();
        content.end();
        assertThat(read).isCompletedWithValueMatching(bytes -> Arrays.equals(bytes, "hello".getBytes(UTF_8)));
        assertThat(content.unreleased()).isZero();
        assertThat(content.isCancelled()).isFalse();
    }

    @Test
    void content_of_the_limit_is_read_and_one_byte_more_is_refused_and_cancelled() {
        assertThat(readAll(new PushedContent().push("abcd").end(), 4))
                .isCompletedWithValueMatching(bytes -> Arrays.equals(bytes, "abcd".getBytes(UTF_8)));
        PushedContent longer = new PushedContent();
        CompletableFuture<byte[]> read = readAll(longer, 4);
        longer.push("abcd").push("e");
        assertThat(failure(read))
                .isInstanceOf(ContentTooLongException.class)
                .hasMessage("the content is longer than 4 bytes");
        assertThat(longer.isCancelled()).isTrue();
        assertThat(longer.unreleased()).isZero();
    }

    @Test
    void content_that_breaks_off_fails_with_its_reason() {
        PushedContent content = new PushedContent();
        CompletableFuture<byte[]> read = readAll(content, 10);
        content.push("he");
        IOException broken = new IOException("broken off");
        content.fail(broken);
        assertThat(failure(read)).isSameAs(broken);
    }

    @Test
    void a_large_content_is_read_byte_for_byte() {
        byte[] sent = new byte[300_001];
        for (int i = 0; i < sent.length; i++) {
            sent[i] = (byte) (i * 31);
        }
        ByteBuffer[] pieces = new ByteBuffer[301];
        for (int i = 0; i < pieces.length; i++) {
            pieces[i] = ByteBuffer.wrap(sent, i * 1000, Math.min(1000, sent.length - i * 1000));
        }
        assertThat(readAll(Content.of(pieces), Integer.MAX_VALUE))
                .isCompletedWithValueMatching(bytes -> Arrays.equals(bytes, sent));
    }

    @Test
    void a_demand_that_is_answered_at_once_every_time_does_not_deepen_the_stack() {
        Content hesitant = new Content() {
            private int calls;

            @Override
            public @Nullable Chunk read() {
                calls++;
                return calls > 200_000 ? END : calls % 2 == 0 ? Chunk.of(ByteBuffer.allocate(1)) : null;
            }

            @Override
            public void demand(Runnable ready) {
                ready.run();
            }

            @Override
            public void cancel() {}
        };
        assertThat(readAll(hesitant, 1 << 20)).isCompletedWithValueMatching(bytes -> bytes.length == 100_000);
    }

    @Test
    void a_negative_limit_is_refused() {
        assertThatThrownBy(() -> Content.empty().readAll(-1)).isInstanceOf(IllegalArgumentException.class);
    }
}
