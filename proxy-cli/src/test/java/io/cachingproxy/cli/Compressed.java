package io.cachingproxy.cli;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.decoder.BrotliInputStream;
import com.github.luben.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.Random;
import java.util.zip.GZIPInputStream;

/** Text to be compressed, and the decoders of a client. */
final class Compressed {
    private Compressed() {}

    /** Words of a fixed sequence. */
    static String text(int length) {
        Random random = new Random(7);
        StringBuilder text = new StringBuilder(length + 10);
        while (text.length() < length) {
            text.append("word").append(random.nextInt(1000)).append(text.length() % 7 == 0 ? ".\n" : " ");
        }
        return text.substring(0, length);
    }

    static String coding(HttpResponse<byte[]> response) {
        return response.headers().firstValue("Content-Encoding").orElse("");
    }

    /** The body before its content coding was applied. */
    static byte[] decoded(HttpResponse<byte[]> response) throws IOException {
        Brotli4jLoader.ensureAvailability();
        InputStream body = new ByteArrayInputStream(response.body());
        try (InputStream decoder = switch (coding(response)) {
            case "br" -> new BrotliInputStream(body);
            case "zstd" -> new ZstdInputStream(body);
            case "gzip" -> new GZIPInputStream(body);
            case "" -> body;
            default -> throw new IOException(coding(response));
        }) {
            return decoder.readAllBytes();
        }
    }
}
