package io.cachingproxy.jetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.aayushatharva.brotli4j.decoder.BrotliInputStream;
import com.github.luben.zstd.ZstdInputStream;
import io.cachingproxy.coding.ContentCoding;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The codings by Jetty's compression modules. */
class JettyCodingsTest {
    private static final byte[] TEXT =
            "All work and no play makes Jack a dull boy. ".repeat(5000).getBytes(StandardCharsets.US_ASCII);

    private static InputStream decoder(String coding, byte[] bytes) throws IOException {
        InputStream in = new ByteArrayInputStream(bytes);
        return switch (coding) {
            case "br" -> {
                BrotliInputStream brotli = new BrotliInputStream(in);
                brotli.enableEagerOutput();
                yield brotli;
            }
            case "zstd" -> new ZstdInputStream(in);
            default -> new GZIPInputStream(in);
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd", "gzip"})
    void a_body_is_decoded_to_the_same_bytes(String name) throws IOException {
        ContentCoding coding = JettyCodings.named(name);
        assertThat(coding.token()).isEqualTo(name);
        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        try (OutputStream to = coding.encode(encoded)) {
            to.write(TEXT, 0, 1000);
            to.flush();
            to.write(TEXT, 1000, TEXT.length - 1000);
        }
        assertThat(encoded.size()).isLessThan(TEXT.length / 20);
        assertThat(decoder(name, encoded.toByteArray()).readAllBytes()).isEqualTo(TEXT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd", "gzip"})
    void what_was_flushed_can_be_decoded_before_the_end(String name) throws IOException {
        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        try (OutputStream to = JettyCodings.named(name).encode(encoded)) {
            to.write(TEXT, 0, 1000);
            to.flush();
            InputStream from = decoder(name, encoded.toByteArray());
            byte[] decoded = new byte[1000];
            for (int i = 0; i < decoded.length; i++) { // one by one: some decoders fill an array completely
                decoded[i] = (byte) from.read();
            }
            assertThat(decoded).isEqualTo(Arrays.copyOf(TEXT, 1000));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd", "gzip"})
    void a_body_without_bytes_is_valid(String name) throws IOException {
        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        JettyCodings.named(name).encode(encoded).close();
        assertThat(decoder(name, encoded.toByteArray()).readAllBytes()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd"})
    @Tag("resources")
    void an_encoder_takes_the_memory_that_it_announces(String name) throws Exception {
        assumeThat(EncoderMemory.STATUS).exists();
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        EncoderMemory.class.getName(),
                        name)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String measured = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
        assertThat(process.waitFor()).isZero();
        long announced = JettyCodings.named(name).memory();
        assertThat(Long.parseLong(measured)).isBetween(announced / 2, announced);
    }

    @Test
    void an_unknown_coding_is_refused_with_the_known_ones() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JettyCodings.named("deflate"))
                .withMessage("'deflate' is not a content coding: write br, zstd, gzip");
    }

    @Test
    void a_coding_without_its_library_or_native_code_is_refused_in_a_line() {
        assertThatIllegalStateException()
                .isThrownBy(() -> JettyCodings.loaded("br", "jetty-compression-brotli", () -> {
                    throw new NoClassDefFoundError("org/eclipse/jetty/compression/brotli/BrotliCompression");
                }))
                .withMessage(
                        "the content coding br needs org.eclipse.jetty.compression:jetty-compression-brotli 12.1.14,"
                                + " which is missing");
        assertThatIllegalStateException()
                .isThrownBy(() -> JettyCodings.loaded("zstd", "jetty-compression-zstandard", () -> {
                    throw new UnsatisfiedLinkError("no zstd in java.library.path");
                }))
                .withMessage(
                        "the content coding zstd is not available on this platform: its native code does not load");
    }
}
