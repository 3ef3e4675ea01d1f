package io.cachingproxy;

import static io.cachingproxy.testkit.Messages.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.testkit.Messages.Request;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class QueryContentTest {
    private static final Request QUERY = request("QUERY").header("Content-Type", "a/b");

    private static Content content(String... pieces) {
        ByteBuffer[] buffers = new ByteBuffer[pieces.length];
        for (int i = 0; i < pieces.length; i++) {
            buffers[i] = ByteBuffer.wrap(pieces[i].getBytes(StandardCharsets.UTF_8));
        }
        return Content.of(buffers);
    }

    private static QueryContent.Query read(Request request, Content content) {
        return QueryContent.read(request.head(), content).toCompletableFuture().join();
    }

    private static String digest(Request request, String... pieces) {
        return read(request, content(pieces)).head().contentDigest();
    }

    private static long length(Content content) throws IOException {
        long length = 0;
        for (Chunk chunk = content.read(); chunk != Content.END; chunk = content.read()) {
            length += chunk.length();
        }
        return length;
    }

    // RFC 10008 §2.7
    @Test
    void the_digest_is_of_the_content_however_it_comes_in_pieces() {
        assertThat(digest(QUERY, "a", "bc")).isNotNull().isEqualTo(digest(QUERY, "abc"));
        assertThat(digest(QUERY, "abc")).isNotEqualTo(digest(QUERY, "abd"));
    }

    // RFC 10008 §2.7
    @Test
    void the_digest_is_of_its_type_too() {
        assertThat(digest(QUERY, "abc")).isNotEqualTo(digest(request("QUERY").header("Content-Type", "c/d"), "abc"));
        assertThat(digest(QUERY, "abc")).isNotEqualTo(digest(QUERY.header("Content-Encoding", "gzip"), "abc"));
        assertThat(digest(request("QUERY").header("Content-Type", "a"), "b"))
                .isNotEqualTo(digest(request("QUERY").header("Content-Type", "ab"), ""));
    }

    @Test
    void what_was_digested_is_still_all_there() throws IOException {
        assertThat(length(read(QUERY, content("ab", "c")).content())).isEqualTo(3);
    }

    @Test
    void content_over_the_limit_has_no_digest_and_is_still_all_there() throws IOException {
        assertThat(digest(QUERY, "x".repeat(QueryContent.MAX))).isNotNull();
        QueryContent.Query query = read(QUERY, content("x".repeat(QueryContent.MAX), "y", "z"));
        assertThat(query.head().contentDigest()).isNull();
        assertThat(length(query.content())).isEqualTo(QueryContent.MAX + 2);
    }
}
