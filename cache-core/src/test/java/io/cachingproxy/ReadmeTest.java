package io.cachingproxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.policy.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What the READMEs say is so. */
class ReadmeTest {
    @Test
    void the_ten_lines_of_the_library_do_what_they_say() {
        HttpCache cache = HttpCache.builder().policy(Policy.rfc9111()).build();
        Origin origin = (request, body, exchange) -> {
            exchange.onHead(new ResponseHead(200, Headers.of("Cache-Control", "max-age=60")));
            exchange.onBody(Chunk.of(ByteBuffer.wrap("hello".getBytes(UTF_8))), () -> {});
            exchange.onComplete(Headers.EMPTY);
        };
        RequestHead request = new RequestHead("GET", new Target("https", "example.org", "/"), Headers.EMPTY);
        Answer answer = cache.serve(request, Content.empty(), origin)
                .toCompletableFuture()
                .join();
        assertThat(answer.head().headers().first("Cache-Status"))
                .isEqualTo("caching-proxy; fwd=uri-miss; fwd-status=200; stored");
    }

    @Test
    void every_reason_stands_in_the_table_with_its_source() throws IOException {
        String guide = Files.readString(Path.of("README.md"));
        assertThat(Arrays.stream(Reason.values()))
                .allSatisfy(reason -> assertThat(
                                guide.lines().filter(line -> line.startsWith("| " + reason.token() + " |")))
                        .singleElement()
                        .asString()
                        .endsWith("| " + reason.source() + " |"));
    }
}
