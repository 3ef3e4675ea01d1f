package io.cachingproxy.cli;

import static io.cachingproxy.rules.Rule.rule;
import static io.cachingproxy.rules.Site.site;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.cachingproxy.HttpCache;
import io.cachingproxy.cli.admin.ExplainApi;
import io.cachingproxy.cli.admin.ExplainRequest;
import io.cachingproxy.http.Headers;
import io.cachingproxy.jetty.ProxyServer;
import io.cachingproxy.jetty.events.Redaction;
import io.cachingproxy.rules.Sites;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An explanation says what the proxy does with the same request, and sends to the origin what the proxy sends. */
class ExplainedAsServedTest {
    private TestOrigin origin;
    private ProxyServer proxy;
    private ExplainApi api;

    @BeforeEach
    void start() throws IOException {
        origin = TestOrigin.start();
        origin.on("/base/", "page", "Cache-Control", "max-age=60");
        origin.on("/base/host", "page", "Cache-Control", "max-age=60", "Vary", "Host");
        origin.on("/base/country", "page", "Cache-Control", "max-age=60", "Vary", "CF-IPCountry");
        HttpCache cache = HttpCache.builder()
                .sites(Sites.of(site("a", "a.example")
                        .origin("o")
                        .rules(
                                rule("moved").path("/moved").redirect("/", 302),
                                rule("here").path("/here").respond(200, "here"))))
                .build();
        proxy = ProxyServer.builder()
                .cache(cache)
                .origin("o", URI.create(origin.uri() + "/base"))
                .host("127.0.0.1")
                .port(0)
                .build();
        proxy.start();
        api = new ExplainApi(cache, proxy.examination(), new Redaction(Redaction.DEFAULT));
    }

    @AfterEach
    void stop() {
        proxy.close();
        origin.close();
    }

    private String served(String method, String path, String field) throws IOException {
        try (Socket client = new Socket("127.0.0.1", proxy.port())) {
            String head =
                    method + " " + path + " HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n" + field + "\r\n\r\n";
            client.getOutputStream()
                    .write((field.contains("Length: 5") ? head + "12345" : head).getBytes(StandardCharsets.UTF_8));
            return new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private ExplainApi.Explained explained(String method, String path, String field, boolean fetch) throws Exception {
        String[] parts = field.split(": ", 2);
        return api.explain(new ExplainRequest(
                        ExplainRequest.head(method, "http://a.example" + path, Headers.of(parts[0], parts[1])),
                        Optional.empty(),
                        fetch))
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            GET   | /                 | X-A: b                         | HIT
            GET   | /host             | X-A: b                         | HIT
            GET   | /country          | CF-IPCountry: DE               | HIT
            GET   | /                 | X-Forwarded-Proto: https       | HIT
            GET   | /a{b}?%zz         | X-A: b                         | MISS
            GET   | //a               | X-A: b                         | MISS
            GET   | //a//b?c          | X-A: b                         | MISS
            GET   | /                 | Content-Length: 5              | BYPASS
            """)
    void an_explanation_has_the_outcome_of_the_same_request(String method, String path, String field, String outcome)
            throws Exception {
        served("GET", path, "X-A: b");
        assertThat(explained(method, path, field, false).explanation().reuse().result())
                .hasToString(outcome);
        assertThat(served(method, path, field).toUpperCase(Locale.ROOT))
                .contains(outcome.equals("BYPASS") ? "FWD=BYPASS" : "X-CACHE: " + outcome);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            GET   | /%2e%2e/z         | X-A: b                         | 400
            GET   | /../x             | X-A: b                         | 400
            GET   | /a%00b            | X-A: b                         | 400
            GET   | /\u00e4           | X-A: b                         | 400
            TRACE | /                 | X-A: b                         | 501
            PURGE | /                 | X-A: b                         | 405
            GET   | /moved            | X-A: b                         | 302
            GET   | /here             | X-A: b                         | 200
            GET   | /new              | Cache-Control: only-if-cached  | 504
            """)
    void what_the_proxy_answers_itself_is_not_sent_to_the_origin(String method, String path, String field, int status)
            throws Exception {
        assertThat(served(method, path, field)).startsWith("HTTP/1.1 " + status);
        ExplainApi.Explained explained = explained(method, path, field, true);
        assertThat(explained.explanation().reuse().result()).hasToString("ANSWERED");
        assertThat(explained.explanation().storage()).isNull();
        assertThat(explained.response()).isEmpty();
        assertThat(origin.received()).isEmpty();
    }

    @Test
    void a_fetch_sends_the_fields_that_the_proxy_sends() throws Exception {
        served("GET", "/", "X-Real-IP: 192.0.2.1");
        explained("GET", "/", "X-Real-IP: 192.0.2.1", true);
        assertThat(origin.received()).hasSize(2);
        var served = origin.received().get(0).headers();
        var explained = origin.received().get(1).headers();
        assertThat(explained.keySet()).isEqualTo(served.keySet()).contains("Via", "X-forwarded-for");
        assertThat(explained.keySet()).doesNotContain("X-real-ip");
    }

    @Test
    void a_request_with_content_is_not_sent() {
        assertThat(catchThrowable(() -> explained("GET", "/", "Content-Length: 5", true)))
                .hasMessageContaining("is not sent");
        assertThat(origin.received()).isEmpty();
    }
}
