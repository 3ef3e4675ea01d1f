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
import io.cachingproxy.policy.Freshness;
import io.cachingproxy.policy.Receipt;
import io.cachingproxy.policy.StaleUse;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.redis.RedisNode;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** POST /api/purge, on a real listener. */
class PurgeApiTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    private final ManyNodes store = new ManyNodes(new MemoryStore(1 << 20, 1 << 20));
    private AdminServer admin = server(false);

    private AdminServer server(boolean shared) {
        Purging purging = HttpCache.builder()
                .store(store)
                .clock(InstantSource.fixed(NOW.plusSeconds(10)))
                .build()
                .purging(KeyBase.of(URI.create("http://origin.example:8080/api/")));
        return new AdminServer(
                "127.0.0.1",
                0,
                Optional.empty(),
                AdminRoutes.of(new PurgeApi(purging, shared, nodes(shared), Redaction.BY_DEFAULT)));
    }

    /** This instance, and if the store is shared another one, which has applied the purge, and one that is gone. */
    private static Nodes nodes(boolean shared) {
        List<RedisNode> all = shared
                ? List.of(node("one", true, false), node("two", false, false), node("three", false, true))
                : List.of(node("one", true, false));
        return new Nodes(() -> all, () -> CompletableFuture.completedFuture(all));
    }

    private static RedisNode node(String id, boolean here, boolean gone) {
        return new RedisNode(id, id + ":8000", "1.0", NOW, NOW, here, gone, true);
    }

    @BeforeEach
    void start() throws IOException {
        admin.start();
        stored("/a?b=c");
        stored("/docs/x");
    }

    @AfterEach
    void stop() {
        admin.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"urls":["/a?b=c"]}                        | ["url /a?b=c"]              | 1 | 1
            {"urls":["http://proxy.example/a?b=c"]}    | ["url http://proxy.example/a?b=c"] | 1 | 1
            {"prefixes":["/docs/"]}                    | ["prefix /docs/"]           | 1 | 1
            {"tags":["news","none"]}                   | ["tag news","tag none"]     | 2 | 0
            {"groups":["front"]}                       | ["group front"]             | 2 | 0
            {"all":true}                               | ["all"]                     | 2 | 0
            {"urls":["/a?token=1&b=c","/a?token=2"]}   | ["url /a?token=***&b=c","url /a?token=***"] | 0 | 2
            {"prefixes":["/docs/;jsessionid=1"],"tags":["token=1"]} | ["prefix /docs/;jsessionid=***","tag token=1"] | 0 | 2
            {"urls":["/none"],"all":false,"soft":false,"prefixes":[],"dry-run":false} | ["url /none"] | 0 | 2
            {"urls":["/a?b=c"],"tags":["news"]}        | ["tag news","url /a?b=c"]   | 2 | 0
            """)
    void purges_what_the_document_names_and_counts_it(String document, String purged, int entries, int left)
            throws IOException {
        assertThat(post(document))
                .startsWith("HTTP/1.1 200")
                .contains("{\"purged\":" + purged + ",\"soft\":false,\"dry-run\":false,\"entries\":" + entries
                        + ",\"counted\":\"all\",\"confirmed\":true,\"nodes\":"
                        + "[{\"id\":\"one\",\"name\":\"one:8000\",\"this\":true,\"confirmed\":true}]}");
        assertThat(found("/a?b=c").size() + found("/docs/x").size()).isEqualTo(left);
    }

    @Test
    void a_dry_run_counts_and_purges_nothing() throws IOException {
        assertThat(post("{\"all\":true,\"dry-run\":true}"))
                .startsWith("HTTP/1.1 200")
                .contains("\"dry-run\":true,\"entries\":2,")
                .doesNotContain("confirmed");
        assertThat(found("/a?b=c")).hasSize(1);
        assertThat(found("/docs/x")).hasSize(1);
    }

    @Test
    void entries_that_are_already_purged_are_not_counted_again() throws IOException {
        post("{\"tags\":[\"news\"]}");
        assertThat(post("{\"all\":true}")).contains("\"entries\":0,");
    }

    @Test
    void a_soft_purge_makes_stale() throws IOException {
        assertThat(post("{\"tags\":[\"news\"],\"soft\":true}")).contains("\"soft\":true", "\"entries\":2,");
        assertThat(found("/a?b=c").get(0).isFresh(NOW.plusSeconds(10))).isFalse();
    }

    @Test
    void the_receipt_names_the_instances_that_have_applied_the_purge() throws IOException {
        admin.close();
        admin = server(true);
        admin.start();
        assertThat(post("{\"tags\":[\"news\"]}"))
                .startsWith("HTTP/1.1 200")
                .contains("{\"id\":\"two\",\"name\":\"two:8000\",\"this\":false,\"confirmed\":true}")
                .doesNotContain("three");
    }

    @Test
    void a_purge_that_redis_has_not_acknowledged_is_pending() throws IOException {
        admin.close();
        admin = server(true);
        admin.start();
        store.confirmed = purge -> false;
        assertThat(post("{\"tags\":[\"news\"]}"))
                .startsWith("HTTP/1.1 202")
                .contains("near copies of this instance; entries that are only in Redis are not counted")
                .contains("\"confirmed\":false")
                .contains("\"name\":\"one:8000\",\"this\":true,\"confirmed\":true")
                .contains("\"name\":\"two:8000\",\"this\":false,\"confirmed\":false");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ``                                  | the body is not a JSON object
            {                                   | the body is not JSON at 1:
            []                                  | the body is not a JSON object
            {} {}                               | the body is not JSON at 1:
            {}                                  | name urls, prefixes, tags, groups or all
            {"soft":true}                       | name urls, prefixes, tags, groups or all
            {"all":false}                       | name urls, prefixes, tags, groups or all
            {"url":["/a"]}                      | unknown key url; did you mean urls?
            {"tags":["a"],"colour":"red"}       | unknown key colour
            {"tags":"a"}                        | tags is a list
            {"tags":null}                       | tags is a list
            {"tags":["a",5]}                    | tags is a list of strings
            {"tags":["a"],"tags":["b"]}         | the body is not JSON at 1:
            {"tags":[""]}                       | an empty tag
            {"all":"yes"}                       | all is true or false
            {"all":1}                           | all is true or false
            {"all":true,"dry-run":"no"}         | dry-run is true or false
            {"urls":["a"]}                      | url is a path, or a URL with one
            """)
    void a_document_that_is_not_as_documented_purges_nothing(String document, String why) throws IOException {
        String answer = post(document);
        assertThat(answer).startsWith("HTTP/1.1 400").contains("\r\n\r\nNothing purged: " + why);
        assertThat(answer.substring(answer.indexOf("\r\n\r\n") + 4).lines()).hasSize(1);
        assertThat(found("/a?b=c")).hasSize(1);
    }

    @Test
    void too_many_scopes_purge_nothing() throws IOException {
        String tags =
                IntStream.rangeClosed(1, 5001).mapToObj(i -> "\"t" + i + "\"").collect(Collectors.joining(","));
        assertThat(post("{\"all\":true,\"tags\":[" + tags + "]}"))
                .startsWith("HTTP/1.1 400")
                .contains("Nothing purged: more than 5000 scopes");
        assertThat(found("/a?b=c")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "DELETE", "PUT"})
    void only_post_purges(String method) throws IOException {
        assertThat(send(method, "{\"all\":true}")).startsWith("HTTP/1.1 405").contains("Allow: POST");
        assertThat(found("/a?b=c")).hasSize(1);
    }

    private String post(String document) throws IOException {
        return send("POST", document == null ? "" : document);
    }

    private String send(String method, String body) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", admin.port())) {
            String head = method + " /api/purge HTTP/1.1\r\nHost: 127.0.0.1:" + admin.port() + "\r\nContent-Length: "
                    + body.length() + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write((head + body).getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private void stored(String path) {
        Receipt receipt = new Receipt(NOW, Duration.ZERO);
        Freshness freshness = new Freshness(receipt, Duration.ofHours(1), true, false, false, StaleUse.UNSTATED, 0);
        Headers headers = Headers.of("Cache-Tag", "news", "Cache-Groups", "\"front\"");
        store.fill(key(path))
                .commit(new StoredResponse(new ResponseHead(200, headers), Selection.ANY, freshness, Body.EMPTY));
    }

    private List<StoredResponse> found(String path) {
        return store.find(key(path)).toCompletableFuture().join();
    }

    private static CacheKey key(String path) {
        return CacheKey.ofGet(new Target("http", "origin.example:8080", "/api" + path));
    }
}
