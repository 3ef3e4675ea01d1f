package io.cachingproxy.cli;

import static io.cachingproxy.cli.Client.assertHit;
import static io.cachingproxy.cli.Client.assertMiss;
import static io.cachingproxy.cli.Client.get;
import static io.cachingproxy.cli.Client.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.cachingproxy.cli.RunningProxy.Ended;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A proxy with a configuration file. Its sites are two names of this machine. */
class ConfigIT {
    private static final int RELOADS = 100;

    @TempDir
    private Path folder;

    private TestOrigin shop;
    private TestOrigin blog;

    @BeforeEach
    void start() throws IOException {
        shop = TestOrigin.start();
        blog = TestOrigin.start();
    }

    @AfterEach
    void stop() {
        shop.close();
        blog.close();
    }

    private Path write(String rules) throws IOException {
        return Files.writeString(folder.resolve("c.yaml"), """
                memory: 5MB
                origins:
                  shop: {servers: [%s]}
                  blog: {servers: [%s], host: client}
                sites:
                  - hosts: [127.0.0.1]
                    origin: shop
                    rules: %s
                  - hosts: [localhost]
                    origin: blog
                """.formatted(shop.uri(), blog.uri(), rules));
    }

    @Test
    void each_site_has_its_origin_and_its_rules() throws Exception {
        shop.on("/a", "shop", "Cache-Control", "no-store").on("/cart", "cart", "Cache-Control", "max-age=60");
        blog.on("/a", "blog", "Cache-Control", "no-store");
        Path file = write("[{name: all, ttl: 60s}, {name: cart, match: {path: /cart/**}, bypass: true}]");
        try (RunningProxy proxy = RunningProxy.startWithConfig(file)) {
            assertThat(proxy.startLine()).contains(" for 2 sites on 2 origins, ");
            assertBody("shop", assertMiss(get(proxy.uri("/a"))));
            assertBody("shop", assertHit(get(proxy.uri("/a"))));
            assertBody("blog", assertMiss(get(proxy.localhostUri("/a"))));
            assertBody("blog", assertMiss(get(proxy.localhostUri("/a"))));
            assertThat(blog.last().headers().getFirst("Host")).isEqualTo("localhost:" + proxy.port());
            assertThat(shop.last().headers().getFirst("Host"))
                    .isEqualTo(shop.uri().getAuthority());
            assertMiss(get(proxy.uri("/cart")));
            assertMiss(get(proxy.uri("/cart")));
            assertThat(statusLine(proxy, "elsewhere.example")).contains(" 421 ");
        }
    }

    @Test
    void a_reload_applies_new_rules_to_what_is_stored_and_keeps_what_a_bad_file_would_change() throws Exception {
        shop.on("/a", "shop", "Cache-Control", "max-age=60");
        try (RunningProxy proxy = RunningProxy.startWithConfig(write("[]"))) {
            assertMiss(get(proxy.uri("/a")));
            assertHit(get(proxy.uri("/a")));
            write("[{name: off, store: false}]");
            HttpResponse<byte[]> done = reload(proxy);
            assertThat(done.statusCode()).isEqualTo(200);
            assertBody("{\"reloaded\":true,\"sites\":2,\"rules\":1,\"restart\":[],\"warnings\":[]}", done);
            assertMiss(get(proxy.uri("/a")));

            Path file = write("[{name: off, tll: 5, ttl: 5}]");
            HttpResponse<byte[]> refused = reload(proxy);
            assertThat(refused.statusCode()).isEqualTo(422);
            assertBody(
                    "{\"reloaded\":false,\"errors\":[\"" + file
                            + ":8:25: sites[0].rules[0].tll: unknown key `tll`; did you mean `ttl`?\",\"" + file
                            + ":8:38: sites[0].rules[0].ttl: '5' is not a duration: such as 500ms, 300s, 5m, 1h or PT5M\"]}",
                    refused);
            assertMiss(get(proxy.uri("/a")));
            assertThat(proxy.stderr()).contains("Configuration not reloaded, nothing changes: " + file + ":8:25: ");

            Files.writeString(
                    file,
                    "tests: [{request: GET http://127.0.0.1/, expect: {ttl: 1s}}]\n" + Files.readString(write("[]")));
            assertThat(reload(proxy).statusCode()).isEqualTo(422);
            assertMiss(get(proxy.uri("/a")));
        }
    }

    @Test
    void a_purge_names_a_whole_url_where_there_are_several_sites() throws Exception {
        shop.on("/a", "shop", "Cache-Control", "max-age=60");
        try (RunningProxy proxy = RunningProxy.startWithConfig(write("[]"))) {
            assertMiss(get(proxy.uri("/a")));
            assertThat(send("POST", proxy.adminUri("/cache/purge?url=/a"), "").statusCode())
                    .isEqualTo(400);
            assertHit(get(proxy.uri("/a")));
            assertThat(send("POST", proxy.adminUri("/cache/purge?url=" + proxy.uri("/a")), "")
                            .statusCode())
                    .isEqualTo(200);
            assertMiss(get(proxy.uri("/a")));
        }
    }

    @Test
    void sighup_reloads_too() throws Exception {
        shop.on("/a", "shop", "Cache-Control", "no-store");
        try (RunningProxy proxy = RunningProxy.startWithConfig(write("[]"))) {
            assertMiss(get(proxy.uri("/a")));
            write("[{name: all, ttl: 60s}]");
            proxy.hangUp();
            await().until(() -> proxy.stderr().contains("Configuration reloaded: 2 sites, 1 rules"));
            assertMiss(get(proxy.uri("/a")));
            assertHit(get(proxy.uri("/a")));
        }
    }

    @Test
    void what_needs_a_restart_is_named_and_left_as_it_was() throws Exception {
        shop.on("/a", "shop", "Cache-Control", "max-age=60");
        Path file = write("[]");
        try (RunningProxy proxy = RunningProxy.startWithConfig(file)) {
            Files.writeString(
                    file,
                    Files.readString(file)
                            .replace("memory: 5MB", "memory: 6MB\nqueue: 7")
                            .replace("sites:", "  more: {servers: [http://a.org]}\nsites:"));
            HttpResponse<byte[]> done = reload(proxy);
            assertThat(new String(done.body(), StandardCharsets.UTF_8))
                    .contains("\"memory has changed: restart to apply it\"")
                    .contains("\"queue has changed: restart to apply it\"");
            assertBody("shop", get(proxy.uri("/a")));
        }
    }

    @Test
    void origins_that_are_new_or_have_other_servers_are_used_after_a_reload() throws Exception {
        shop.on("/a", "shop", "Cache-Control", "no-store");
        blog.on("/a", "blog", "Cache-Control", "no-store");
        Path file = write("[]");
        try (TestOrigin more = TestOrigin.start();
                RunningProxy proxy = RunningProxy.startWithConfig(file)) {
            more.on("/a", "more", "Cache-Control", "no-store");
            assertBody("shop", get(proxy.uri("/a")));
            Files.writeString(
                    file,
                    Files.readString(file)
                            .replace(shop.uri().toString(), more.uri().toString())
                            .replace("sites:", "  new: {servers: [" + more.uri() + "]}\nsites:")
                            .replace("origin: blog", "origin: new"));
            assertThat(reload(proxy).statusCode()).isEqualTo(200);
            assertBody("more", get(proxy.uri("/a")));
            assertBody("more", get(proxy.localhostUri("/a")));
            Files.writeString(
                    file,
                    Files.readString(file)
                            .replace(more.uri().toString(), proxy.uri("").toString()));
            HttpResponse<byte[]> refused = reload(proxy);
            assertThat(refused.statusCode()).isEqualTo(422);
            assertThat(new String(refused.body(), StandardCharsets.UTF_8))
                    .contains("is the address that this proxy listens on");
            assertBody("more", get(proxy.uri("/a")));
        }
    }

    @Test
    void no_request_fails_while_servers_of_an_origin_are_gone() throws Exception {
        shop.on("/a", "shop", "Cache-Control", "no-store");
        Path file = write("[]");
        String gone = "http://127.0.0.1:" + FreePort.number();
        Files.writeString(
                file, Files.readString(file).replace("[" + shop.uri() + "]", "[" + gone + ", " + shop.uri() + "]"));
        try (RunningProxy proxy = RunningProxy.startWithConfig(file)) {
            for (int i = 0; i < 30; i++) {
                assertBody("shop", get(proxy.uri("/a")));
            }
        }
    }

    @Test
    void a_hundred_reloads_under_load_lose_no_request_and_judge_none_by_half_of_each() throws Exception {
        shop.on("/a", "shop", "Cache-Control", "no-store");
        // Both rules of a file agree; a request that saw half of each would have headers that differ.
        String rules =
                "[{name: one, response-headers: {set: {X-One: %1$s}}}, {name: two, response-headers: {set: {X-Two: %1$s}}}, {name: ttl, ttl: 1h}]";
        ExecutorService threads = Executors.newFixedThreadPool(4);
        AtomicBoolean stopped = new AtomicBoolean();
        AtomicInteger answers = new AtomicInteger();
        try (RunningProxy proxy = RunningProxy.startWithConfig(write(rules.formatted("v0")))) {
            List<Future<?>> clients = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                String target = "/a?" + i;
                clients.add(threads.submit(() -> {
                    while (!stopped.get()) {
                        HttpResponse<byte[]> response = get(proxy.uri(answers.get() % 2 == 0 ? "/a" : target));
                        assertThat(response.statusCode()).isEqualTo(200);
                        String one = response.headers().firstValue("X-One").orElseThrow();
                        assertThat(response.headers().firstValue("X-Two")).contains(one);
                        answers.incrementAndGet();
                    }
                    return null;
                }));
            }
            for (int i = 1; i <= RELOADS; i++) {
                write(i % 10 == 5 ? "[{" : rules.formatted("v" + i));
                assertThat(reload(proxy).statusCode()).isEqualTo(i % 10 == 5 ? 422 : 200);
            }
            stopped.set(true);
            for (Future<?> client : clients) {
                client.get();
            }
            assertThat(answers.get()).isGreaterThan(RELOADS);
            assertThat(get(proxy.uri("/a")).headers().firstValue("X-One")).contains("v" + RELOADS);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void a_proxy_without_a_file_has_nothing_to_reload() throws Exception {
        try (RunningProxy proxy = RunningProxy.start(shop.uri())) {
            assertThat(reload(proxy).statusCode()).isEqualTo(409);
            assertThat(get(proxy.adminUri("/api/config/reload")).statusCode()).isEqualTo(405);
            assertThat(send("POST", proxy.adminUri("/api/config/reload"), "", "Origin", "http://evil.example")
                            .statusCode())
                    .isEqualTo(403);
        }
    }

    @Test
    void check_ends_with_0_or_2() throws Exception {
        Ended right = RunningProxy.run("check", write("[]").toString());
        assertThat(right.exitCode()).isEqualTo(0);
        assertThat(right.out()).contains("site 127.0.0.1: hosts 127.0.0.1; origin shop;");
        Path file = write("[{nmae: x, ttl: 1}]");
        Ended wrong = RunningProxy.run("--config", file.toString(), "--check-config");
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.err().lines()).hasSize(2).allMatch(line -> line.startsWith(file + ":8:"));
        assertThat(RunningProxy.run("check", "--schema").out()).startsWith("{");
    }

    @Test
    void a_redirect_to_the_origin_leads_to_the_site() throws Exception {
        shop.on("/v1/old", exchange -> {
            exchange.getResponseHeaders().set("Location", shop.uri() + "/v1/new?a");
            exchange.getResponseHeaders().set("Cache-Control", "max-age=60");
            exchange.sendResponseHeaders(301, -1);
        });
        Path file = write("[{name: api, match: {path: /api/**}, rewrite: {strip-prefix: /api, add-prefix: /v1}}]");
        try (RunningProxy proxy = RunningProxy.startWithConfig(file)) {
            for (String outcome : List.of("MISS", "HIT")) {
                HttpResponse<byte[]> redirect = get(proxy.uri("/api/old"));
                assertThat(redirect.headers().firstValue("Location")).contains("/api/new?a");
                assertThat(redirect.headers().firstValue("X-Cache")).contains(outcome);
            }
        }
    }

    @Test
    void several_listeners_serve_one_cache_and_one_redirects() throws Exception {
        shop.on("/a", "shop", "Cache-Control", "max-age=60");
        Path file = folder.resolve("listeners.yaml");
        Files.writeString(file, """
                listeners: [{port: 0}, {port: 0, host: 127.0.0.2}, {port: 0, redirect-to-https: 8443}]
                origins: {shop: {servers: [%s]}}
                """.formatted(shop.uri()));
        try (RunningProxy proxy = RunningProxy.startWithOnly(file)) {
            assertThat(proxy.startLine()).contains(" http://127.0.0.2:", " (redirects to https)");
            List<String> urls = Pattern.compile("http://[0-9.:]+")
                    .matcher(proxy.startLine().replaceFirst(" for .*", ""))
                    .results()
                    .map(MatchResult::group)
                    .toList();
            assertMiss(get(URI.create(urls.get(0) + "/a")));
            assertHit(get(URI.create(urls.get(1) + "/a")));
            HttpResponse<byte[]> redirect = get(URI.create(urls.get(2) + "/a"));
            assertThat(redirect.statusCode()).isEqualTo(301);
            assertThat(redirect.headers().firstValue("Location")).contains("https://127.0.0.1:8443/a");
        }
        Ended ended = RunningProxy.run("--config", file.toString(), "--port", "0");
        assertThat(ended.err()).contains("--port has no effect where the file has listeners");
    }

    @Test
    void a_changed_file_is_reloaded_where_watch_config_is_set() throws Exception {
        shop.on("/a", "shop", "Cache-Control", "max-age=60");
        Path file = write("[]");
        try (RunningProxy proxy = RunningProxy.startWithConfig(file, "--watch-config")) {
            assertMiss(get(proxy.uri("/a")));
            assertHit(get(proxy.uri("/a")));
            write("[{name: off, store: false}]");
            await().untilAsserted(
                            () -> assertThat(proxy.stderr()).contains("Configuration reloaded: 2 sites, 1 rules"));
            assertMiss(get(proxy.uri("/a")));
            write("[{name: off, stor: false}]");
            await().untilAsserted(() -> assertThat(proxy.stderr()).contains("Configuration not reloaded"));
            assertMiss(get(proxy.uri("/a")));
        }
    }

    @Test
    void the_configuration_in_use_is_shown_without_secrets() throws Exception {
        Path file =
                write("[{name: key, request-headers: {set: {Authorization: Bearer s3cr3t, X-Shop: \"${SHOP:one}\"}}}]");
        try (RunningProxy proxy = RunningProxy.startWithConfig(file)) {
            String shown = new String(get(proxy.adminUri("/api/config")).body(), StandardCharsets.UTF_8);
            assertThat(shown)
                    .contains("\"memory\":\"5MB\"", "\"hosts\":[\"localhost\"]", "\"Authorization\":\"***\"")
                    .contains("\"X-Shop\":\"${SHOP:***}\"")
                    .doesNotContain("s3cr3t");
            write("[{name: x, tll: 5}]");
            assertThat(reload(proxy).statusCode()).isEqualTo(422);
            String after = new String(get(proxy.adminUri("/api/config")).body(), StandardCharsets.UTF_8);
            assertThat(after).contains("\"name\":\"key\"", "\"reloaded\":false", "did you mean `ttl`");
        }
    }

    @Test
    void a_configuration_is_checked_and_changes_nothing() throws Exception {
        shop.on("/a", "shop", "Cache-Control", "max-age=60");
        Path file = write("[]");
        try (RunningProxy proxy = RunningProxy.startWithConfig(file)) {
            assertMiss(get(proxy.uri("/a")));
            String text = Files.readString(write("[{name: off, store: false}]"));
            write("[]");
            HttpResponse<byte[]> valid = send("POST", proxy.adminUri("/api/config/check"), text);
            assertThat(new String(valid.body(), StandardCharsets.UTF_8))
                    .startsWith("{\"valid\":true,\"sites\":2,\"rules\":1,\"restart\":[],\"warnings\":[],\"diff\":{")
                    .contains("\"added\":3,\"removed\":1,", "\"+      - name: off\",\"+        store: false\"");
            assertHit(get(proxy.uri("/a")));
            HttpResponse<byte[]> wrong = send("POST", proxy.adminUri("/api/config/check"), "sitse: []");
            assertThat(wrong.statusCode()).isEqualTo(422);
            assertThat(new String(wrong.body(), StandardCharsets.UTF_8))
                    .contains("configuration:1:1: sitse: unknown key `sitse`; did you mean `sites`?");
            assertThat(send("POST", proxy.adminUri("/api/config/check"), "").statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void the_file_is_compared_with_the_configuration_in_use_and_secrets_are_not_shown() throws Exception {
        String rule = "[{name: key, request-headers: {set: {Authorization: Bearer %s}}}]";
        Path file = write(rule.formatted("s3cr3t"));
        try (RunningProxy proxy = RunningProxy.startWithConfig(file)) {
            assertThat(diff(get(proxy.adminUri("/api/config/diff")))).isEmpty();

            write("[{name: key, tll: 5s}]");
            HttpResponse<byte[]> wrong = get(proxy.adminUri("/api/config/diff"));
            assertThat(wrong.statusCode()).isEqualTo(422);

            String changed = Files.readString(write(rule.formatted("s3cr3t-too")));
            List<String> ofFile = diff(get(proxy.adminUri("/api/config/diff")));
            assertThat(ofFile)
                    .startsWith("--- running", "+++ new")
                    .filteredOn(line -> line.contains("Authorization"))
                    .containsExactly("-            Authorization: ***", "+            Authorization: ***");
            assertThat(String.join("\n", ofFile)).doesNotContain("s3cr3t");
            assertThat(diff(send("POST", proxy.adminUri("/api/config/check"), changed)))
                    .isEmpty();
            assertThat(diff(send("POST", proxy.adminUri("/api/config/check"), "")))
                    .isEqualTo(ofFile);
            assertThat(reload(proxy).statusCode()).isEqualTo(200);
            assertThat(diff(get(proxy.adminUri("/api/config/diff")))).isEmpty();
        }
    }

    @Test
    void content_that_is_sent_uses_environment_variables_only_if_the_admin_api_has_a_token() throws Exception {
        write("[{name: key, request-headers: {set: {X-Path: '${PATH}'}}}]");
        Path file = folder.resolve("c.yaml");
        String text = Files.readString(file);
        String refused = "sites[0].rules[0].request-headers.set.X-Path: the environment variable PATH is not available"
                + " to content that is sent to an admin API without a token";
        try (RunningProxy proxy = RunningProxy.startWithConfig(file)) {
            for (String path : List.of("/api/config/check", "/api/config/preview")) {
                HttpResponse<byte[]> sent = send("POST", proxy.adminUri(path), text);
                assertThat(sent.statusCode()).isEqualTo(422);
                assertThat(new String(sent.body(), StandardCharsets.UTF_8)).contains(refused);
                assertThat(send("POST", proxy.adminUri(path), "").statusCode()).isEqualTo(200);
            }
            assertThat(reload(proxy).statusCode()).isEqualTo(200);
        }
        Path token = Files.writeString(folder.resolve("token"), "0123456789abcdef0123456789abcdef");
        try (RunningProxy proxy = RunningProxy.startWithConfig(file, "--admin-token-file", token.toString())) {
            String bearer = "Bearer " + Files.readString(token);
            HttpResponse<byte[]> sent =
                    send("POST", proxy.adminUri("/api/config/check"), text, "Authorization", bearer);
            assertThat(new String(sent.body(), StandardCharsets.UTF_8)).startsWith("{\"valid\":true");
        }
    }

    @Test
    void content_that_is_sent_does_not_tell_whether_it_has_the_secret_of_an_option() throws Exception {
        String redis = "redis: redis://:%s@127.0.0.1:1\n";
        Path file = write("[]");
        String rest = Files.readString(file);
        Files.writeString(file, redis.formatted("s3cr3t") + rest);
        try (RunningProxy proxy = RunningProxy.startWithConfig(file)) {
            URI check = proxy.adminUri("/api/config/check");
            String same = restart(send("POST", check, redis.formatted("s3cr3t") + rest));
            assertThat(restart(send("POST", check, redis.formatted("guess") + rest)))
                    .isEqualTo(same)
                    .isEqualTo("[]");
            assertThat(restart(send("POST", check, redis.formatted("s3cr3t").replace(":1", ":2") + rest)))
                    .isEqualTo("[\"redis has changed: restart to apply it\"]");
            Files.writeString(file, redis.formatted("another") + rest);
            assertThat(restart(get(proxy.adminUri("/api/config/diff"))))
                    .isEqualTo("[\"redis has changed: restart to apply it\"]");
        }
    }

    @Test
    void content_that_is_sent_has_no_other_files_read_than_those_of_the_configuration_in_use() throws Exception {
        Path file = write("[]");
        Path redisson = Files.writeString(
                folder.resolve("redisson.yaml"), "singleServerConfig: {address: \"redis://127.0.0.1:1\"}");
        String rest = Files.readString(file);
        Files.writeString(file, "redis-config: " + redisson + "\n" + rest);
        try (RunningProxy proxy = RunningProxy.startWithConfig(file)) {
            for (String path : List.of("/api/config/check", "/api/config/preview")) {
                URI uri = proxy.adminUri(path);
                assertThat(send("POST", uri, Files.readString(file)).statusCode())
                        .isEqualTo(200);
                for (String other :
                        List.of("redis-config: /dev/zero", "redis-config: no/such", "origin-ca: /dev/zero")) {
                    HttpResponse<byte[]> sent = send("POST", uri, other + "\n" + rest);
                    assertThat(sent.statusCode()).isEqualTo(422);
                    assertThat(new String(sent.body(), StandardCharsets.UTF_8))
                            .contains("names another file than the configuration in use");
                }
            }
        }
        Ended ended = RunningProxy.run("--redis-config", "/dev/zero", "--origin", "http://127.0.0.1:1");
        assertThat(ended.err()).contains("/dev/zero: it is no regular file");
    }

    private static String restart(HttpResponse<byte[]> response) throws IOException {
        return new ObjectMapper().readTree(response.body()).at("/restart").toString();
    }

    private static List<String> diff(HttpResponse<byte[]> response) throws IOException {
        List<String> lines = new ArrayList<>();
        new ObjectMapper().readTree(response.body()).at("/diff/lines").forEach(line -> lines.add(line.asText()));
        return lines;
    }

    private static HttpResponse<byte[]> reload(RunningProxy proxy) throws IOException, InterruptedException {
        return send("POST", proxy.adminUri("/api/config/reload"), "");
    }

    private static void assertBody(String expected, HttpResponse<byte[]> response) {
        assertThat(new String(response.body(), StandardCharsets.UTF_8).strip()).isEqualTo(expected);
    }

    private static String statusLine(RunningProxy proxy, String host) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
            String request = "GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1)
                    .lines()
                    .findFirst()
                    .orElse("");
        }
    }
}
