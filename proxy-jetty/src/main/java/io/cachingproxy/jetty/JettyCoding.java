package io.cachingproxy.jetty;

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
    private static final int BROTLI_WINDOW = 19;

    /** Measured for both codings at these levels, outside the heap. */
    private static final long MEMORY = 2 << 20;

    private final String token;
    private final Compression compression;
    private final EncoderConfig config;

    private JettyCoding(String token, Compression compression, EncoderConfig config) {
        this.token = token;
        this.compression = compression;
        this.config = config;
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
        config.setLgWindow(BROTLI_WINDOW);
        return new JettyCoding("br", new BrotliCompression(), config);
    }

    static ContentCoding zstandard() {
        ZstandardEncoderConfig config = new ZstandardEncoderConfig();
        config.setCompressionLevel(ZSTANDARD_LEVEL);
        return new JettyCoding("zstd", new ZstandardCompression(), config);
    }

    @Override
    public String token() {
        return token;
    }

    @Override
    public long memory() {
        return MEMORY;
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
