package io.cachingproxy.cli.requests;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.cli.text.Controls;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.Target;
import io.cachingproxy.jetty.events.AnsweredRequest;
import io.cachingproxy.jetty.events.Redaction;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Lines of the access log, and what becomes of them if they cannot be written. */
class AccessLogTest {
    private static final Instant NOW = Instant.parse("2026-03-04T05:06:07.891Z");
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

    @TempDir
    private Path folder;

    private static AnsweredRequest request(String path, int status) throws UnknownHostException {
        return request(path, status, null);
    }

    private static AnsweredRequest request(String path, int status, String traceId) throws UnknownHostException {
        return new AnsweredRequest(
                InetAddress.getByName("192.0.2.1"),
                "HTTP/1.1",
                "GET",
                new Target("https", "example.org", path),
                Headers.of(
                        "User-Agent",
                        "a \"quoted\" agent\u00e9",
                        "Referer",
                        "https://user:password@example.org/?token=x&a=b",
                        "Cookie",
                        "id=secret",
                        "traceparent",
                        "00-" + TRACE + "-b7ad6b7169203331-01"),
                null,
                status,
                null,
                Headers.EMPTY,
                12,
                true,
                1_500_000,
                2_500_000,
                0,
                0,
                null,
                traceId);
    }

    private static AccessLog.Settings settings(Path file, LogFormat format, double sample) {
        return new AccessLog.Settings(Optional.of(file), format, sample, 1 << 20, Redaction.DEFAULT);
    }

    private List<String> logged(LogFormat format, double sample, AnsweredRequest... requests) throws Exception {
        Path file = folder.resolve("log");
        try (AccessLog log = new AccessLog(settings(file, format, sample), () -> NOW)) {
            for (AnsweredRequest request : requests) {
                log.onAnswered(request);
            }
        }
        return Files.readAllLines(file);
    }

    @Test
    void the_guide_the_help_and_the_schema_have_the_redacted_parameters() throws IOException {
        String guide = Redaction.DEFAULT.stream().map(it -> '`' + it + '`').collect(Collectors.joining(", "));
        assertThat(Files.readString(Path.of("README.md"))).contains("By default: " + guide + ".");
        assertThat(Files.readString(Path.of("src/main/resources/io/cachingproxy/cli/configuration.schema.json")))
                .contains("Default: " + String.join(", ", Redaction.DEFAULT) + ".");
    }

    @Test
    void parameters_in_paths_are_redacted_in_every_format() throws Exception {
        for (LogFormat format : LogFormat.values()) {
            assertThat(logged(format, 1, request("/cart;jsessionid=s3cr3t/a;v=1", 200)))
                    .last()
                    .asString()
                    .contains("/cart;jsessionid=***/a;v=1")
                    .doesNotContain("s3cr3t");
        }
    }

    @Test
    void the_trace_of_the_span_is_logged_rather_than_that_of_the_client() throws Exception {
        String root = "4bf92f3577b34da6a3ce929d0e0e4736";
        assertThat(logged(LogFormat.JSON, 1, request("/a", 200, root)))
                .singleElement()
                .asString()
                .endsWith("\"trace-id\":\"" + root + "\"}");
    }

    @Test
    void the_combined_format_escapes_what_would_end_a_field() throws Exception {
        List<String> lines = logged(LogFormat.COMBINED, 1, request("/a?token=x", 200));
        assertThat(lines).hasSize(1);
        assertThat(lines.get(0))
                .matches("192\\.0\\.2\\.1 - - \\[0[34]/Mar/2026:\\d\\d:06:07 [+-]\\d{4}] .*")
                .endsWith("\"GET /a?token=*** HTTP/1.1\" 200 12 \"https://***@example.org/?token=***&a=b\" "
                        + "\"a \\\"quoted\\\" agent\\xE9\"");
    }

    @Test
    void the_json_format_has_the_names_of_the_admin_API() throws Exception {
        assertThat(logged(LogFormat.JSON, 1, request("/a", 404)))
                .containsExactly("{\"time\":\"2026-03-04T05:06:07.891Z\",\"client\":\"192.0.2.1\","
                        + "\"protocol\":\"HTTP/1.1\",\"method\":\"GET\",\"url\":\"https://example.org/a\","
                        + "\"status\":404,\"result\":\"none\",\"bytes\":12,\"complete\":true,"
                        + "\"first-byte-ms\":1.5,\"total-ms\":2.5,\"referer\":\"https://***@example.org/?token=***&a=b\","
                        + "\"user-agent\":\"a \\\"quoted\\\" agent\u00e9\",\"trace-id\":\"" + TRACE + "\"}");
    }

    @Test
    void the_ecs_format_has_the_names_of_the_Elastic_Common_Schema() throws Exception {
        assertThat(logged(LogFormat.ECS, 1, request("/a", 200)).get(0))
                .contains(
                        "\"@timestamp\":\"2026-03-04T05:06:07.891Z\"",
                        "\"event.duration\":2500000",
                        "\"http.response.status_code\":200",
                        "\"url.full\":\"https://example.org/a\"",
                        "\"http.request.referrer\":\"https://***@example.org/?token=***&a=b\"",
                        "\"trace.id\":\"" + TRACE + "\"",
                        "\"caching_proxy.result\":\"none\"");
    }

    @ParameterizedTest
    @EnumSource(LogFormat.class)
    void controls_of_terminals_and_of_bidirectional_text_are_escaped_in_every_format(LogFormat format)
            throws Exception {
        String path = "/a\u001b\u007f\u009b\u2028\u2029\u202e\u2066";
        String line = logged(format, 1, request(path, 200)).get(0);
        assertThat(line.chars().noneMatch(Controls::isControl)).isTrue();
        assertThat(line).containsPattern("\\\\(x9B|u009B)").containsPattern("(?i)\\\\u202e");
    }

    @Test
    void a_sample_has_all_errors() throws Exception {
        AnsweredRequest[] requests = new AnsweredRequest[1000];
        for (int i = 0; i < requests.length; i++) {
            requests[i] = request("/" + i, i % 10 == 0 ? 502 : 200);
        }
        List<String> lines = logged(LogFormat.COMBINED, 1e-9, requests);
        assertThat(lines)
                .hasSizeBetween(100, 110)
                .filteredOn(it -> it.contains(" 502 "))
                .hasSize(100);
    }

    @Test
    void lines_for_a_full_disk_are_lost_and_counted() throws Exception {
        AccessLog log = new AccessLog(settings(Path.of("/dev/full"), LogFormat.JSON, 1), () -> NOW);
        for (int i = 0; i < 100; i++) {
            log.onAnswered(request("/", 200));
        }
        log.close();
        assertThat(log.lost()).isEqualTo(100);
    }

    @Test
    void lines_for_a_reader_that_stalls_are_lost_and_counted_and_no_request_waits() throws Exception {
        Path pipe = folder.resolve("pipe");
        new ProcessBuilder("mkfifo", pipe.toString()).inheritIO().start().waitFor();
        // opened by the process: redirectInput would wait here for the log
        Process reader = new ProcessBuilder("sh", "-c", "exec sleep 600 < \"$0\"", pipe.toString()).start();
        try {
            AccessLog log = new AccessLog(settings(pipe, LogFormat.JSON, 1), () -> NOW);
            long begin = System.nanoTime();
            while (log.lost() == 0) {
                log.onAnswered(request("/", 200));
                assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(60));
            }
            reader.destroyForcibly().waitFor(); // the write of the log fails
            log.close();
            assertThat(log.lost()).isPositive();
        } finally {
            reader.destroyForcibly();
        }
    }

    @Test
    void headers_other_than_those_of_the_format_are_not_logged() throws Exception {
        for (LogFormat format : LogFormat.values()) {
            assertThat(String.join("", logged(format, 1, request("/", 200)))).doesNotContain("secret");
        }
    }
}
