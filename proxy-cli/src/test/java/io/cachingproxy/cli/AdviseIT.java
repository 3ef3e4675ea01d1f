package io.cachingproxy.cli;

import static io.cachingproxy.cli.Client.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The advice of the jar about the cache key, written into its configuration file. */
class AdviseIT {
    @TempDir
    private Path folder;

    private int session;

    private static String language(HttpExchange exchange) {
        return String.valueOf(exchange.getRequestHeaders().getFirst("Cookie")).replaceFirst(".*lang=(\\w+).*", "$1");
    }

    private static void answer(HttpExchange exchange, String text) throws IOException {
        exchange.getResponseHeaders().set("Cache-Control", "max-age=3600");
        TestOrigin.send(exchange, 200, text.getBytes(StandardCharsets.UTF_8));
    }

    private Path file(TestOrigin origin, String rules) throws IOException {
        return Files.writeString(folder.resolve("caching-proxy.yaml"), """
                admin-port: 0
                origins: {app: {servers: [%s]}}
                sites:
                  - hosts: ["*"]
                    name: shop
                    origin: app
                """.formatted(origin.uri()) + rules);
    }

    /** Requests of new sessions in two languages; the number of hits. Each answer is in the language of its request. */
    private int hits(RunningProxy proxy) throws Exception {
        int hits = 0;
        for (int i = 0; i < 10; i++) {
            session++;
            String language = i % 2 == 0 ? "de" : "en";
            for (String path : new String[] {"/page?utm_source=s" + session, "/unkeyed?utm_source=s" + session}) {
                HttpResponse<byte[]> answer =
                        get(proxy.uri(path), "Cookie", "session=s" + session + "; lang=" + language);
                hits += answer.headers().firstValue("X-Cache").orElse("").equals("HIT") ? 1 : 0;
                assertThat(answer.body()).asString(StandardCharsets.UTF_8).isEqualTo("text in " + language);
            }
        }
        return hits;
    }

    @Test
    void the_rules_of_the_advice_raise_the_hits_and_keep_the_answers_right() throws Exception {
        try (TestOrigin origin = TestOrigin.start()) {
            origin.on("/page", exchange -> {
                exchange.getResponseHeaders().set("Vary", "Cookie");
                answer(exchange, "text in " + language(exchange));
            });
            origin.on("/unkeyed", exchange -> answer(exchange, "text in " + language(exchange)));
            try (RunningProxy proxy = RunningProxy.startWithConfig(file(origin, ""))) {
                assertThat(hits(proxy)).isZero();
                await().until(() -> new ObjectMapper()
                                .readTree(get(proxy.adminUri("/api/key-advice")).body())
                                .at("/sites/0/responses")
                                .asInt()
                        == 20);
                String admin = proxy.adminUri("").toString();
                RunningProxy.Ended ended = RunningProxy.run("advise", "--admin", admin);
                assertThat(ended.exitCode()).as(ended.err()).isZero();
                assertThat(ended.out())
                        .contains(
                                "no effect on the body: query utm_source",
                                "no effect on the body: cookie session",
                                "changes the body: cookie lang",
                                "warning: The body changes with the cookie \"lang\", which is not in the key");
                RunningProxy.Ended json = RunningProxy.run("advise", "--admin", admin, "--json");
                JsonNode site = new ObjectMapper().readTree(json.out()).at("/sites/0");
                String rules = "    rules:\n" + indented(site.path("advice")) + indented(site.path("warnings"));
                assertThat(ended.out())
                        .contains(site.at("/advice/0/rule")
                                .asText()
                                .lines()
                                .findFirst()
                                .orElseThrow());

                file(origin, rules);
                HttpResponse<byte[]> reloaded = Client.send("POST", proxy.adminUri("/api/config/reload"), "");
                assertThat(reloaded.statusCode())
                        .as(rules + new String(reloaded.body(), StandardCharsets.UTF_8))
                        .isEqualTo(200);
                assertThat(hits(proxy)).isEqualTo(16); // two languages of two pages are misses
            }
        }
    }

    private static String indented(JsonNode list) {
        StringBuilder rules = new StringBuilder();
        list.forEach(each -> rules.append(each.path("rule")
                .asText()
                .lines()
                .map(line -> "      " + line + "\n")
                .collect(Collectors.joining())));
        return rules.toString();
    }
}
