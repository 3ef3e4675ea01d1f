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
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What two proxies on one Redis report of it: metrics. */
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
}
