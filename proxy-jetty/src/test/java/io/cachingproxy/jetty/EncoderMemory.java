package io.cachingproxy.jetty;

import io.cachingproxy.coding.ContentCoding;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A process that prints the resident bytes of one encoder whose body is in progress. Linux only. */
final class EncoderMemory {
    static final Path STATUS = Path.of("/proc/self/status");

    private static final int ENCODERS = 48;
    private static final int BODY = 2 << 20;

    private EncoderMemory() {}

    /** @param args the name of the coding */
    public static void main(String[] args) throws IOException {
        ContentCoding coding = JettyCodings.named(args[0]);
        byte[] body = body();
        OutputStream first = begun(coding, body);
        long before = residentBytes();
        List<OutputStream> open = new ArrayList<>();
        for (int i = 0; i < ENCODERS; i++) {
            open.add(begun(coding, body));
        }
        System.out.println((residentBytes() - before) / ENCODERS);
        first.close();
        for (OutputStream each : open) {
            each.close();
        }
    }

    /** Letters without order, which fill the tables of an encoder. */
    private static byte[] body() {
        Random random = new Random(1);
        StringBuilder text = new StringBuilder();
        while (text.length() < BODY) {
            text.append((char) ('A' + random.nextInt(58)));
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static OutputStream begun(ContentCoding coding, byte[] body) throws IOException {
        OutputStream encoder = coding.encode(OutputStream.nullOutputStream());
        encoder.write(body);
        encoder.flush();
        return encoder;
    }

    private static long residentBytes() throws IOException {
        String line = Files.readAllLines(STATUS).stream()
                .filter(it -> it.startsWith("VmRSS:"))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
    }
}
