package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("resources")
class LargeBodyIT {
    private static final int CHUNK = 1 << 18;
    private static final int CHUNKS = 1 << 13;
    private static final long LENGTH = 1L << 31;

    @Test
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    void two_gibibytes_stream_through_a_small_heap() throws Exception {
        CRC32C sent = new CRC32C();
        try (TestOrigin origin = TestOrigin.start().on("/large", exchange -> {
                    exchange.sendResponseHeaders(200, LENGTH);
                    write(exchange.getResponseBody(), sent);
                });
                RunningProxy proxy = RunningProxy.start(List.of("-Xmx256m"), origin.uri())) {
            HttpResponse<InputStream> response = Client.get(proxy.uri("/large"), BodyHandlers.ofInputStream());
            assertThat(response.headers().firstValueAsLong("Content-Length")).hasValue(LENGTH);
            CheckedInputStream body = new CheckedInputStream(response.body(), new CRC32C());
            assertThat(body.transferTo(OutputStream.nullOutputStream())).isEqualTo(LENGTH);
            assertThat(body.getChecksum().getValue()).isEqualTo(sent.getValue());
            assertThat(proxy.stderr()).isEmpty();
        }
    }

    private static void write(OutputStream out, CRC32C sum) throws IOException {
        byte[] chunk = new byte[CHUNK];
        new Random(1).nextBytes(chunk);
        for (int i = 0; i < CHUNKS; i++) {
            chunk[i % CHUNK]++;
            sum.update(chunk);
            out.write(chunk);
        }
    }
}
