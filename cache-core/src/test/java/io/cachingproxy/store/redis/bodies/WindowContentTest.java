package io.cachingproxy.store.redis.bodies;

import static io.cachingproxy.store.redis.bodies.WindowedBody.WINDOW;
import static io.cachingproxy.testkit.StoredResponses.bytes;
import static io.cachingproxy.testkit.StoredResponses.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachingproxy.http.Content;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class WindowContentTest {
    private final byte[] sent = random(10 * WINDOW + 1);
    private final List<Long> asked = new ArrayList<>();
    private final WindowedBody body = new WindowedBody("id", 1, sent.length, checksums(), 0, (from, to, begun) -> {
        asked.add(from / WINDOW);
        return CompletableFuture.completedFuture(Arrays.copyOfRange(sent, (int) from, (int) to));
    });

    private int[] checksums() {
        int[] checksums = new int[WindowedBody.windows(sent.length)];
        for (int i = 0; i < checksums.length; i++) {
            byte[] window = Arrays.copyOfRange(sent, i * WINDOW, Math.min((i + 1) * WINDOW, sent.length));
            checksums[i] = WindowedBody.checksum(window, window.length);
        }
        return checksums;
    }

    @Test
    void a_reader_has_one_window_and_two_are_read_ahead() throws IOException {
        Content content = body.read();
        assertThat(asked).isEmpty();
        content.read();
        assertThat(asked).containsExactly(0L, 1L, 2L);
        content.read();
        assertThat(asked).containsExactly(0L, 1L, 2L, 3L);
        content.cancel();
        assertThat(content.read()).isSameAs(Content.END);
        assertThat(asked).hasSize(4);
    }

    @Test
    void a_range_reads_only_the_windows_that_it_is_in() throws IOException {
        assertThat(bytes(body.read(3 * WINDOW - 1, 2)))
                .isEqualTo(Arrays.copyOfRange(sent, 3 * WINDOW - 1, 3 * WINDOW + 1));
        assertThat(asked).containsExactly(2L, 3L);
    }

    @Test
    void readers_at_the_same_place_have_one_window_between_them_and_each_gets_all_bytes() throws IOException {
        ReadAhead ahead = new ReadAhead(4 * WINDOW);
        List<Content> readers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            readers.add(shared(ahead).read());
        }
        List<byte[]> received = new ArrayList<>(Collections.nCopies(20, new byte[0]));
        for (int window = 0; window <= 10; window++) {
            for (int i = 0; i < 20; i++) {
                received.set(i, joined(received.get(i), readers.get(i).read().copy()));
                assertThat(ahead.bytes()).isLessThanOrEqualTo(4 * WINDOW);
            }
        }
        assertThat(received).allMatch(bytes -> Arrays.equals(bytes, sent));
        assertThat(asked).doesNotHaveDuplicates();
        assertThat(ahead.bytes()).isZero();
    }

    @Test
    void where_there_is_no_room_a_reader_gets_the_window_that_it_needs_and_none_is_read_ahead() throws IOException {
        ReadAhead ahead = new ReadAhead(1);
        Content content = shared(ahead).read();
        content.read();
        assertThat(asked).containsExactly(0L, 1L);
        assertThat(ahead.bytes()).isEqualTo(2 * WINDOW);
        content.cancel();
        assertThat(ahead.bytes()).isZero();
    }

    @Test
    void a_window_that_could_not_be_read_is_asked_for_again_by_the_next_reader() {
        ReadAhead ahead = new ReadAhead(Long.MAX_VALUE);
        WindowedBody lost = new WindowedBody("id", 1, sent.length, checksums(), 0, source(ahead, new byte[0]));
        Content content = lost.read();
        assertThatThrownBy(content::read).isInstanceOf(IOException.class);
        assertThatCode(() -> shared(ahead).read().read()).doesNotThrowAnyException();
        content.cancel();
    }

    private WindowedBody shared(ReadAhead ahead) {
        return new WindowedBody("id", 1, sent.length, checksums(), 0, source(ahead, sent));
    }

    private WindowedBody.Source source(ReadAhead ahead, byte[] from) {
        return new WindowedBody.Source() {
            @Override
            public CompletableFuture<byte[]> bytes(long first, long to, boolean begun) {
                asked.add(first / WINDOW);
                return CompletableFuture.completedFuture(
                        from.length == 0 ? from : Arrays.copyOfRange(from, (int) first, (int) to));
            }

            @Override
            public ReadAhead ahead() {
                return ahead;
            }
        };
    }

    private static byte[] joined(byte[] first, ByteBuffer second) {
        byte[] all = Arrays.copyOf(first, first.length + second.remaining());
        second.get(all, first.length, second.remaining());
        return all;
    }

    @Test
    void a_body_is_kept_only_where_someone_keeps_it() throws IOException {
        WindowedBody keeping = body.keeping(null);
        assertThat(bytes(keeping.lent().read())).isEqualTo(sent);
        assertThat(keeping.isHere()).isTrue();
        assertThat(body.isHere()).isFalse();
        asked.clear();
        assertThat(bytes(body.keeping(keeping).read())).isEqualTo(sent);
        assertThat(asked).isEmpty();
    }
}
