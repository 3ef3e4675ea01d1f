package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.HttpCache;
import io.cachingproxy.cli.admin.AdminRoutes;
import io.cachingproxy.cli.admin.AdminServer;
import io.cachingproxy.cli.admin.CacheApi;
import io.cachingproxy.cli.admin.ShadowApi;
import io.cachingproxy.cli.config.Configuration;
import io.cachingproxy.cli.config.Policies;
import io.cachingproxy.cli.preview.Shadow;
import io.cachingproxy.jetty.ProxyServer;
import io.cachingproxy.jetty.events.Redaction;
import io.cachingproxy.key.KeyBase;
import io.cachingproxy.rules.Sites;
import io.cachingproxy.testkit.ManualClock;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The recipes of the guide, each a configuration file, in a proxy with a clock of its own in front of a real origin. */
class RecipesTest {
    @TempDir
    private Path folder;

    private final ManualClock clock = ManualClock.atNoon();
    private TestOrigin origin;
    private Shadow shadow;
    private HttpCache cache;
    private ProxyServer proxy;

    /** A response as a client got it. */
    private record Reply(String head, String body) {
        int status() {
            return Integer.parseInt(head.split(" ", 3)[1]);
        }

        String header(String name) {
            return head.lines()
                    .filter(line -> line.regionMatches(true, 0, name + ": ", 0, name.length() + 2))
                    .map(line -> line.substring(name.length() + 2))
                    .findFirst()
                    .orElse("");
        }

        Reply assertHit() {
            assertThat(header("X-Cache")).as(head).isEqualTo("HIT");
            return this;
        }

        Reply assertMiss() {
            assertThat(header("X-Cache")).as(head).isEqualTo("MISS");
            return this;
        }
    }

    @BeforeEach
    void startOrigin() throws IOException {
        origin = TestOrigin.start();
    }

    @AfterEach
    void stop() {
        if (proxy != null) {
            proxy.close();
            cache.close();
            shadow.close();
        }
        origin.close();
    }

    private static Map<String, String> recipes() throws IOException {
        String guide = Files.readString(Path.of("README.md"));
        String section = guide.substring(guide.indexOf("\n## Recipes\n"));
        section = section.substring(0, section.indexOf("\n## ", 1));
        Map<String, String> recipes = new LinkedHashMap<>();
        for (String recipe : section.split("\n### ")) {
            if (recipe.contains("```yaml\n")) {
                String file = recipe.split("```yaml\n", 2)[1].split("```", 2)[0];
                recipes.put(recipe.substring(0, recipe.indexOf('\n')), file);
            }
        }
        return recipes;
    }

    private void start(String title) throws Exception {
        String file = recipes().get(title);
        assertThat(file).as(title).isNotNull();
        Configuration recipe =
                Configuration.parse("caching-proxy.yaml", file, Map.<String, String>of()::get, new KnownOptions(true));
        Sites sites = recipe.compiled(Policies.DEFAULT);
        shadow = new Shadow(clock, new Redaction(Redaction.DEFAULT), 1 << 20, new SimpleMeterRegistry());
        shadow.sites(sites);
        cache = HttpCache.builder().clock(clock).sites(sites).listener(shadow).build();
        proxy = ProxyServer.builder().port(0).origin(origin.uri()).cache(cache).build();
        proxy.start();
    }

    private Reply get(String host, String target, String... lines) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
            String more = lines.length == 0 ? "" : String.join("\r\n", lines) + "\r\n";
            String request =
                    "GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n" + more + "\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            String all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            int end = all.indexOf("\r\n\r\n");
            return new Reply(all.substring(0, end), all.substring(end + 4));
        }
    }

    private Reply shop(String target, String... lines) throws IOException {
        return get("shop.example.com", target, lines);
    }

    @Test
    void each_recipe_is_a_file_without_errors() throws IOException {
        assertThat(recipes()).hasSizeGreaterThanOrEqualTo(9);
        for (String recipe : recipes().values()) {
            Path file = Files.writeString(folder.resolve("caching-proxy.yaml"), recipe);
            CommandLineRun run = CommandLineRun.of(
                    "--config", file.toString(), "--origin", "http://10.0.0.1:8080", "--check-config");
            assertThat(run.err()).isEmpty();
            assertThat(run.out()).contains("no errors");
        }
    }

    @Test
    void products_are_cached_for_60_seconds_whatever_the_origin_says() throws Exception {
        start("Cache /products for 60 seconds, whatever the origin says");
        origin.on("/products/1", "old", "Cache-Control", "no-store").on("/other", "x", "Cache-Control", "no-store");
        shop("/products/1").assertMiss();
        clock.advance(59);
        assertThat(shop("/products/1").assertHit().header("Cache-Status")).endsWith("; hit; ttl=1");
        clock.advance(1);
        shop("/products/1").assertMiss();
        shop("/other").assertMiss();
        shop("/other").assertMiss();
    }

    @Test
    void the_cart_is_never_cached() throws Exception {
        start("Never cache /cart");
        origin.on("/cart/1", "cart", "Cache-Control", "max-age=60");
        shop("/cart/1").assertMiss();
        assertThat(shop("/cart/1").assertMiss().header("Cache-Status"))
                .contains("fwd=bypass")
                .endsWith("detail=rule");
        assertThat(origin.received()).hasSize(2);
    }

    @Test
    void tracking_parameters_do_not_split_the_cache() throws Exception {
        start("Ignore utm_ parameters");
        origin.on("/a", "a", "Cache-Control", "max-age=60");
        shop("/a?page=1&utm_source=x").assertMiss();
        shop("/a?gclid=7&page=1").assertHit();
        shop("/a?page=2").assertMiss();
        assertThat(origin.received().get(0).target()).hasToString("/a?page=1&utm_source=x");
    }

    @Test
    void two_hosts_on_one_origin_are_apart() throws Exception {
        start("Keep two hosts apart on one origin");
        origin.on("/a", "a", "Cache-Control", "max-age=60");
        shop("/a").assertMiss();
        get("blog.example.com", "/a").assertMiss();
        shop("/a").assertHit();
        assertThat(get("other.example.com", "/a").status()).isEqualTo(421);
    }

    @Test
    void assets_are_shared_although_every_client_has_a_cookie() throws Exception {
        start("Share assets although every client has a cookie");
        origin.on("/a.css", "css", "Set-Cookie", "id=alice");
        shop("/a.css", "Cookie: id=alice").assertMiss();
        clock.advance(86_399);
        Reply hit = shop("/a.css", "Cookie: id=bob").assertHit();
        assertThat(hit.body()).isEqualTo("css");
        assertThat(hit.header("Set-Cookie")).isEmpty();
    }

    @Test
    void a_404_is_cached_for_30_seconds() throws Exception {
        start("Cache 404 for 30 seconds");
        shop("/gone").assertMiss();
        clock.advance(29);
        assertThat(shop("/gone").assertHit().status()).isEqualTo(404);
        clock.advance(1);
        shop("/gone").assertMiss();
    }

    @Test
    void stale_responses_are_served_while_the_cache_revalidates_and_while_the_origin_fails() throws Exception {
        start("Serve stale responses while the origin is slow or fails");
        origin.on("/products/1", "old", "Cache-Control", "max-age=60, must-revalidate");
        shop("/products/1").assertMiss();
        CompletableFuture<Void> refreshed = new CompletableFuture<>();
        origin.on("/products/1", exchange -> {
            TestOrigin.send(exchange, 503, new byte[0]);
            refreshed.complete(null);
        });
        clock.advance(89);
        Reply stale = shop("/products/1").assertHit();
        assertThat(stale.body()).isEqualTo("old");
        assertThat(stale.header("Cache-Status")).endsWith("; hit; ttl=-29; detail=stale-while-revalidate");
        refreshed.join();
        clock.advance(3570);
        Reply instead = shop("/products/1").assertHit();
        assertThat(instead.body()).isEqualTo("old");
        assertThat(instead.header("Cache-Status")).endsWith("detail=stale-if-error");
    }

    @Test
    void products_are_purged_by_tag() throws Exception {
        start("Purge by tag");
        origin.on("/products/1", "a", "Cache-Control", "max-age=60").on("/b", "b", "Cache-Control", "max-age=60");
        shop("/products/1").assertMiss();
        shop("/b").assertMiss();
        AdminRoutes routes = AdminRoutes.of(new CacheApi(
                () -> CompletableFuture.completedFuture(null),
                cache.purging(KeyBase.of(origin.uri())),
                Redaction.BY_DEFAULT));
        try (AdminServer admin = new AdminServer("127.0.0.1", 0, Optional.empty(), routes)) {
            admin.start();
            URI purge = URI.create("http://" + admin + "/cache/purge?tag=products");
            assertThat(Client.send("POST", purge, "").statusCode()).isEqualTo(200);
        }
        shop("/products/1").assertMiss();
        shop("/b").assertHit();
    }

    @Test
    void browsers_keep_products_for_10_seconds_and_the_cache_for_60() throws Exception {
        start("Cache for 60 seconds, in browsers for 10");
        origin.on("/products/1", "a", "Cache-Control", "max-age=5");
        assertThat(shop("/products/1").assertMiss().header("Cache-Control")).isEqualTo("max-age=10");
        clock.advance(50);
        Reply hit = shop("/products/1").assertHit();
        assertThat(hit.header("Age")).isEqualTo("50");
        assertThat(hit.header("Cache-Control")).isEqualTo("max-age=60"); // the age and 10 s
    }

    @Test
    void a_site_is_tried_on_live_traffic_without_serving_from_the_cache() throws Exception {
        start("Try the cache on live traffic without serving from it");
        origin.on("/products/1", "old", "Cache-Control", "no-store");
        shop("/products/1").assertMiss();
        await().until(() -> shadow.json(cache.sites()).toString().contains("miss=1"));
        origin.on("/products/1", "new", "Cache-Control", "no-store");
        Reply again = shop("/products/1").assertMiss();
        assertThat(again.body()).isEqualTo("new");
        assertThat(again.header("Cache-Status")).contains("fwd=bypass").endsWith("detail=shadow");
        await().until(() -> shadow.json(cache.sites()).toString().contains("hit=1"));
        try (AdminServer admin = new AdminServer(
                "127.0.0.1", 0, Optional.empty(), AdminRoutes.of(new ShadowApi(() -> shadow.json(cache.sites()))))) {
            admin.start();
            String report = new String(
                    Client.get(URI.create("http://" + admin + "/api/shadow")).body(), StandardCharsets.UTF_8);
            assertThat(report).contains("\"hit\":1", "\"wrong\":1", "\"url\":\"http://shop.example.com/products/1\"");
        }
    }

    @Test
    void text_is_compressed_by_the_coding_of_each_client_and_stored_once_for_each() throws Exception {
        start("Compress text with Brotli, Zstandard and gzip");
        String text = Compressed.text(300_000);
        origin.on("/a", text, "Content-Type", "text/html", "ETag", "\"x\"", "Cache-Control", "max-age=60");
        URI url = URI.create("http://127.0.0.1:" + proxy.port() + "/a");
        for (String coding : List.of("br", "zstd", "gzip", "")) {
            HttpResponse<byte[]> miss = coding.isEmpty() ? Client.get(url) : Client.get(url, "Accept-Encoding", coding);
            assertThat(Compressed.coding(miss)).isEqualTo(coding);
            assertThat(Compressed.decoded(Client.assertMiss(miss)))
                    .asString(StandardCharsets.US_ASCII)
                    .isEqualTo(text);
            HttpResponse<byte[]> hit =
                    coding.isEmpty() ? Client.get(url) : Client.get(url, "Accept-Encoding", coding + ", deflate");
            assertThat(Compressed.coding(Client.assertHit(hit))).isEqualTo(coding);
            assertThat(hit.body()).isEqualTo(miss.body());
            assertThat(hit.headers().firstValue("ETag")).hasValue(coding.isEmpty() ? "\"x\"" : "W/\"x\"");
            assertThat(hit.headers().firstValue("Vary")).hasValue("Accept-Encoding");
        }
        assertThat(origin.received()).hasSize(4);
    }

    @Test
    void each_recipe_is_tested() throws IOException {
        String source = Files.readString(Path.of("src/test/java/io/cachingproxy/cli/RecipesTest.java"));
        assertThat(List.copyOf(recipes().keySet()))
                .allSatisfy(title -> assertThat(source).contains("start(\"" + title + "\")"));
    }
}
