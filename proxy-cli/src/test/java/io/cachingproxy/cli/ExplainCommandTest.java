package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.HttpCache;
import io.cachingproxy.cli.admin.AdminRoutes;
import io.cachingproxy.cli.admin.AdminServer;
import io.cachingproxy.cli.admin.ExplainApi;
import io.cachingproxy.jetty.ProxyServer;
import io.cachingproxy.jetty.events.Redaction;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExplainCommandTest {
    @TempDir
    private Path folder;

    @Test
    void a_private_page_is_explained_from_the_origin_alone() throws IOException {
        try (TestOrigin origin = TestOrigin.start().on("/page", "hello", "Cache-Control", "private, max-age=60")) {
            CommandLineRun run = CommandLineRun.of(
                    "explain",
                    "http://shop.example/page",
                    "--origin",
                    origin.uri().toString());
            assertThat(run.err()).isEmpty();
            assertThat(run.exitCode()).isZero();
            assertThat(run.out().lines())
                    .contains(
                            "GET http://shop.example/page",
                            "  stored    nothing",
                            "  request   MISS: uri-miss (RFC 9211 §2.2)",
                            "  origin    answers 200",
                            "  response  NOT STORED: response-private (RFC 9111 §5.2.2.7)",
                            "            > response-private (RFC 9111 §5.2.2.7): Cache-Control: private, max-age=60",
                            "            stored if:",
                            "              * the origin did not send private",
                            "              * a rule set ttl");
        }
    }

    @Test
    void rules_of_a_configuration_file_are_explained_and_the_origin_gets_the_headers() throws IOException {
        try (TestOrigin origin = TestOrigin.start().on("/products/1", "hello", "Cache-Control", "no-store")) {
            Path file = Files.writeString(folder.resolve("caching-proxy.yaml"), """
                    origins:
                      shop: {servers: [%s]}
                    sites:
                      - hosts: [shop.example]
                        origin: shop
                        rules:
                          - {name: products, match: {path: /products/**}, ttl: 60s}
                          - {name: cart, match: {path: /cart/**}, bypass: true}
                    """.formatted(origin.uri()));
            CommandLineRun run = CommandLineRun.of(
                    "explain",
                    "https://shop.example/products/1",
                    "-H",
                    "Accept: text/plain",
                    "--config",
                    file.toString());
            assertThat(run.err()).isEmpty();
            assertThat(run.out().lines())
                    .contains(
                            "  rules     \"products\" ttl: 60s",
                            "            \"cart\" does not match path: /cart/**",
                            "  response  STORED, fresh for 60 s: stored (RFC 9111 §3)",
                            "            ~ response-no-store (RFC 9111 §5.2.2.5): Cache-Control: no-store");
            assertThat(origin.received())
                    .singleElement()
                    .satisfies(request ->
                            assertThat(request.headers().getFirst("Accept")).isEqualTo("text/plain"));
        }
    }

    @Test
    void a_running_proxy_is_asked_at_its_admin_listener() throws IOException {
        HttpCache cache = HttpCache.builder().build();
        try (TestOrigin origin = TestOrigin.start().on("/", "", "Set-Cookie", "a=1", "Cache-Control", "max-age=5");
                ProxyServer proxy =
                        ProxyServer.builder().cache(cache).origin(origin.uri()).build();
                AdminServer admin = new AdminServer(
                        "127.0.0.1",
                        0,
                        Optional.empty(),
                        AdminRoutes.of(new ExplainApi(cache, proxy.examination(), new Redaction(Redaction.DEFAULT))))) {
            proxy.start();
            admin.start();
            CommandLineRun run =
                    CommandLineRun.of("explain", "http://shop.example/", "--admin", "http://" + admin, "--json");
            assertThat(run.err()).isEmpty();
            assertThat(run.out())
                    .startsWith("{\"method\":\"GET\",\"url\":\"http://shop.example/\",\"site\":\"default\"")
                    .contains("\"storage\":{\"result\":\"not-stored\",\"reason\":\"set-cookie\"");
        }
    }

    @Test
    void secrets_in_the_url_are_neither_in_its_url_nor_in_its_key() throws IOException {
        try (TestOrigin origin = TestOrigin.start().on("/page", "hello")) {
            CommandLineRun run = CommandLineRun.of(
                    "explain",
                    "http://shop.example/page?mine=SECRET&token=SECRET",
                    "--json",
                    "--config",
                    Files.writeString(folder.resolve("caching-proxy.yaml"), """
                                    origin: %s
                                    redact: [mine, token]
                                    rules: [{name: user, key: {headers: [Accept, X-Api-Key]}}]
                                    """.formatted(origin.uri()))
                            .toString(),
                    "-H",
                    "Accept: a, b",
                    "-H",
                    "X-Api-Key: SECRET");
            assertThat(run.err()).isEmpty();
            assertThat(run.out())
                    .contains(
                            "\"url\":\"http://shop.example/page?mine=***&token=***\"",
                            "/page?mine=***&token=***" + " (header accept: a, b, header x-api-key: ***)\"")
                    .doesNotContain("SECRET");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            [] | the body is not a JSON object
            {  | the body is not JSON at 1:2
            {} {} | the body is not JSON at 1:4
            {"url":DIGITS} | the body is not JSON
            {"url":DEEP | the body is not JSON
            {"url":"ftp://a/"} | url "ftp://a/" is not an absolute http or https URL
            {} | url is missing: write an absolute http or https URL
            {"url":"http://a/","heders":{}} | unknown key "heders" in the body; known are fetch, headers, method, response, url
            {"url":"http://a/","headers":{"a b":"c"}} | "a b" is not the name of a header
            {"url":"http://a/","headers":{"a":1}} | headers.a is not a string
            {"url":"http://a/","response":{"status":"200"}} | response.status is a number from 200 to 599
            {"url":"http://a/","response":{"status":200},"fetch":true} | response and fetch exclude each other
            {"url":"http://a/","method":"a b"} | method "a b" is not a method
            """)
    void wrong_input_is_answered_400_with_one_line(String body, String complaint) throws Exception {
        HttpCache cache = HttpCache.builder().build();
        try (ProxyServer proxy = ProxyServer.builder()
                        .cache(cache)
                        .origin(URI.create("http://127.0.0.1:1"))
                        .build();
                AdminServer admin = new AdminServer(
                        "127.0.0.1",
                        0,
                        Optional.empty(),
                        AdminRoutes.of(new ExplainApi(cache, proxy.examination(), new Redaction(Redaction.DEFAULT))))) {
            admin.start();
            HttpResponse<String> answer = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create("http://" + admin + ExplainApi.PATH))
                                    .POST(HttpRequest.BodyPublishers.ofString(body.replace("DIGITS", "1".repeat(1_001))
                                            .replace("DEEP", "[".repeat(1_100))))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(answer.body()).isEqualTo("Nothing explained: " + complaint + "\n");
        }
    }

    @Test
    void an_origin_that_does_not_answer_and_a_proxy_that_does_not_run_are_failures_of_one_line() throws IOException {
        int free = FreePort.number();
        CommandLineRun.of("explain", "http://a.example/", "--origin", "http://127.0.0.1:" + free)
                .assertFailed("the origin http://127.0.0.1:" + free + " does not answer");
        CommandLineRun.of("explain", "http://a.example/", "--admin", "http://127.0.0.1:" + free)
                .assertFailed("No proxy answers on http://127.0.0.1:" + free);
    }

    @Test
    void a_wrong_url_or_header_is_wrong_usage() {
        CommandLineRun.of("explain", "shop.example", "--origin", "http://127.0.0.1:1")
                .assertWrongUsage("is not an absolute http or https URL");
        CommandLineRun.of("explain", "http://a.example/", "-H", "Accept", "--origin", "http://127.0.0.1:1")
                .assertWrongUsage("header \"Accept\" has no colon: write Name: value");
        CommandLineRun.of("explain").assertWrongUsage("write the URL, or --id for a recent request");
        CommandLineRun.of("explain", "http://a.example/", "--id", "1").assertWrongUsage("write the URL, or --id");
        CommandLineRun.of("explain", "--id", "1", "--method", "HEAD").assertWrongUsage("remove -H, --method");
    }
}
