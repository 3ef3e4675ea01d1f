package io.cachingproxy.cli.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.HttpCache;
import io.cachingproxy.Purging;
import io.cachingproxy.http.Body;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.jetty.events.Redaction;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.key.KeyBase;
import io.cachingproxy.key.Selection;
import io.cachingproxy.origin.balance.OriginSettings;
import io.cachingproxy.origin.balance.ServerPool;
import io.cachingproxy.policy.Freshness;
import io.cachingproxy.policy.Receipt;
import io.cachingproxy.policy.StaleUse;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.MemoryStore;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdminServerTest {
    @TempDir
    private Path folder;

    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final CacheKey ELSEWHERE = CacheKey.ofGet(new Target("http", "other.example:8080", "/api/a"));
    private static final Instant LATER = NOW.plusSeconds(10);

    private final AtomicInteger clearings = new AtomicInteger();
    private CompletionStage<?> clearing = CompletableFuture.completedFuture(null);
    private final ManyNodes store = new ManyNodes(new MemoryStore(1 << 20, 1 << 20));
    private final ServerPool shop = new ServerPool(
            OriginSettings.of(URI.create("http://a:8080"), URI.create("http://b:8080")),
            System::nanoTime,
            new SplittableRandom(1));
    private final HealthApi health = new HealthApi();
    private AdminServer admin = server(Optional.empty());

    private AdminServer server(Optional<AdminToken> token) {
        Purging purging = HttpCache.builder()
                .store(store)
                .clock(InstantSource.fixed(LATER))
                .build()
                .purging(KeyBase.of(URI.create("http://origin.example:8080/api/")));
        Supplier<CompletionStage<?>> counted = () -> {
            clearings.incrementAndGet();
            return clearing;
        };
        AdminRoutes routes = AdminRoutes.of(
                health,
                new CacheApi(counted, purging, Redaction.BY_DEFAULT),
                new OriginsApi(() -> Map.of("shop", shop)));
        return new AdminServer("127.0.0.1", 0, token, routes);
    }

    @BeforeEach
    void start() throws IOException {
        admin.start();
    }

    @AfterEach
    void stop() {
        admin.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST /cache/clear", "DELETE /cache"})
    void clears_the_cache(String request) throws IOException {
        assertThat(send(request, own())).startsWith("HTTP/1.1 200").contains("\r\n\r\nCache cleared\n");
        assertThat(clearings).hasValue(1);
    }

    @Test
    void says_so_if_the_cache_was_not_cleared() throws IOException {
        clearing = CompletableFuture.failedFuture(new IOException("redis://:secret@h"));
        assertThat(send("POST /cache/clear", own())).startsWith("HTTP/1.1 202").doesNotContain("secret");
    }

    @Test
    void is_ready_until_it_stops_but_lives_on() throws IOException {
        assertThat(send("GET /health/ready", own())).startsWith("HTTP/1.1 200");
        health.stopping();
        assertThat(send("GET /health/ready", own())).startsWith("HTTP/1.1 503");
        assertThat(send("GET /health/live", own())).startsWith("HTTP/1.1 200");
    }

    @ParameterizedTest
    @CsvSource({
        "GET /cache/clear, POST",
        "POST /cache, DELETE",
        "GET /cache/purge, POST",
        "POST /health/live, 'GET, HEAD'"
    })
    void names_the_method_that_was_wanted(String request, String allowed) throws IOException {
        assertThat(send(request, own())).startsWith("HTTP/1.1 405").contains("\r\nAllow: " + allowed + "\r\n");
        assertThat(clearings).hasValue(0);
    }

    @Test
    void knows_no_other_path() throws IOException {
        assertThat(send("GET /", own())).startsWith("HTTP/1.1 404");
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "LOCALHOST", "127.0.0.1", "[::1]"})
    void answers_to_the_names_of_the_loopback_interface(String host) throws IOException {
        assertThat(send("GET /health/live", "Host: " + host + ":" + admin.port()))
                .startsWith("HTTP/1.1 200");
    }

    @ParameterizedTest
    @ValueSource(strings = {"evil.example:%d", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:%d", "127.0.0.2:%d"})
    void refuses_a_rebound_name(String host) throws IOException {
        assertThat(send("POST /cache/clear", "Host: " + host.formatted(admin.port())))
                .startsWith("HTTP/1.1 403");
        assertThat(clearings).hasValue(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://evil.example", "null", "https://127.0.0.1:%d", "http://127.0.0.1:1"})
    void refuses_what_another_site_made_the_browser_send(String origin) throws IOException {
        assertThat(send("POST /cache/clear", own() + "\r\nOrigin: " + origin.formatted(admin.port())))
                .startsWith("HTTP/1.1 403");
        assertThat(clearings).hasValue(0);
    }

    @Test
    void does_as_its_own_pages_ask() throws IOException {
        assertThat(send("POST /cache/clear", own() + "\r\nOrigin: http://127.0.0.1:" + admin.port()))
                .startsWith("HTTP/1.1 200");
    }

    @ParameterizedTest
    @CsvSource({
        "url=/a?b=c, url /a?b=c",
        "url=http://proxy.example/a?b=c, url http://proxy.example/a?b=c",
        "url=/a%3Fb%3Dc, url /a?b=c",
        "prefix=/, prefix /",
        "prefix=/a, prefix /a",
        "tag=news, tag news",
        "group=front, group front",
        "all, all",
        "tag=other&url=/a?b=c, url /a?b=c"
    })
    void purges_what_is_named(String query, String told) throws IOException {
        stored("/a?b=c");
        assertThat(send("POST /cache/purge?" + query, own()))
                .startsWith("HTTP/1.1 200")
                .contains("Purged: " + told + "\n");
        assertThat(found("/a?b=c")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"url=/a", "prefix=/b", "tag=new", "group=back"})
    void purges_nothing_else(String query) throws IOException {
        stored("/a?b=c");
        assertThat(send("POST /cache/purge?" + query, own())).startsWith("HTTP/1.1 200");
        assertThat(found("/a?b=c")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"url=/a?b=c", "prefix=/a", "tag=news", "group=front", "all"})
    void makes_stale_what_is_purged_softly(String query) throws IOException {
        stored("/a?b=c");
        assertThat(send("POST /cache/purge?soft&" + query, own())).contains("Made stale: ");
        assertThat(found("/a?b=c").get(0).isFresh(LATER.minusSeconds(1))).isTrue();
        assertThat(found("/a?b=c").get(0).isFresh(LATER)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "'', 'name url, prefix, tag, group or all'",
        "soft, 'name url, prefix, tag, group or all'",
        "url=, url is empty",
        "url, url is empty",
        "url=a, url is a path",
        "url=http://proxy.example, url is a path",
        "prefix=/a%23b, prefix is a path",
        "url=/a&key=5, there is no key",
        "all=yes, all takes no value",
        "url=%zz, the query is malformed",
        "url=/a&all-sites, 'all-sites is for tag, group and all'",
        "prefix=/a&all-sites, 'all-sites is for tag, group and all'",
        "tag=a&all-sites=yes, all-sites takes no value",
        "all-sites, 'name url, prefix, tag, group or all'"
    })
    void purges_nothing_if_it_is_not_clear_what(String query, String why) throws IOException {
        stored("/a");
        assertThat(send("POST /cache/purge?" + query, own()))
                .startsWith("HTTP/1.1 400")
                .contains("Nothing purged: " + why);
        assertThat(found("/a")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"url=/a", "prefix=/", "tag=news", "group=front", "all", "tag=news&all-sites"})
    void says_so_if_a_purge_is_not_confirmed(String query) throws IOException {
        store.confirmed = purge -> false;
        for (String soft : List.of("", "&soft")) {
            assertThat(send("POST /cache/purge?" + query + soft, own()))
                    .startsWith("HTTP/1.1 202")
                    .contains("Not confirmed by the shared store: purged on this instance only")
                    .contains("as long as this process runs");
        }
    }

    @Test
    void says_so_if_one_purge_of_several_is_not_confirmed() throws IOException {
        store.confirmed = purge -> !purge.scope().toString().contains("tag=b");
        assertThat(send("POST /cache/purge?tag=a&tag=b&tag=c", own())).startsWith("HTTP/1.1 202");
        store.confirmed = purge -> true;
        assertThat(send("POST /cache/purge?tag=a&tag=b&tag=c", own()))
                .startsWith("HTTP/1.1 200")
                .doesNotContain("Not confirmed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tag=news", "group=front", "all"})
    void purges_its_own_site_unless_asked_for_all(String query) throws IOException {
        stored("/a");
        stored(ELSEWHERE);
        assertThat(send("POST /cache/purge?" + query, own())).startsWith("HTTP/1.1 200");
        assertThat(found("/a")).isEmpty();
        assertThat(found(ELSEWHERE)).hasSize(1);
        assertThat(send("POST /cache/purge?all-sites&" + query, own())).startsWith("HTTP/1.1 200");
        assertThat(found(ELSEWHERE)).isEmpty();
    }

    @Test
    void purges_for_no_forged_request() throws IOException {
        stored("/a");
        assertThat(send("GET /cache/purge?all", own())).startsWith("HTTP/1.1 405");
        assertThat(send("POST /cache/purge?all", "Host: evil.example")).startsWith("HTTP/1.1 403");
        assertThat(send("POST /cache/purge?all", own() + "\r\nOrigin: http://evil.example"))
                .startsWith("HTTP/1.1 403");
        assertThat(found("/a")).hasSize(1);
    }

    @Test
    void with_a_token_it_obeys_nobody_without() throws IOException {
        admin.close();
        admin = server(Optional.of(AdminToken.in(Files.writeString(folder.resolve("token"), "open-sesame\n"))));
        admin.start();
        stored("/a");
        for (String fields : List.of("", "Authorization: Bearer open-sesam", "Authorization: open-sesame")) {
            assertThat(send("POST /cache/purge?all", own() + (fields.isEmpty() ? "" : "\r\n" + fields)))
                    .startsWith("HTTP/1.1 401")
                    .contains("WWW-Authenticate: Bearer")
                    .doesNotContain("sesame");
        }
        assertThat(send("POST /cache/clear", own())).startsWith("HTTP/1.1 401");
        assertThat(found("/a")).hasSize(1);
        assertThat(clearings).hasValue(0);
        assertThat(send("GET /health/live", "Host: anything")).startsWith("HTTP/1.1 200");
        assertThat(send("POST /cache/purge?all", "Host: anything\r\nAuthorization: Bearer open-sesame"))
                .startsWith("HTTP/1.1 200");
        assertThat(found("/a")).isEmpty();
    }

    private void stored(String path) {
        stored(key(path));
    }

    private void stored(CacheKey key) {
        Receipt receipt = new Receipt(NOW, Duration.ZERO);
        Freshness freshness = new Freshness(receipt, Duration.ofHours(1), true, false, false, StaleUse.UNSTATED, 0);
        Headers headers = Headers.of("Cache-Tag", "news", "Cache-Groups", "\"front\"");
        store.fill(key)
                .commit(new StoredResponse(new ResponseHead(200, headers), Selection.ANY, freshness, Body.EMPTY));
    }

    private List<StoredResponse> found(String path) {
        return found(key(path));
    }

    private List<StoredResponse> found(CacheKey key) {
        return store.find(key).toCompletableFuture().join();
    }

    private static CacheKey key(String path) {
        return CacheKey.ofGet(new Target("http", "origin.example:8080", "/api" + path));
    }

    @Test
    void tells_nothing_of_itself() throws IOException {
        assertThat(send("GET /nothing", own()))
                .doesNotContainIgnoringCase("jetty")
                .doesNotContain("Server:");
        assertThat(send("GET bad", own())).startsWith("HTTP/1.1 400").doesNotContainIgnoringCase("jetty");
    }

    private String own() {
        return "Host: 127.0.0.1:" + admin.port();
    }

    private String send(String request, String fields) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", admin.port())) {
            String text = request + " HTTP/1.1\r\n" + fields + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            InputStream answer = socket.getInputStream();
            return new String(answer.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    @Test
    void lists_the_servers_of_origins_and_drains_them() throws IOException {
        assertThat(send("GET /api/origins", own()))
                .startsWith("HTTP/1.1 200")
                .contains("[{\"name\":\"shop\",\"servers\":["
                        + "{\"url\":\"http://a:8080\",\"backup\":false,\"state\":\"available\",\"requests\":0},"
                        + "{\"url\":\"http://b:8080\",\"backup\":false,\"state\":\"available\",\"requests\":0}]}]");
        assertThat(send("POST /api/origins/shop/servers/1/drain", own()))
                .startsWith("HTTP/1.1 200")
                .contains("\"state\":\"draining\"");
        assertThat(shop.states()).extracting(ServerPool.State::draining).containsExactly(false, true);
        assertThat(send("POST /api/origins/shop/servers/1/ready", own())).startsWith("HTTP/1.1 200");
        assertThat(shop.states()).extracting(ServerPool.State::draining).containsExactly(false, false);
    }

    @Test
    void lists_the_addresses_of_a_server_whose_name_is_looked_up() throws IOException {
        shop.addresses(0, List.of(InetAddress.getByName("10.0.0.1"), InetAddress.getByName("10.0.0.2")));
        assertThat(send("GET /api/origins", own()))
                .contains("{\"url\":\"http://a:8080\",\"backup\":false,\"state\":\"available\",\"requests\":0,"
                        + "\"addresses\":[{\"address\":\"10.0.0.1\",\"state\":\"available\",\"requests\":0},"
                        + "{\"address\":\"10.0.0.2\",\"state\":\"available\",\"requests\":0}]}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /api/origins/shop/servers/2/drain",
                "POST /api/origins/other/servers/0/drain",
                "POST /api/origins/shop/servers/x/drain",
                "POST /api/origins/shop/servers/0/stop"
            })
    void a_server_that_there_is_not_is_404(String request) throws IOException {
        assertThat(send(request, own())).startsWith("HTTP/1.1 404");
        assertThat(shop.states()).noneMatch(ServerPool.State::draining);
    }

    @Test
    void a_server_is_not_drained_by_reading() throws IOException {
        assertThat(send("GET /api/origins/shop/servers/0/drain", own()))
                .startsWith("HTTP/1.1 405")
                .contains("Allow: POST");
        assertThat(shop.states()).noneMatch(ServerPool.State::draining);
    }
}
