package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/** The command {@code warm} in a process with a small heap, for sitemaps at the limits of the format. */
class WarmMemoryTest {
    private static final String HEAP = "-Xmx128m";
    private static final int MIB = 1 << 20;

    private static String warm(TestOrigin server, String... sitemaps) throws IOException, InterruptedException {
        ProcessBuilder command = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                HEAP,
                "-cp",
                System.getProperty("java.class.path"),
                "io.cachingproxy.cli.Main",
                "warm",
                "--proxy",
                server.uri().toString(),
                "--rate=100000",
                "--concurrency=32");
        for (String sitemap : sitemaps) {
            command.command().add("--sitemap");
            command.command().add("http://a.example" + sitemap);
        }
        Process process = command.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(output).doesNotContain("OutOfMemory", "Exception").contains("requested");
        return output;
    }

    /** Sends a head, a number of parts, and an end. */
    private static void send(HttpExchange exchange, String head, IntFunction<String> part, int parts, String end) {
        try {
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = new BufferedOutputStream(exchange.getResponseBody(), MIB);
                    Writer text = new OutputStreamWriter(out, StandardCharsets.US_ASCII)) {
                text.write(head);
                for (int i = 0; i < parts; i++) {
                    text.write(part.apply(i));
                }
                text.write(end);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void sitemaps_of_50_MiB_do_not_exhaust_the_heap() throws Exception {
        try (TestOrigin server = TestOrigin.start()) {
            server.on("/1.xml", exchange -> sitemap(exchange, "http://other.example/", 50_000, 950));
            server.on("/page", exchange -> exchange.sendResponseHeaders(204, -1));
            server.on("/2.xml", exchange -> sitemap(exchange, "http://a.example/page?2", 6_400, 8_000));
            server.on("/3.xml", exchange -> sitemap(exchange, "http://a.example/page?3", 6_400, 8_000));
            assertThat(warm(server, "/1.xml", "/2.xml", "/3.xml"))
                    .containsPattern("skipped +50000")
                    .contains("failed: http://a.example/3.xml: more URLs than fit in half of the heap");
        }
    }

    private static void sitemap(HttpExchange exchange, String url, int urls, int length) {
        String rest = "a".repeat(length);
        send(exchange, "<urlset>", i -> "<url><loc>" + url + i + rest + "</loc></url>", urls, "</urlset>");
    }

    @Test
    void parts_of_50_MiB_do_not_exhaust_the_heap() throws Exception {
        List<String> heads = List.of("<!--", "<urlset a='", "<urlset><url><loc>", "<urlset><![CDATA[");
        try (TestOrigin server = TestOrigin.start()) {
            for (int map = 0; map < heads.size(); map++) {
                String head = heads.get(map);
                server.on("/" + map, exchange -> send(exchange, head, i -> "a".repeat(MIB), 49, ""));
            }
            assertThat(warm(server, "/0", "/1", "/2", "/3").lines())
                    .filteredOn(line -> line.startsWith("caching-proxy: failed: http://a.example/"))
                    .hasSize(4)
                    .allSatisfy(line -> assertThat(line).contains(": a ", " longer than "));
        }
    }
}
