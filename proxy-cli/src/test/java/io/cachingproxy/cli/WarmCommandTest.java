package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sun.misc.Signal;

/** What the command {@code warm} sends, to a server in the place of the proxy; with a proxy: {@link WarmIT}. */
class WarmCommandTest {
    private TestOrigin server;

    @TempDir
    private Path folder;

    @BeforeEach
    void start() throws IOException {
        server = TestOrigin.start()
                .on("/a", "four", "Cache-Status", "caching-proxy; fwd=uri-miss; fwd-status=200; stored")
                .on("/b", "b", "X-Cache", "HIT", "Cache-Status", "caching-proxy; hit; ttl=5")
                .on("/c", "c", "Cache-Status", "caching-proxy; fwd=uri-miss; detail=set-cookie", "Set-Cookie", "s=1");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private CommandLineRun warm(String... args) {
        return CommandLineRun.of(all(args));
    }

    private String[] all(String... args) {
        String[] all = new String[args.length + 4];
        all[0] = "warm";
        all[1] = "--proxy";
        all[2] = server.uri().toString();
        all[3] = "--rate=10000";
        System.arraycopy(args, 0, all, 4, args.length);
        return all;
    }

    private JsonNode json(String... args) throws IOException {
        String[] all = new String[args.length + 1];
        all[0] = "--json";
        System.arraycopy(args, 0, all, 1, args.length);
        return new ObjectMapper().readTree(warm(all).out());
    }

    private List<String> requested() {
        return server.received().stream()
                .map(it -> "http://" + it.headers().getFirst("Host") + it.target())
                .sorted()
                .toList();
    }

    @Test
    void urls_are_requested_from_the_proxy_with_their_own_host() {
        CommandLineRun run = warm("http://shop.example/a", "https://blog.example:8443/b?x=%7e&y");
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(requested()).containsExactly("http://blog.example:8443/b?x=%7e&y", "http://shop.example/a");
    }

    @Test
    void the_summary_counts_hits_misses_and_what_was_stored() {
        CommandLineRun run = warm("http://shop.example/a", "http://shop.example/b", "http://shop.example/c");
        assertThat(run.out().lines().map(line -> line.replaceAll(" +", " ")).toList())
                .containsSequence(
                        "requested 3",
                        "hits 1",
                        "misses 2",
                        "stored 1",
                        "not stored 1 set-cookie",
                        "failed 0",
                        "bytes 6 B")
                .last()
                .asString()
                .startsWith("time ");
    }

    @Test
    void a_url_is_requested_once_and_without_its_fragment() {
        warm("http://shop.example/a", "http://SHOP.example:80/a#top");
        assertThat(requested()).containsExactly("http://shop.example/a");
    }

    @Test
    void failed_urls_are_named_and_end_with_1() throws IOException {
        CommandLineRun run = warm("http://shop.example/a", "http://shop.example/none");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).isEqualTo("caching-proxy: failed: http://shop.example/none: status 404\n");
        JsonNode json = json("http://shop.example/none");
        assertThat(json.path("failed").asInt()).isEqualTo(1);
        assertThat(json.path("failures").toString())
                .contains("\"url\":\"http://shop.example/none\"", "\"error\":\"status 404\"");
    }

    @Test
    void redirects_are_not_followed_and_cookies_are_not_sent_back() {
        server.on("/r", exchange -> {
            exchange.getResponseHeaders().add("Location", "http://shop.example/a");
            exchange.sendResponseHeaders(302, -1);
        });
        assertThat(warm("--concurrency=1", "http://shop.example/c", "http://shop.example/r", "http://shop.example/b")
                        .exitCode())
                .isZero();
        assertThat(server.received())
                .hasSize(3)
                .noneMatch(it -> it.headers().containsKey("Cookie"))
                .noneMatch(it -> it.headers().containsKey("Accept-Encoding"));
    }

    @Test
    void header_fields_are_sent_with_each_request() {
        warm("-H", "Accept-Encoding: gzip", "-H", "Accept-Language: de", "http://shop.example/a");
        assertThat(server.last().headers())
                .containsEntry("Accept-encoding", List.of("gzip"))
                .containsEntry("Accept-language", List.of("de"));
        assertThat(server.last().headers().getFirst("User-Agent")).startsWith("caching-proxy/");
    }

    @Test
    void a_file_has_a_url_a_line_and_comments() throws IOException {
        Path file = Files.writeString(folder.resolve("urls"), """
                # pages
                http://shop.example/a

                http://shop.example/b  # the second
                """);
        assertThat(json("--file", file.toString()).path("requested").asInt()).isEqualTo(2);
        Files.writeString(file, "http://shop.example/a\nshop.example/b\n");
        CommandLineRun run = warm("--file", file.toString());
        run.assertWrongUsage(file + ":2: 'shop.example/b' is not an absolute http or https URL");
    }

    @Test
    void the_pages_of_a_sitemap_index_are_requested_from_hosts_that_were_named() throws IOException {
        sitemap("/sitemap.xml", "sitemapindex", "http://shop.example/1.xml.gz", "http://evil.example/2.xml");
        sitemap("/1.xml.gz", "urlset", "http://shop.example/a", "http://evil.example/b", "http://shop.example/b");
        JsonNode json = json("--sitemap", "http://shop.example/sitemap.xml");
        assertThat(requested())
                .containsExactly(
                        "http://shop.example/1.xml.gz",
                        "http://shop.example/a",
                        "http://shop.example/b",
                        "http://shop.example/sitemap.xml");
        assertThat(json.path("requested").asInt()).isEqualTo(2);
        assertThat(json.path("skipped").asInt()).isEqualTo(2);
        assertThat(json.path("failed").asInt()).isZero();
    }

    @Test
    void an_index_that_names_itself_ends() throws IOException {
        sitemap("/sitemap.xml", "sitemapindex", "http://shop.example/sitemap.xml", "http://shop.example/2.xml");
        sitemap("/2.xml", "sitemapindex", "http://shop.example/3.xml");
        sitemap("/3.xml", "sitemapindex", "http://shop.example/4.xml");
        JsonNode json = json("--sitemap", "http://shop.example/sitemap.xml");
        assertThat(server.received()).hasSize(3);
        assertThat(json.path("failures").toString())
                .contains("http://shop.example/3.xml", "sitemap indexes are nested more than 3 deep");
    }

    @Test
    void a_sitemap_that_is_none_is_a_failure_and_the_others_are_read() throws IOException {
        sitemap("/sitemap.xml", "sitemapindex", "http://shop.example/a", "http://shop.example/1.xml");
        sitemap("/1.xml", "urlset", "http://shop.example/b", "not a url");
        JsonNode json = json("--sitemap", "http://shop.example/sitemap.xml");
        assertThat(json.path("requested").asInt()).isEqualTo(1);
        assertThat(json.path("failures").findValuesAsText("url")).containsExactly("http://shop.example/a", "not a url");
    }

    @Test
    void the_hosts_of_a_sitemap_in_a_file_are_named_by_it() throws IOException {
        Path file = folder.resolve("sitemap.xml");
        Files.writeString(file, "<urlset><url><loc>http://shop.example/a</loc></url></urlset>");
        assertThat(json("--sitemap", file.toString()).path("stored").asInt()).isEqualTo(1);
        CommandLineRun missing = warm("--sitemap", folder.resolve("none.xml").toString());
        assertThat(missing.exitCode()).isEqualTo(1);
        assertThat(missing.err()).contains("none.xml: no such file");
    }

    private void sitemap(String path, String root, String... locations) {
        String item = root.equals("urlset") ? "url" : "sitemap";
        StringBuilder document = new StringBuilder("<" + root + ">");
        for (String location : locations) {
            document.append("<%s><loc>%s</loc></%s>".formatted(item, location, item));
        }
        byte[] bytes = document.append("</" + root + ">").toString().getBytes(StandardCharsets.UTF_8);
        server.on(path, exchange -> TestOrigin.send(exchange, 200, path.endsWith(".gz") ? compressed(bytes) : bytes));
    }

    private static byte[] compressed(byte[] bytes) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(bytes);
        }
        return compressed.toByteArray();
    }

    @Test
    void no_more_requests_are_in_flight_than_allowed() {
        AtomicInteger inFlight = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch three = new CountDownLatch(3);
        server.on("/slow", exchange -> {
            most.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
            three.countDown();
            awaited(three);
            inFlight.decrementAndGet();
            TestOrigin.send(exchange, 200, new byte[1]);
        });
        String[] args = new String[10];
        args[0] = "--concurrency=3";
        for (int i = 1; i < args.length; i++) {
            args[i] = "http://host" + i + ".example/slow";
        }
        assertThat(warm(args).exitCode()).isZero();
        assertThat(most).hasValue(3);
    }

    private static void awaited(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void ctrl_c_ends_with_the_summary_of_what_was_done() {
        server.on("/stop", exchange -> interrupted(exchange));
        CommandLineRun run = CommandLineRun.of(
                "warm",
                "--proxy",
                server.uri().toString(),
                "--rate=0.01",
                "http://a.example/stop",
                "http://a.example/b");
        assertThat(run.exitCode()).isEqualTo(130);
        assertThat(run.out()).contains("requested   1", "left        1");
        assertThat(server.received()).hasSize(1);
    }

    @Test
    void ctrl_c_ends_the_wait_for_a_sitemap() {
        CountDownLatch ended = new CountDownLatch(1);
        server.on("/sitemap.xml", exchange -> {
            Signal.raise(new Signal("INT"));
            awaited(ended);
        });
        assertThat(warm("--sitemap", "http://a.example/sitemap.xml", "http://a.example/b")
                        .exitCode())
                .isEqualTo(130);
        ended.countDown();
        assertThat(server.received()).hasSize(1);
    }

    private static void interrupted(HttpExchange exchange) throws IOException {
        Signal.raise(new Signal("INT"));
        TestOrigin.send(exchange, 200, new byte[1]);
    }

    @Test
    void a_proxy_that_does_not_run_is_a_failure_in_one_line() throws IOException {
        String free = "http://127.0.0.1:" + FreePort.number();
        CommandLineRun.of("warm", "--proxy", free, "http://a.example/", "http://a.example/b")
                .assertFailed("No proxy answers on " + free + ": see --proxy (ConnectException");
        CommandLineRun.of("warm", "--proxy", free, "--sitemap", "http://a.example/sitemap.xml")
                .assertFailed("No proxy answers on " + free);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            warm                                           | Nothing to warm: write URLs, --file or --sitemap
            warm shop.example                              | 'shop.example' is not an absolute http or https URL
            warm http://a/ --rate 0                        | --rate is more than 0
            warm http://a/ --rate NaN                      | --rate is more than 0
            warm http://a/ --concurrency 0                 | --concurrency is between 1 and 256
            warm http://a/ --proxy http://127.0.0.1:1/x    | --proxy has no path
            warm http://a/ --proxy localhost:8000          | begins neither with http:// nor with https://
            warm http://a/ -H Accept                       | has no colon
            warm http://a/ -H Host:b                       | -H 'Host' is not possible
            warm --file no/such                            | --file: no/such cannot be read
            warm http://a/ --sitemaps b                    | did you mean --sitemap? (
            """)
    void wrong_usage_is_told_in_one_line_and_ends_with_2(String args, String complaint) {
        CommandLineRun.of(args.split(" ")).assertWrongUsage(complaint);
    }
}
