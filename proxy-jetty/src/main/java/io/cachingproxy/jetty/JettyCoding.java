package io.cachingproxy.jetty;

import com.github.luben.zstd.ZstdOutputStream;
import io.cachingproxy.coding.ContentCoding;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.eclipse.jetty.compression.Compression;
import org.eclipse.jetty.compression.EncoderConfig;
import org.eclipse.jetty.compression.brotli.BrotliCompression;
import org.eclipse.jetty.compression.brotli.BrotliEncoderConfig;
import org.eclipse.jetty.compression.zstandard.ZstandardCompression;
import org.eclipse.jetty.compression.zstandard.ZstandardEncoderConfig;
import org.eclipse.jetty.io.ByteBufferPool;

/** A coding by a compression module of Jetty. Linked only if it is used. */
final class JettyCoding implements ContentCoding {
    /** Levels at which compression is not slower than most origins. */
    private static final int BROTLI_LEVEL = 5;

    private static final int ZSTANDARD_LEVEL = 3;

    /** 512 KiB: a larger window costs memory for each response in progress, and hardly shortens pages. */
    private static final int WINDOW = 19;

    /** The memory of an encoder at its level and this window, outside the heap; a test measures it. */
    private static final long BROTLI_MEMORY = 3 << 20;

    private static final long ZSTANDARD_MEMORY = 2 << 20;

    /** Zstandard with {@link #WINDOW}; the default window of the level is 2 MiB. */
    private static final class Zstandard extends ZstandardCompression {
        @Override
        public OutputStream newEncoderOutputStream(OutputStream to, EncoderConfig config) throws IOException {
            ZstdOutputStream encoder = (ZstdOutputStream) super.newEncoderOutputStream(to, config);
            return encoder.setWindowLog(WINDOW);
        }
    }

    private final String token;
    private final Compression compression;
    private final EncoderConfig config;
    private final long memory;

    private JettyCoding(String token, Compression compression, EncoderConfig config, long memory) {
        this.token = token;
        this.compression = compression;
        this.config = config;
        this.memory = memory;
        compression.setByteBufferPool(ByteBufferPool.NON_POOLING);
        try {
            encode(OutputStream.nullOutputStream()).close(); // loads the native code
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static ContentCoding brotli() {
        BrotliEncoderConfig config = new BrotliEncoderConfig();
        config.setCompressionLevel(BROTLI_LEVEL);
        config.setLgWindow(WINDOW);
        return new JettyCoding("br", new BrotliCompression(), config, BROTLI_MEMORY);
    }

    static ContentCoding zstandard() {
        ZstandardEncoderConfig config = new ZstandardEncoderConfig();
        config.setCompressionLevel(ZSTANDARD_LEVEL);
        return new JettyCoding("zstd", new Zstandard(), config, ZSTANDARD_MEMORY);
    }

    @Override
    public String token() {
        return token;
    }

    @Override
    public long memory() {
        return memory;
    }

    @Override
    public OutputStream encode(OutputStream to) throws IOException {
        return compression.newEncoderOutputStream(to, config);
    }

    @Override
    public String toString() {
        return token;
    }
}
