package io.cachingproxy.cli;

import static io.cachingproxy.cli.Client.assertMiss;
import static io.cachingproxy.cli.Client.get;
import static io.cachingproxy.cli.Client.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What two proxies on one Redis report of it: metrics, nodes and entries. */
@Tag("faults")
class RedisViewIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private RedisProcess redis;
    private TestOrigin origin;
    private RunningProxy one;
    private RunningProxy two;
    private OpenApiDocument api;

    @BeforeEach
    void start() throws Exception {
        redis = new RedisProcess();
        origin = TestOrigin.start().on("/a", "a", "Cache-Control", "max-age=60", "Surrogate-Key", "letters");
        one = proxy();
        two = proxy();
        api = new OpenApiDocument(text(one, "/api/openapi.json"));
    }

    private RunningProxy proxy() throws IOException {
        return RunningProxy.start(origin.uri(), "--redis=" + redis.url(), "--redis-deadline=2s", "--admin-port", "0");
    }

    @AfterEach
    void stop() throws IOException {
        one.close();
        two.close();
        origin.close();
        redis.close();
    }

    private static String text(RunningProxy proxy, String target) throws Exception {
        return new String(get(proxy.adminUri(target)).body(), StandardCharsets.UTF_8);
    }

    /** The JSON answer to a request, which is as the API describes it. */
    private JsonNode call(RunningProxy proxy, String method, String target, String body) throws Exception {
        var response = send(method, proxy.adminUri(target), body);
        String content = new String(response.body(), StandardCharsets.UTF_8);
        api.check(method, target, body, response.statusCode(), response.headers(), content);
        return MAPPER.readTree(content);
    }

    private JsonNode redis(RunningProxy proxy) throws Exception {
        return call(proxy, "GET", "/api/stats", "").path("redis-details");
    }

    private double sample(RunningProxy proxy, String name) throws Exception {
        return text(proxy, "/metrics")
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElse(Double.NaN);
    }

    @Test
    void the_lag_of_a_purge_by_the_other_instance_is_in_the_metrics_and_the_summary() throws Exception {
        assertMiss(get(one.uri("/a")));
        get(two.uri("/a"));
        call(two, "POST", "/api/purge", "{\"tags\":[\"letters\"]}");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(sample(one, "redis_invalidation_lag_seconds_count{message=\"change\"}"))
                        .isEqualTo(1));
        assertThat(sample(two, "redis_invalidation_lag_seconds_count{message=\"change\"}"))
                .isZero();
        assertThat(sample(one, "redis_invalidation_lag_seconds_sum{message=\"change\"}"))
                .isBetween(0.0, 20.0);
        assertThat(sample(
                        two,
                        "db_client_operation_duration_seconds_count{db_operation_name=\"purge\","
                                + "db_system_name=\"redis\",outcome=\"ok\"}"))
                .isEqualTo(1);
        assertThat(sample(one, "redis_breakers{state=\"closed\"}")).isEqualTo(1);
        JsonNode details = redis(one);
        assertThat(details.at("/invalidation-lag/count").asInt()).isEqualTo(1);
        assertThat(details.at("/servers/0/breaker").asText()).isEqualTo("closed");
        assertThat(details.path("operations").findValuesAsText("name")).contains("find", "pulse");
        RunningProxy.Ended stats =
                RunningProxy.run("stats", "--admin", one.adminUri("").toString());
        assertThat(stats.out())
                .contains(
                        "circuit breaker of main: closed", "1 changes by other instances: median ", "lookups in Redis");
    }

    @Test
    void an_outage_is_in_the_metrics_and_the_summary_until_it_ends() throws Exception {
        redis.goAway();
        await().atMost(PATIENCE).untilAsserted(() -> {
            get(one.uri("/a?" + System.nanoTime()));
            assertThat(sample(one, "redis_available")).isZero();
            assertThat(sample(one, "redis_breakers{state=\"closed\"}")).isZero();
            assertThat(sample(one, "redis_breaker_rejected_total")).isPositive();
            assertThat(sample(one, "redis_near_trusted")).isZero();
        });
        assertThat(send("POST", one.adminUri("/api/purge"), "{\"tags\":[\"letters\"]}")
                        .statusCode())
                .isEqualTo(202);
        assertThat(redis(one).path("pending-purges").asInt()).isEqualTo(1);
        assertThat(redis(one).at("/servers/0/reason").asText()).isNotEmpty();
        redis.comeBack();
        await().atMost(PATIENCE).untilAsserted(() -> {
            JsonNode details = redis(one);
            assertThat(details.path("pending-purges").asInt()).isZero();
            assertThat(details.path("near-trusted").asBoolean()).isTrue();
            assertThat(details.path("breaker-opened").asInt()).isPositive();
        });
        assertThat(List.of(sample(one, "redis_available"), sample(one, "redis_breakers{state=\"closed\"}")))
                .containsOnly(1.0);
    }

    @Test
    void both_instances_are_nodes_and_confirm_a_purge_and_one_that_ends_is_gone() throws Exception {
        List<String> names = List.of(one, two).stream()
                .map(RunningProxy::port)
                .map(port -> ":" + port)
                .sorted()
                .toList();
        for (RunningProxy proxy : List.of(one, two)) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(
                                    call(proxy, "GET", "/api/nodes", "").findValuesAsText("name"))
                            .map(name -> name.replaceFirst(".*:", ":"))
                            .containsExactlyInAnyOrderElementsOf(names));
            JsonNode first = call(proxy, "GET", "/api/nodes", "").at("/nodes/0");
            assertThat(first.path("this").asBoolean()).isTrue();
            assertThat(first.path("name").asText()).endsWith(":" + proxy.port());
            assertThat(first.path("version").asText()).isEqualTo(version(proxy));
        }
        JsonNode receipt = call(one, "POST", "/api/purge", "{\"tags\":[\"letters\"]}");
        assertThat(receipt.path("nodes")).hasSize(2);
        assertThat(receipt.findValuesAsText("confirmed")).containsOnly("true");
        RunningProxy.Ended stats =
                RunningProxy.run("stats", "--admin", one.adminUri("").toString());
        assertThat(stats.out().lines().filter(line -> line.startsWith("node ")))
                .hasSize(2)
                .allMatch(line -> line.contains(": running, version "))
                .filteredOn(line -> line.contains(" (this): "))
                .hasSize(1);
        two.close();
        await().atMost(Duration.ofSeconds(40))
                .untilAsserted(
                        () -> assertThat(call(one, "GET", "/api/nodes", "").findValuesAsText("state"))
                                .containsExactly("running", "gone"));
        assertThat(call(one, "POST", "/api/purge", "{\"tags\":[\"letters\"]}").path("nodes"))
                .hasSize(1);
    }

    private static String version(RunningProxy proxy) {
        return proxy.startLine().split(" ")[1];
    }

    @Test
    void an_instance_that_is_stopped_is_no_node_any_more() throws Exception {
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(call(one, "GET", "/api/nodes", "").path("nodes"))
                                .hasSize(2));
        two.terminate();
        two.awaitExit();
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(call(one, "GET", "/api/nodes", "").path("nodes"))
                                .hasSize(1));
    }

    @Test
    void entries_in_redis_are_listed_shown_and_purged_by_an_instance_that_has_no_copies_of_them() throws Exception {
        for (int i = 0; i < 5; i++) {
            assertMiss(get(one.uri("/a?token=SECRET&i=" + i)));
        }
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(all(two, "&q=/a")).hasSize(5));
        assertThat(call(two, "GET", "/api/entries", "").path("entries")).isEmpty();
        JsonNode found = all(two, "&q=" + "token=***%26i=3").get(0);
        assertThat(found.path("url").asText()).endsWith("/a?token=***&i=3");
        assertThat(found.at("/variants/0/bytes").asInt()).isEqualTo(1);
        assertThat(found.at("/variants/0/tags/0").asText()).isEqualTo("letters");
        String id = "/api/entries/" + found.path("id").asText();
        assertThat(call(two, "GET", id + "?store=redis", "")).isEqualTo(found);
        assertThat(get(two.adminUri(id)).statusCode()).isEqualTo(404);
        assertThat(call(two, "DELETE", id + "?store=redis", "")
                        .path("confirmed")
                        .asBoolean())
                .isTrue();
        assertThat(get(two.adminUri(id + "?store=redis")).statusCode()).isEqualTo(404);
        assertThat(all(two, "")).hasSize(4);
        assertMiss(get(one.uri("/a?token=SECRET&i=3")));
        redis.goAway();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(
                                get(two.adminUri("/api/entries?store=redis")).statusCode())
                        .isEqualTo(503));
        assertThat(text(two, "/api/entries?store=redis")).startsWith("Redis is not reachable");
    }

    private List<JsonNode> all(RunningProxy proxy, String query) throws Exception {
        List<JsonNode> all = new ArrayList<>();
        String after = "";
        do {
            JsonNode page = call(proxy, "GET", "/api/entries?store=redis&limit=2" + query + after, "");
            page.path("entries").forEach(all::add);
            after = page.has("next") ? "&after=" + page.path("next").asText() : "";
        } while (!after.isEmpty());
        return all;
    }
}
