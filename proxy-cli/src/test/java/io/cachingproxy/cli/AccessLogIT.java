package io.cachingproxy.cli;

import static io.cachingproxy.cli.Client.get;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The access log and the recent requests of the jar. */
class AccessLogIT {
    @TempDir
    private Path folder;

    private TestOrigin origin;

    @BeforeEach
    void start() throws IOException {
        origin = TestOrigin.start();
        origin.on("/a", "twelve bytes", "Cache-Control", "max-age=60");
        origin.on("/private", "mine", "Cache-Control", "private");
    }

    @AfterEach
    void stop() {
        origin.close();
    }

    private static List<JsonNode> json(List<String> lines) throws IOException {
        List<JsonNode> parsed = new ArrayList<>();
        for (String line : lines) {
            parsed.add(new ObjectMapper().readTree(line));
        }
        return parsed;
    }

    private static void await(Path file, int lines) throws IOException {
        long begin = System.nanoTime();
        while (Files.readAllLines(file).size() < lines) {
            assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(20));
        }
    }

    /** The recent requests, once there are so many: a request is recorded after its client has the response. */
    private static JsonNode awaitRecent(RunningProxy proxy, int count) throws Exception {
        long begin = System.nanoTime();
        while (true) {
            JsonNode requests = new ObjectMapper()
                    .readTree(get(proxy.adminUri("/api/requests")).body())
                    .path("requests");
            if (requests.size() >= count) {
                return requests;
            }
            assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(20));
        }
    }

    @Test
    void each_request_is_one_line_with_how_it_was_answered() throws Exception {
        Path file = folder.resolve("access.log");
        try (RunningProxy proxy = RunningProxy.start(
                origin.uri(), "--no-admin", "--access-log", file.toString(), "--access-log-format", "json")) {
            get(proxy.uri("/a?token=secret"));
            get(proxy.uri("/a?token=secret"));
            get(proxy.uri("/private"));
            await(file, 3);
            proxy.terminate();
            assertThat(proxy.awaitExit()).isEqualTo(143);
        }
        List<JsonNode> lines = json(Files.readAllLines(file));
        assertThat(lines).map(it -> it.path("result").asText()).containsExactly("miss", "hit", "miss");
        assertThat(lines.get(0).path("url").asText()).endsWith("/a?token=***");
        assertThat(lines.get(0).path("reason").asText()).isEqualTo("uri-miss");
        assertThat(lines.get(0).path("origin").asText()).isEqualTo("origin");
        assertThat(lines.get(1).path("age").isNumber()).isTrue();
        assertThat(lines.get(2).path("not-stored").asText()).isEqualTo("response-private");
        assertThat(lines.get(2).path("bytes").asLong()).isEqualTo(4);
    }

    @Test
    void sighup_opens_the_file_again_after_it_was_renamed() throws Exception {
        Path file = folder.resolve("access.log");
        try (RunningProxy proxy = RunningProxy.start(origin.uri(), "--no-admin", "--access-log", file.toString())) {
            get(proxy.uri("/a"));
            await(file, 1);
            Files.move(file, folder.resolve("access.log.old"));
            proxy.hangUp();
            long begin = System.nanoTime();
            while (!Files.exists(file)) {
                get(proxy.uri("/a"));
                assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(20));
            }
        }
    }

    @Test
    void a_log_on_stdout_follows_the_start_line() throws Exception {
        Path file = Files.writeString(folder.resolve("config.yaml"), """
                origin: %s
                no-admin: true
                access-log: "-"
                access-log-format: json
                redact: [secret, t*n]
                """.formatted(origin.uri()));
        try (RunningProxy proxy = RunningProxy.startWithConfig(file)) {
            get(proxy.uri("/a?token=1&secret=2&c=3"));
            proxy.terminate();
            proxy.awaitExit();
            assertThat(proxy.moreOutput()).anyMatch(it -> it.contains("/a?token=***&secret=***&c=3\",\"status\":200"));
        }
    }

    @Test
    void a_file_that_cannot_be_written_is_one_line() throws Exception {
        RunningProxy.Ended ended = RunningProxy.run(
                "--origin", origin.uri().toString(), "--port", "0", "--access-log", folder + "/missing/access.log");
        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.err().lines()).hasSize(1);
        assertThat(ended.err()).contains("--access-log", "/missing/access.log cannot be written");
    }

    @Test
    void a_recent_request_is_explained_by_its_id_with_the_response_of_the_origin_and_without_secrets()
            throws Exception {
        try (RunningProxy proxy = RunningProxy.start(origin.uri(), "--admin-port", "0")) {
            get(proxy.uri("/private?token=s3cret"), "Cookie", "session=s3cret", "Authorization", "Bearer s3cret");
            get(proxy.uri("/private"), "X-Long", "x".repeat(3_000));
            JsonNode requests = awaitRecent(proxy, 2);
            long longest = requests.get(0).path("id").asLong();
            HttpResponse<String> explained =
                    explained(proxy, "{\"id\":" + requests.get(1).path("id").asLong() + "}");
            JsonNode explanation = new ObjectMapper().readTree(explained.body());
            assertThat(explanation.at("/storage/reason").asText()).isEqualTo("response-private");
            assertThat(explanation.path("url")).isEqualTo(requests.get(1).path("url"));
            assertThat(explained.body()).contains("token=***").doesNotContain("s3cret");
            CommandLineRun command = CommandLineRun.of(
                    "explain",
                    "--id",
                    requests.get(1).path("id").asText(),
                    "--admin",
                    "http://" + proxy.adminUri("/").getAuthority());
            assertThat(command.err()).isEmpty();
            assertThat(command.out()).contains("NOT STORED: response-private", "token=***");
            CommandLineRun.of(
                            "explain",
                            "--id",
                            "-1",
                            "--admin",
                            "http://" + proxy.adminUri("/").getAuthority())
                    .assertFailed("request -1 is not recorded");
            assertThat(explained(proxy, "{\"id\":" + longest + "}"))
                    .returns(404, HttpResponse::statusCode)
                    .satisfies(it -> assertThat(it.body()).contains("request " + longest + " is not recorded"));
            assertThat(explained(proxy, "{\"id\":-1}").statusCode()).isEqualTo(404);
            assertThat(explained(proxy, "{\"id\":1.5}").statusCode()).isEqualTo(400);
            assertThat(explained(proxy, "{\"id\":0,\"url\":\"http://a.example/\"}")
                            .body())
                    .contains("id excludes all other keys");
        }
    }

    private static HttpResponse<String> explained(RunningProxy proxy, String body) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(proxy.adminUri("/api/explain"))
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void the_admin_listener_lists_the_recent_requests_and_follows_new_ones() throws Exception {
        try (RunningProxy proxy = RunningProxy.start(origin.uri(), "--admin-port", "0")) {
            get(proxy.uri("/a"));
            get(proxy.uri("/a"));
            HttpClient client = HttpClient.newHttpClient();
            HttpResponse<Stream<String>> events = client.send(
                    HttpRequest.newBuilder(proxy.adminUri("/api/requests"))
                            .header("Accept", "text/event-stream")
                            .build(),
                    HttpResponse.BodyHandlers.ofLines());
            assertThat(events.headers().firstValue("Content-Type")).hasValue("text/event-stream;charset=utf-8");
            get(proxy.uri("/private"));
            try (Stream<String> lines = events.body()) {
                String data = lines.filter(it -> it.startsWith("data: ") && it.contains("/private"))
                        .findFirst()
                        .orElseThrow();
                JsonNode request = new ObjectMapper().readTree(data.substring(6));
                assertThat(request.path("result").asText()).isEqualTo("miss");
            }
            JsonNode list = new ObjectMapper()
                    .readTree(get(proxy.adminUri("/api/requests?limit=3")).body());
            assertThat(list.path("requests")).hasSize(3);
            assertThat(list.path("requests").get(0).path("url").asText()).endsWith("/private");
            assertThat(list.path("requests").get(1).path("result").asText()).isEqualTo("hit");
            assertThat(new String(get(proxy.adminUri("/api/requests?limit=0")).body(), StandardCharsets.UTF_8))
                    .contains("limit is between 1 and 2000");
        }
    }
}
