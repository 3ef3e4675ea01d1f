package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cachingproxy.testkit.Certificate;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The dashboard for Grafana queries metrics that an instance has. */
class GrafanaTest {
    /** Words of PromQL that the dashboard uses. */
    private static final Set<String> WORDS =
            Set.of("sum", "min", "rate", "time", "topk", "histogram_quantile", "label_values");

    private final JsonNode dashboard = new ObjectMapper()
            .readTree(Path.of("src/dist/grafana/caching-proxy.json").toFile());

    @TempDir
    private Path folder;

    GrafanaTest() throws IOException {}

    private Set<String> queries() {
        Set<String> queries = new TreeSet<>(dashboard.findValuesAsText("expr"));
        queries.addAll(dashboard.findValuesAsText("definition"));
        return queries;
    }

    private static Stream<String> matches(String expression, String text) {
        return Pattern.compile(expression).matcher(text).results().map(MatchResult::group);
    }

    /** The names of the metrics in a query. */
    private static Set<String> metrics(String query) {
        String names = query.replaceAll("\\{[^}]*}", " ")
                .replaceAll("\\[[^\\]]*]", " ")
                .replaceAll("by \\([^)]*\\)", " ")
                .replaceAll("(label_values\\([^,]*), \\w+", "$1");
        return matches("[a-z_][a-z0-9_]*", names)
                .filter(name -> !WORDS.contains(name))
                .collect(Collectors.toSet());
    }

    /** The labels that a query selects or groups by. */
    private static Set<String> labels(String query) {
        Stream<String> selected = matches("(?<=[{,])\\w+(?=(=|!=|=~|!~)\")", query);
        Stream<String> grouped = matches("(?<=by \\()[^)]*", query).flatMap(list -> Stream.of(list.split(", ")));
        return Stream.concat(selected, grouped)
                .filter(label -> !label.equals("instance"))
                .collect(Collectors.toSet());
    }

    @Test
    void every_metric_and_label_of_a_query_is_in_the_scrape_of_an_instance() throws Exception {
        try (TestOrigin origin = TestOrigin.start();
                RedisProcess redis = new RedisProcess()) {
            origin.on("/a", "a", "Cache-Control", "max-age=60").on("/b", "b", "Cache-Control", "private");
            Instance instance = instance(origin, redis);
            try {
                URI proxy = URI.create(instance.toString().replaceFirst(".* listening on (http://[^, ]+), .*", "$1"));
                for (String path : List.of("/a", "/a", "/b")) {
                    Client.get(proxy.resolve(path));
                }
                System.gc(); // pauses of the garbage collector are reported once there was one
                URI metrics = URI.create(
                        "http://127.0.0.1:" + instance.admin().orElseThrow().port() + "/metrics");
                await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertIn(scrape(metrics)));
            } finally {
                instance.stop(line -> {});
            }
        }
    }

    private Instance instance(TestOrigin origin, RedisProcess redis) throws Exception {
        Certificate certificate = Certificate.in(folder, "dns:localhost");
        Path file = Files.writeString(
                folder.resolve("caching-proxy.yaml"), """
                listeners:
                  - {port: 0}
                  - {port: 0, tls: {certificate: %s, key: %s}}
                """.formatted(certificate.chain(), certificate.key()));
        List<String> args = List.of(
                "--config",
                file.toString(),
                "--origin",
                origin.uri().toString(),
                "--admin-port",
                "0",
                "--drain",
                "0s",
                "--redis=" + redis.url(),
                "--access-log",
                folder.resolve("access.log").toString());
        return Instance.start(new Launch(Map.of(), args, new PrintWriter(System.err)).plan());
    }

    private static String scrape(URI metrics) throws IOException, InterruptedException {
        return new String(Client.get(metrics).body(), StandardCharsets.UTF_8);
    }

    private void assertIn(String scrape) {
        for (String query : queries()) {
            Set<String> metrics = metrics(query);
            assertThat(metrics)
                    .as(query)
                    .isNotEmpty()
                    .allSatisfy(metric -> assertThat(scrape).containsPattern("(?m)^" + metric + "[ {]"));
            String samples = scrape.lines()
                    .filter(line -> metrics.contains(line.replaceFirst("[ {].*", "")))
                    .collect(Collectors.joining("\n"));
            assertThat(labels(query))
                    .as(query)
                    .allSatisfy(label -> assertThat(samples).contains(label + "=\""));
        }
    }

    @Test
    void panels_have_queries_titles_and_descriptions_and_do_not_overlap() {
        Set<Integer> ids = new TreeSet<>();
        Set<String> cells = new TreeSet<>();
        for (JsonNode panel : dashboard.path("panels")) {
            assertThat(ids.add(panel.path("id").asInt())).isTrue();
            assertThat(panel.path("title").asText()).isNotEmpty();
            if (!panel.path("type").asText().equals("row")) {
                assertThat(panel.path("description").asText()).isNotEmpty();
                assertThat(panel.path("targets")).isNotEmpty();
            }
            JsonNode place = panel.path("gridPos");
            assertThat(place.path("x").asInt() + place.path("w").asInt()).isLessThanOrEqualTo(24);
            for (int x = 0; x < place.path("w").asInt(); x++) {
                for (int y = 0; y < place.path("h").asInt(); y++) {
                    String cell = (place.path("x").asInt() + x) + ":"
                            + (place.path("y").asInt() + y);
                    assertThat(cells.add(cell)).as(panel.path("title").asText()).isTrue();
                }
            }
        }
        assertThat(ids).hasSizeGreaterThan(30);
    }
}
