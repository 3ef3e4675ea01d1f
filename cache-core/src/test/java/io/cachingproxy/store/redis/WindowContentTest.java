package io.cachingproxy.store.redis;

import static io.cachingproxy.store.Responses.bytes;
import static io.cachingproxy.store.Responses.random;
import static io.cachingproxy.store.redis.WindowedBody.WINDOW;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Content;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
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
