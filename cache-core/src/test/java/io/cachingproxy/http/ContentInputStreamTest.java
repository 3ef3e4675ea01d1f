package io.cachingproxy.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** {@link Content#asInputStream}. */
class ContentInputStreamTest {
    private final PushedContent content = new PushedContent();
    private final InputStream stream = content.asInputStream();

    private CompletableFuture<String> readLater() {
        CompletableFuture<String> read = CompletableFuture.supplyAsync(() -> {
            try {
                return new String(stream.readAllBytes(), UTF_8);
            } catch (IOException broken) {
                throw new CompletionException(broken);
            }
        });
        await().until(content::isDemanded);
        return read;
    }

    @Test
    void bytes_that_are_there_are_read_and_then_the_end_for_ever() throws IOException {
        content.push("ab").push("").push("c").end();
        assertThat(stream.read()).isEqualTo('a');
        assertThat(stream.available()).isEqualTo(1);
        assertThat(stream.readAllBytes()).isEqualTo("bc".getBytes(UTF_8));
        assertThat(stream.read()).isEqualTo(-1);
        assertThat(content.unreleased()).isZero();
    }

    @Test
    void bytes_above_127_are_not_negative() throws IOException {
        content.push("ä").end();
        assertThat(stream.read()).isEqualTo(0xc3);
    }

    @Test
    void a_read_blocks_until_bytes_are_there() {
        CompletableFuture<String> read = readLater();
        content.push("hel");
        await().until(content::isDemanded);
        assertThat(read).isNotDone();
        content.push("lo").end();
        assertThat(read.orTimeout(20, TimeUnit.SECONDS).join()).isEqualTo("hello");
    }

    @Test
    void a_read_fails_when_the_content_breaks_off() throws IOException {
        content.push("a");
        content.fail(new IOException("broken off"));
        assertThat(stream.read()).isEqualTo('a');
        assertThatThrownBy(stream::read).isInstanceOf(IOException.class).hasMessage("broken off");
    }

    @Test
    void closing_cancels_and_gives_back_the_chunk() throws IOException {
        content.push("abc");
        assertThat(stream.read()).isEqualTo('a');
        stream.close();
        stream.close();
        assertThat(content.isCancelled()).isTrue();
        assertThat(content.unreleased()).isZero();
        assertThatThrownBy(stream::read).isInstanceOf(IOException.class).hasMessage("the stream is closed");
    }

    @Test
    void closing_ends_a_read_that_blocks_in_another_thread() throws IOException {
        CompletableFuture<String> read = readLater();
        stream.close();
        assertThatThrownBy(read::join).hasRootCauseMessage("the stream is closed");
    }

    @Test
    void an_interrupted_read_fails_and_the_next_one_goes_on_with_the_same_demand() throws IOException {
        Thread.currentThread().interrupt();
        assertThatThrownBy(stream::read).isInstanceOf(InterruptedIOException.class);
        assertThat(Thread.interrupted()).isTrue();
        content.push("a");
        assertThat(stream.read()).isEqualTo('a');
    }
}
