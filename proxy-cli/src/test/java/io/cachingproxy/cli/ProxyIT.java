package io.cachingproxy.cli;

import static io.cachingproxy.cli.Client.assertHit;
import static io.cachingproxy.cli.Client.assertMiss;
import static io.cachingproxy.cli.Client.get;
import static io.cachingproxy.cli.Client.send;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients see of the proxy. Each test has paths of its own. */
class ProxyIT {
    private static TestOrigin origin;
    private static RunningProxy proxy;

    @BeforeAll
    static void start() throws IOException {
        origin = TestOrigin.start();
        proxy = RunningProxy.start(origin.uri());
    }

    @AfterAll
    static void stop() throws IOException {
        proxy.close();
        origin.close();
    }

    @Test
    void a_hit_is_the_miss_again_in_bytes_status_and_headers() throws Exception {
        origin.on(
                "/again",
                "the same bytes",
                "Cache-Control",
                "max-age=60",
                "Content-Type",
                "text/plain; charset=\"utf-8\"",
                "Content-Disposition",
                "attachment; filename=\"a b.txt\"",
                "NEL",
                "{\"report_to\":\"default\",\"max_age\":2592000}",
                "X-Twice",
                "one",
                "X-Twice",
                "two, three");
        HttpResponse<byte[]> miss = assertMiss(get(proxy.uri("/again")));
        HttpResponse<byte[]> hit = assertHit(get(proxy.uri("/again")));
        assertThat(hit.statusCode()).isEqualTo(miss.statusCode()).isEqualTo(200);
        assertThat(hit.body()).isEqualTo(miss.body()).isEqualTo("the same bytes".getBytes(StandardCharsets.UTF_8));
        assertThat(lasting(hit)).isEqualTo(lasting(miss)).containsEntry("x-twice", List.of("one", "two, three"));
        assertThat(hit.headers().firstValue("NEL")).contains("{\"report_to\":\"default\",\"max_age\":2592000}");
    }

    /** The headers without those that say where the response comes from. */
    private static Map<String, List<String>> lasting(HttpResponse<?> response) {
        Map<String, List<String>> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        fields.putAll(response.headers().map());
        fields.keySet().removeAll(Set.of("Age", "X-Cache", "Cache-Status", "Connection", "Keep-Alive"));
        return fields;
    }

    @Test
    void a_200_without_a_word_about_freshness_is_kept() throws Exception {
        origin.on("/silent", "kept");
        assertMiss(get(proxy.uri("/silent")));
        assertHit(get(proxy.uri("/silent")));
    }

    @Test
    void a_404_without_a_word_about_freshness_is_not_kept() throws Exception {
        assertThat(assertMiss(get(proxy.uri("/absent"))).statusCode()).isEqualTo(404);
        assertMiss(get(proxy.uri("/absent")));
    }

    @Test
    void a_stored_status_other_than_200_comes_back_as_it_was() throws Exception {
        origin.on("/gone", exchange -> {
            exchange.getResponseHeaders().add("Cache-Control", "max-age=60");
            TestOrigin.send(exchange, 410, "gone".getBytes(StandardCharsets.UTF_8));
        });
        assertMiss(get(proxy.uri("/gone")));
        assertThat(assertHit(get(proxy.uri("/gone"))).statusCode()).isEqualTo(410);
    }

    @Test
    void the_query_is_part_of_the_key() throws Exception {
        origin.on("/search", "found");
        assertMiss(get(proxy.uri("/search?q=a")));
        assertMiss(get(proxy.uri("/search?q=b")));
        assertMiss(get(proxy.uri("/search")));
        assertHit(get(proxy.uri("/search?q=a")));
        assertThat(origin.received()).anyMatch(it -> it.target().equals(URI.create("/search?q=b")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "REPORT"})
    void every_method_is_forwarded_with_body_and_headers(String method) throws Exception {
        origin.on("/" + method, exchange -> {
            exchange.getResponseHeaders().add("X-Answer", "to " + method);
            TestOrigin.send(exchange, 201, "done".getBytes(StandardCharsets.UTF_8));
        });
        HttpResponse<byte[]> first = assertMiss(send(method, proxy.uri("/" + method), "some content", "X-Ask", "this"));
        assertThat(first.statusCode()).isEqualTo(201);
        assertThat(first.body()).isEqualTo("done".getBytes(StandardCharsets.UTF_8));
        assertThat(first.headers().firstValue("X-Answer")).contains("to " + method);
        List<TestOrigin.Received> arrived = origin.received().stream()
                .filter(it -> it.target().getPath().equals("/" + method))
                .toList();
        assertThat(arrived).singleElement().satisfies(it -> {
            assertThat(it.method()).isEqualTo(method);
            assertThat(it.body()).isEqualTo("some content");
            assertThat(it.headers().get("X-Ask")).containsExactly("this");
        });
        assertMiss(send(method, proxy.uri("/" + method), "some content"));
    }

    @Test
    void the_origin_is_asked_by_its_own_name() throws Exception {
        origin.on("/host", "asked");
        get(proxy.uri("/host"));
        assertThat(origin.received())
                .filteredOn(it -> it.target().getPath().equals("/host"))
                .singleElement()
                .satisfies(it -> assertThat(it.headers().get("Host"))
                        .containsExactly(origin.uri().getAuthority()));
    }

    @Test
    void an_encoded_body_arrives_as_it_was_sent() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write("squeezed".repeat(1000).getBytes(StandardCharsets.UTF_8));
        }
        origin.on("/gzip", exchange -> {
            exchange.getResponseHeaders().add("Content-Encoding", "gzip");
            TestOrigin.send(exchange, 200, bytes.toByteArray());
        });
        for (HttpResponse<byte[]> response :
                List.of(assertMiss(get(proxy.uri("/gzip"))), assertHit(get(proxy.uri("/gzip"))))) {
            assertThat(response.body()).isEqualTo(bytes.toByteArray());
            assertThat(response.headers().allValues("Content-Encoding")).containsExactly("gzip");
            assertThat(response.headers().allValues("Content-Length")).containsExactly("" + bytes.size());
        }
    }

    @Test
    void an_origin_that_cannot_be_reached_is_a_502() throws Exception {
        try (RunningProxy lonely = RunningProxy.start(URI.create("http://localhost:" + FreePort.number()))) {
            HttpResponse<byte[]> answer = get(lonely.uri("/"));
            assertThat(answer.statusCode()).isEqualTo(502);
            assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
            assertThat(get(lonely.uri("/")).statusCode()).isEqualTo(502);
        }
    }

    @Test
    void an_origin_may_have_a_path_prefix() throws Exception {
        origin.on("/api/v1/things", "prefixed");
        try (RunningProxy prefixed = RunningProxy.start(origin.uri().resolve("/api/v1"))) {
            assertMiss(get(prefixed.uri("/things?a=b")));
            assertThat(new String(assertHit(get(prefixed.uri("/things?a=b"))).body(), StandardCharsets.UTF_8))
                    .isEqualTo("prefixed");
        }
    }
}
