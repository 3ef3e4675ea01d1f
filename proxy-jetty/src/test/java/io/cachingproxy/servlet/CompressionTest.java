package io.cachingproxy.servlet;

import static io.cachingproxy.testkit.Verdicts.assertHit;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.HttpCache;
import io.cachingproxy.testkit.Front;
import io.cachingproxy.testkit.Reply;
import io.cachingproxy.testkit.Scenario;
import io.cachingproxy.testkit.ScenarioServlet;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The filter between something that compresses and something else: a part is never one of other bytes than it says. */
@ParameterizedClass
@MethodSource("io.cachingproxy.servlet.Container#tested")
class CompressionTest {
    private static final String GZIP = "Accept-Encoding: gzip";
    private static final byte[] PAGE = "0123456789".repeat(1000).getBytes(StandardCharsets.US_ASCII);
    private static final Scenario SERVLET = (request, response) -> {
        response.setHeader("Cache-Control", "max-age=60");
        response.setContentType("text/plain");
        response.getOutputStream().write(PAGE);
    };

    @Parameter
    Container container;

    private final HttpCache cache = HttpCache.builder().build();
    private Front front;

    @AfterEach
    void stop() {
        front.close();
        cache.close();
    }

    @Test
    void a_container_that_compresses_leaves_parts_of_a_hit_alone() {
        front = container.startCompressing(new ScenarioServlet(SERVLET), new CachingFilter(cache));
        for (int i = 0; i < 2; i++) {
            Reply whole = front.get("/", GZIP);
            assertThat(whole.header("Content-Encoding")).isEqualTo("gzip");
            assertThat(unzipped(whole.body())).isEqualTo(PAGE);
        }
        Reply part = assertHit(front.get("/", GZIP, "Range: bytes=5-4999"));
        assertThat(part.status()).isEqualTo(206);
        assertThat(part.header("Content-Range")).isEqualTo("bytes 5-4999/10000");
        assertThat(part.all("Content-Encoding")).isSubsetOf("identity");
        assertThat(part.body()).isEqualTo(Arrays.copyOfRange(PAGE, 5, 5000));
        assertThat(front.get("/", "Range: bytes=5-4999").header("Content-Encoding"))
                .isNull();
    }

    @Test
    void a_part_of_what_a_filter_beneath_has_compressed_is_one_of_the_compressed_bytes() {
        Filter compressing = (request, response, chain) -> {
            HttpServletResponse http = (HttpServletResponse) response;
            http.addHeader("Vary", "Accept-Encoding");
            String accepted = ((HttpServletRequest) request).getHeader("Accept-Encoding");
            if (accepted == null) {
                chain.doFilter(request, response);
            } else {
                http.setHeader("Cache-Control", "max-age=60");
                http.setHeader("Content-Encoding", "gzip");
                http.getOutputStream().write(zipped());
            }
        };
        front = container.start(new ScenarioServlet(SERVLET), new CachingFilter(cache), compressing);
        byte[] coded = front.get("/", GZIP).body();
        assertThat(unzipped(coded)).isEqualTo(PAGE);
        front.get("/");
        Reply part = assertHit(front.get("/", GZIP, "Range: bytes=3-20"));
        assertThat(part.header("Content-Range")).isEqualTo("bytes 3-20/" + coded.length);
        assertThat(part.all("Content-Encoding")).containsExactly("gzip");
        assertThat(part.body()).isEqualTo(Arrays.copyOfRange(coded, 3, 21));
        Reply plain = assertHit(front.get("/", "Range: bytes=3-20"));
        assertThat(plain.all("Content-Encoding")).isEqualTo(List.of());
        assertThat(plain.body()).isEqualTo(Arrays.copyOfRange(PAGE, 3, 21));
    }

    private static byte[] zipped() {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
                out.write(PAGE);
            }
            return bytes.toByteArray();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static byte[] unzipped(byte[] bytes) {
        try {
            return new GZIPInputStream(new ByteArrayInputStream(bytes)).readAllBytes();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
