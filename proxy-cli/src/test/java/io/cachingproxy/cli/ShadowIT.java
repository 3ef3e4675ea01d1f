package io.cachingproxy.cli;

import static io.cachingproxy.cli.Client.assertHit;
import static io.cachingproxy.cli.Client.assertMiss;
import static io.cachingproxy.cli.Client.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A shadow site of the jar: tried on traffic, corrected by what the report says, and then switched on. */
class ShadowIT {
    @TempDir
    private Path folder;

    private static String configuration(TestOrigin origin, String site) {
        return """
                admin-port: 0
                origins: {app: {servers: [%s]}}
                sites:
                  - hosts: ["*"]
                    name: shop
                    origin: app
                    %s
                """.formatted(origin.uri(), site);
    }

    private static JsonNode report(RunningProxy proxy) throws Exception {
        return new ObjectMapper()
                .readTree(get(proxy.adminUri("/api/shadow")).body())
                .path("sites");
    }

    /** Waits until so many requests are evaluated: a client may have its answer before. */
    private static void awaitEvaluated(RunningProxy proxy, int requests) {
        await().until(() -> {
            JsonNode counts = report(proxy).path(0).path("requests");
            return counts.path("miss").asInt() + counts.path("hit").asInt() == requests;
        });
    }

    @Test
    void a_wrong_rule_is_found_corrected_and_switched_on_without_a_wrong_response_to_a_client() throws Exception {
        Path file = folder.resolve("caching-proxy.yaml");
        String rule = "rules: [{name: pages, match: {path: /page}, ttl: 1h, ignore: [cookie]%s}]";
        try (TestOrigin origin = TestOrigin.start()) {
            origin.on("/page", exchange -> {
                String cookie = String.valueOf(exchange.getRequestHeaders().getFirst("Cookie"));
                TestOrigin.send(exchange, 200, cookie.replace("lang=", "").getBytes(StandardCharsets.UTF_8));
            });
            Files.writeString(file, configuration(origin, "shadow: true\n    " + rule.formatted("")));
            CommandLineRun check = CommandLineRun.of("check", file.toString());
            assertThat(check.out()).contains("site shop: ", "shadow: forwards everything and stores nothing");
            try (RunningProxy proxy = RunningProxy.startWithConfig(file)) {
                int sent = 0;
                for (String language : List.of("de", "en", "de")) {
                    assertThat(assertMiss(get(proxy.uri("/page"), "Cookie", "lang=" + language))
                                    .body())
                            .asString(StandardCharsets.UTF_8)
                            .isEqualTo(language);
                    awaitEvaluated(proxy, ++sent);
                }
                JsonNode wrong = report(proxy).get(0);
                assertThat(wrong.at("/requests/hit").asInt()).isEqualTo(2);
                assertThat(wrong.path("right").asInt()).isEqualTo(1);
                assertThat(wrong.path("wrong").asInt()).isEqualTo(1);
                assertThat(wrong.at("/wrong-responses/0/differing/0").asText()).isEqualTo("cookie lang");
                assertThat(wrong.at("/wrong-responses/0/hint").asText()).contains("key: {cookies: [...]}");
                String admin = proxy.adminUri("").toString();
                assertThat(RunningProxy.run("stats", "--admin", admin).out())
                        .containsPattern("shadow +shop: 66.7 % of requests, 66.7 % of bytes would be hits: "
                                + "2 hit, 1 miss; 1 right, 1 wrong");
                assertThat(RunningProxy.run("stats", "--json", "--admin", admin).out())
                        .contains("\"shadow\":[{\"name\":\"shop\",\"requests\":{\"hit\":2,");
                String metrics = new String(get(proxy.adminUri("/metrics")).body(), StandardCharsets.UTF_8);
                assertThat(metrics)
                        .contains(
                                "cache_shadow_wrong_total{site=\"shop\"} 1.0",
                                "cache_shadow_gets_total{result=\"hit\",site=\"shop\"} 2.0",
                                "cache_shadow_bytes_saved_total{site=\"shop\"} 4.0");

                String corrected = rule.formatted(", key: {cookies: [lang]}");
                Files.writeString(file, configuration(origin, "shadow: true\n    " + corrected));
                Client.send("POST", proxy.adminUri("/api/config/reload"), "");
                int again = 0;
                for (String language : List.of("de", "en", "de", "en")) {
                    assertMiss(get(proxy.uri("/page"), "Cookie", "lang=" + language));
                    awaitEvaluated(proxy, ++again);
                }
                JsonNode right = report(proxy).get(0);
                assertThat(right.path("right").asInt()).isEqualTo(2);
                assertThat(right.path("wrong").asInt()).isZero();

                Files.writeString(file, configuration(origin, corrected));
                Client.send("POST", proxy.adminUri("/api/config/reload"), "");
                assertThat(report(proxy)).isEmpty();
                assertThat(RunningProxy.run("stats", "--admin", admin).out()).doesNotContain("would be hits");
                assertMiss(get(proxy.uri("/page"), "Cookie", "lang=de"));
                assertHit(get(proxy.uri("/page"), "Cookie", "lang=de"));
            }
        }
    }
}
