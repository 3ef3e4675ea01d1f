package io.cachingproxy.cli;

import static io.cachingproxy.cli.Client.assertHit;
import static io.cachingproxy.cli.Client.assertMiss;
import static io.cachingproxy.cli.Client.get;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar with a rule that compresses. */
class CompressionIT {
    private static final byte[] TEXT = Compressed.text(300_000).getBytes(StandardCharsets.US_ASCII);

    @TempDir
    private Path folder;

    private TestOrigin origin;

    @BeforeEach
    void start() throws IOException {
        origin = TestOrigin.start()
                .on("/a", new String(TEXT, StandardCharsets.US_ASCII), "Content-Type", "text/html", "ETag", "\"x\"");
    }

    @AfterEach
    void stop() {
        origin.close();
    }

    @Test
    void each_coding_is_sent_as_the_origin_has_it_and_comes_from_the_cache_the_second_time() throws Exception {
        Path file = Files.writeString(folder.resolve("c.yaml"), """
                origins: {shop: {servers: [%s]}}
                sites: [{hosts: [127.0.0.1], origin: shop, rules: [{name: text, compress: [br, zstd, gzip], ttl: 60s}]}]
                """.formatted(origin.uri()));
        try (RunningProxy proxy = RunningProxy.startWithConfig(file)) {
            for (String coding : new String[] {"br", "zstd", "gzip"}) {
                HttpResponse<byte[]> miss = assertMiss(get(proxy.uri("/a"), "Accept-Encoding", coding));
                assertThat(Compressed.coding(miss)).isEqualTo(coding);
                assertThat(Compressed.decoded(miss)).isEqualTo(TEXT);
                HttpResponse<byte[]> hit = assertHit(get(proxy.uri("/a"), "Accept-Encoding", coding + ", deflate"));
                assertThat(Compressed.coding(hit)).isEqualTo(coding);
                assertThat(hit.body()).isEqualTo(miss.body()).hasSizeLessThan(TEXT.length / 2);
                HttpResponse<byte[]> same = get(proxy.uri("/a"), "Accept-Encoding", coding, "If-None-Match", "W/\"x\"");
                assertThat(same.statusCode()).isEqualTo(304);
            }
            HttpResponse<byte[]> plain = assertMiss(get(proxy.uri("/a")));
            assertThat(Compressed.coding(plain)).isEmpty();
            assertThat(plain.body()).isEqualTo(TEXT);
            assertThat(assertHit(get(proxy.uri("/a"))).body()).isEqualTo(TEXT);
            assertThat(Compressed.coding(assertHit(get(proxy.uri("/a"), "Accept-Encoding", "gzip, deflate, br, zstd"))))
                    .isEqualTo("br");
            assertThat(origin.received()).hasSize(4);
        }
    }
}
