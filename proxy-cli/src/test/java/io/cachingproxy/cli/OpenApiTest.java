package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cachingproxy.cli.admin.AdminServer;
import io.cachingproxy.cli.admin.OpenApi;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The description of the admin API is that of the admin listener of an instance. */
class OpenApiTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Statuses that need an outage of Redis, a validator, a token, a foreign Host, much content or many clients. */
    private static final String UNUSUAL = "202|304|401|403|408|413|503";

    private TestOrigin origin;
    private Path file;
    private Instance instance;
    private OpenApiDocument document;

    @TempDir
    private Path folder;

    @BeforeEach
    void start() throws Exception {
        origin = TestOrigin.start()
                .on("/pages/1", "page", "Vary", "Accept-Language")
                .on("/private", "mine", "Cache-Control", "private");
        file = Files.writeString(folder.resolve("caching-proxy.yaml"), """
                origins:
                  app: {servers: [%s]}
                sites:
                  - hosts: [127.0.0.1]
                    origin: app
                    rules:
                      - {name: pages, match: {path: /pages/**}, ttl: 60s, tags: [pages]}
                      - {name: cart, match: {path: /cart/**}, bypass: true}
                  - {hosts: [localhost], origin: app, shadow: true}
                """.formatted(origin.uri()));
        instance = start("--config", file.toString());
        document = new OpenApiDocument(text(Client.get(admin(instance, OpenApi.PATH))));
    }

    @AfterEach
    void stop() {
        instance.stop(line -> {});
        origin.close();
    }

    private static Instance start(String... args) throws Exception {
        List<String> all = new ArrayList<>(List.of("--port", "0", "--admin-port", "0", "--drain", "0s"));
        all.addAll(List.of(args));
        return Instance.start(new Launch(Map.of(), all, new PrintWriter(System.err)).plan());
    }

    private static URI admin(Instance instance, String target) {
        return URI.create("http://127.0.0.1:" + instance.admin().orElseThrow().port() + target);
    }

    private static URI proxy(Instance instance, String target) {
        String port = instance.toString().replaceFirst(".* listening on http://127.0.0.1:(\\d+) .*", "$1");
        return URI.create("http://127.0.0.1:" + port + target);
    }

    private static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    @Test
    void every_route_is_described_and_every_described_one_exists() {
        Map<String, Set<String>> routes = new TreeMap<>();
        instance.admin().map(AdminServer::routes).orElseThrow().methods().forEach((path, methods) -> {
            assertThat(methods.contains("HEAD")).as("HEAD %s", path).isEqualTo(methods.contains("GET"));
            Set<String> described = new HashSet<>(methods);
            described.remove("HEAD");
            routes.put(path.replaceFirst("^/dashboard/.+", "/dashboard/{file}"), described);
        });
        assertThat(document.methods()).containsExactlyInAnyOrderEntriesOf(routes);
    }

    @Test
    void operations_have_ids_of_their_own_and_every_reference_leads_somewhere() throws IOException {
        JsonNode served = MAPPER.readTree(getClass().getResource("/io/cachingproxy/cli/admin/openapi.json"));
        assertThat(served.path("openapi").asText()).startsWith("3.1.");
        assertThat(served.findValuesAsText("operationId"))
                .doesNotHaveDuplicates()
                .hasSizeGreaterThan(20);
        assertThat(served.findValuesAsText("$ref"))
                .isNotEmpty()
                .allSatisfy(it -> assertThat(served.at(it.substring(1)).isMissingNode())
                        .as(it)
                        .isFalse());
    }

    @Test
    void every_variable_of_a_path_is_a_parameter_of_its_operations() {
        document.root().path("paths").fields().forEachRemaining(path -> {
            List<String> variables = Pattern.compile("\\{([^}]*)}")
                    .matcher(path.getKey())
                    .results()
                    .map(it -> it.group(1))
                    .toList();
            path.getValue().forEach(operation -> {
                List<String> described = new ArrayList<>();
                operation.path("parameters").forEach(parameter -> {
                    if (parameter.path("in").asText().equals("path")) {
                        assertThat(parameter.path("required").asBoolean()).isTrue();
                        described.add(parameter.path("name").asText());
                    }
                });
                assertThat(described).as(path.getKey()).isEqualTo(variables);
            });
        });
    }

    @Test
    void every_answer_of_an_instance_is_as_described() throws Exception {
        Client.get(proxy(instance, "/pages/1"), "Accept-Language", "de");
        Client.get(proxy(instance, "/pages/1"), "Accept-Language", "de");
        Client.get(proxy(instance, "/private"));
        await().until(() -> json(instance, "/api/requests").path("requests").size() == 3);

        for (String path :
                List.of("/health/live", "/health/ready", "/metrics", OpenApi.PATH, "/api/stats", "/api/nodes")) {
            call(instance, "GET", path, "");
        }
        call(instance, "GET", "/api/requests?limit=2", "");
        call(instance, "GET", "/api/requests?limit=0", "");
        call(instance, "GET", "/api/origins", "");
        await().until(() ->
                json(instance, "/api/history").at("/series/requests.hit").size() > 0);
        for (String path : List.of(
                "/", "/dashboard/app.js", "/dashboard/views/top.js", "/dashboard/style.css", "/dashboard/icon.svg")) {
            call(instance, "GET", path, "");
        }
        call(instance, "GET", "/api/history?minutes=5", "");
        call(instance, "GET", "/api/history?minutes=0", "");
        call(instance, "GET", "/api/top?by=misses", "");
        call(instance, "GET", "/api/top?by=none", "");
        call(instance, "POST", "/api/origins/app/servers/0/drain", "");
        await().until(() -> json(instance, "/api/origins/changes").size() > 0);
        call(instance, "GET", "/api/origins/changes", "");
        call(instance, "POST", "/api/origins/app/servers/0/ready", "");
        call(instance, "POST", "/api/origins/app/servers/1/drain", "");
        call(instance, "POST", "/api/origins/none/servers/0/ready", "");
        shadow();
        entries();
        explanations();
        configuration();
        purges();
        dialects();
        try (InstanceOf alone = new InstanceOf(start("--origin", "http://127.0.0.1:" + FreePort.number()))) {
            call(alone.instance, "GET", "/api/config", "");
            call(alone.instance, "POST", "/api/config/check", "");
            call(alone.instance, "GET", "/api/config/diff", "");
            call(alone.instance, "POST", "/api/config/preview", "");
            call(alone.instance, "POST", "/api/config/reload", "");
            call(alone.instance, "POST", "/api/explain", "{\"url\":\"http://a.example/\",\"fetch\":true}");
        }
        assertThat(document.unchecked())
                .filteredOn(it -> !it.matches(".* (" + UNUSUAL + ")"))
                .isEmpty();
    }

    private record InstanceOf(Instance instance) implements AutoCloseable {
        @Override
        public void close() {
            instance.stop(line -> {});
        }
    }

    private void shadow() throws Exception {
        URI page = URI.create(proxy(instance, "/shadow").toString().replace("127.0.0.1", "localhost"));
        for (String text : List.of("old", "new")) {
            origin.on("/shadow", text, "Cache-Control", "max-age=60");
            Client.get(page);
            String result = text.equals("old") ? "miss" : "hit";
            await().until(() -> json(instance, "/api/shadow")
                            .at("/sites/0/requests/" + result)
                            .asInt()
                    == 1);
        }
        JsonNode report = call(instance, "GET", "/api/shadow", "");
        assertThat(report.at("/sites/0/wrong-responses/0/hint").asText()).contains("shorter ttl");
        for (int i = 0; i < 7; i++) {
            origin.on("/tracked", "text", "Cache-Control", "max-age=60");
            Client.get(URI.create(page.toString().replace("/shadow", "/tracked?utm_source=" + i)));
            String body = "text " + i % 2;
            origin.on("/hello", body, "Cache-Control", "max-age=60");
            Client.get(URI.create(page.toString().replace("/shadow", "/hello")), "Cookie", "lang=" + body);
        }
        await().until(() ->
                json(instance, "/api/key-advice").at("/sites/1/responses").asInt() == 16);
        JsonNode advice = call(instance, "GET", "/api/key-advice", "");
        assertThat(advice.at("/sites/1/advice/0/rule").asText()).contains("utm_source");
        assertThat(advice.at("/sites/1/warnings/0/rule").asText()).contains("lang");
    }

    private void entries() throws Exception {
        JsonNode entries = call(instance, "GET", "/api/entries?limit=1", "");
        String id = entries.path("entries").path(0).path("id").asText();
        assertThat(entries.at("/entries/0/variants/0/vary/accept-language").asText())
                .isEqualTo("de");
        call(instance, "GET", "/api/entries?limit=0", "");
        call(instance, "GET", "/api/entries/" + id, "");
        call(instance, "GET", "/api/entries/none", "");
        call(instance, "GET", "/api/entries/" + id + "?store=redis", "");
        call(instance, "DELETE", "/api/entries/" + id + "?store=none", "");
        call(instance, "DELETE", "/api/entries/" + id + "?soft", "");
        call(instance, "DELETE", "/api/entries/none", "");
    }

    private void explanations() throws Exception {
        String url = proxy(instance, "/pages/1").toString();
        JsonNode hit = call(
                instance,
                "POST",
                "/api/explain",
                "{\"method\":\"GET\",\"url\":\"%s\",\"headers\":{\"Accept-Language\":[\"de\"]}}".formatted(url));
        assertThat(hit.at("/variants/0/selected").asBoolean()).isTrue();
        call(
                instance,
                "POST",
                "/api/explain",
                "{\"url\":\"%s\",\"response\":{\"status\":200,\"headers\":{\"Cache-Control\":\"private\"}}}"
                        .formatted(url));
        JsonNode stored = call(
                instance,
                "POST",
                "/api/explain",
                "{\"url\":\"%s\",\"fetch\":true}".formatted(proxy(instance, "/private")));
        assertThat(stored.at("/storage/changes").size()).isPositive();
        call(instance, "POST", "/api/explain", "{\"url\":\"http://other.example/\"}");
        call(instance, "POST", "/api/explain", "{}");
        JsonNode recent = call(instance, "GET", "/api/requests", "");
        JsonNode again = call(
                instance,
                "POST",
                "/api/explain",
                "{\"id\":%d}".formatted(recent.at("/requests/0/id").asLong()));
        assertThat(again.path("url")).isEqualTo(recent.at("/requests/0/url"));
        call(instance, "POST", "/api/explain", "{\"id\":999999}");
        call(instance, "POST", "/api/explain", "{\"id\":0,\"fetch\":true}");
    }

    private void configuration() throws Exception {
        call(instance, "GET", "/api/config", "");
        call(instance, "POST", "/api/config/check", "");
        call(instance, "POST", "/api/config/check", Files.readString(file).replace("ttl: 60s", "ttl: 5s"));
        call(instance, "POST", "/api/config/check", "tll: 5s");
        JsonNode same = call(instance, "GET", "/api/config/diff", "");
        assertThat(same.at("/diff/lines").isEmpty()).isTrue();
        call(instance, "POST", "/api/config/preview", Files.readString(file).replace("ttl: 60s", "ttl: 5s"));
        call(instance, "POST", "/api/config/preview", "tll: 5s");
        call(instance, "POST", "/api/config/reload", "");
        call(instance, "GET", "/api/config", "");
        String good = Files.readString(file);
        Files.writeString(file, good + "tll: 5s\n");
        call(instance, "POST", "/api/config/reload", "");
        call(instance, "GET", "/api/config/diff", "");
        JsonNode shown = call(instance, "GET", "/api/config", "");
        assertThat(shown.at("/reload/errors/0").asText()).contains("unknown key `tll`");
        Files.writeString(file, good);
    }

    private void purges() throws Exception {
        call(instance, "POST", "/api/purge", "{\"tags\":[\"pages\"],\"dry-run\":true}");
        call(
                instance,
                "POST",
                "/api/purge",
                "{\"urls\":[\"%s\"],\"prefixes\":[],\"groups\":[\"g\"],\"soft\":true,\"all\":false}"
                        .formatted(proxy(instance, "/pages/1")));
        call(instance, "POST", "/api/purge", "{\"tag\":[]}");
        call(instance, "POST", "/cache/purge?tag=pages&soft", "");
        call(instance, "POST", "/cache/purge", "");
        call(instance, "POST", "/cache/clear", "");
        call(instance, "DELETE", "/cache", "");
    }

    private void dialects() throws Exception {
        call(instance, "POST", "/service/s/purge/pages", "");
        call(instance, "POST", "/service/s/purge", "{\"surrogate_keys\":[\"a\",\"b\"]}");
        call(instance, "POST", "/service/s/purge", "");
        call(instance, "POST", "/service/s/purge_all", "");
        call(instance, "POST", "/client/v4/zones/z/purge_cache", "{\"tags\":[\"a\"],\"hosts\":[\"localhost\"]}");
        call(instance, "POST", "/client/v4/zones/z/purge_cache", "{}");
    }

    private static JsonNode json(Instance instance, String target) throws Exception {
        return MAPPER.readTree(text(Client.get(admin(instance, target))));
    }

    /** Sends a request, and checks it and its response. */
    private JsonNode call(Instance instance, String method, String target, String body) throws Exception {
        HttpResponse<byte[]> response = Client.send(method, admin(instance, target), body);
        document.check(method, target, body, response.statusCode(), response.headers(), text(response));
        String type = response.headers().firstValue("Content-Type").orElse("");
        return type.contains("json") ? MAPPER.readTree(response.body()) : MAPPER.missingNode();
    }
}
