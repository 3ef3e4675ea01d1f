package io.cachingproxy.cli;

import static io.cachingproxy.cli.Client.assertHit;
import static io.cachingproxy.cli.Client.assertMiss;
import static io.cachingproxy.cli.Client.get;
import static io.cachingproxy.cli.Client.send;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The metrics of the jar, and the summary of them. */
class MetricsIT {
    private TestOrigin origin;
    private RunningProxy proxy;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        origin = TestOrigin.start();
        proxy = RunningProxy.start(origin.uri(), "--admin-port", "0");
        origin.on("/a", "twelve bytes", "Cache-Control", "max-age=60");
        origin.on("/private", "mine", "Cache-Control", "private");
        assertMiss(get(proxy.uri("/a")));
        assertHit(get(proxy.uri("/a")));
        assertHit(get(proxy.uri("/a")));
        assertMiss(get(proxy.uri("/private")));
        awaitMeasured(4);
    }

    /** A client can have its response before the request is measured. */
    private void awaitMeasured(int requests) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        while (samples().entrySet().stream()
                        .filter(it -> it.getKey().startsWith("http_server_request_duration_seconds_count"))
                        .mapToDouble(Map.Entry::getValue)
                        .sum()
                < requests) {
            assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(20));
        }
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        origin.close();
    }

    private String text(String path) throws IOException, InterruptedException {
        return new String(get(proxy.adminUri(path)).body(), StandardCharsets.UTF_8);
    }

    /** The samples by name and labels. A line that is none fails the test. */
    private Map<String, Double> samples() throws IOException, InterruptedException {
        Pattern sample = Pattern.compile("([a-z_0-9]+(?:\\{[^}]*\\})?) (\\S+)");
        return text("/metrics")
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> {
                    Matcher matcher = sample.matcher(line);
                    assertThat(matcher.matches()).as(line).isTrue();
                    return matcher;
                })
                .collect(Collectors.toMap(it -> it.group(1), it -> Double.valueOf(it.group(2))));
    }

    @Test
    void requests_origins_store_and_JVM_are_in_the_metrics() throws Exception {
        Map<String, Double> samples = samples();
        assertThat(samples)
                .containsEntry("cache_gets_total{result=\"hit\",rule=\"none\",site=\"default\"}", 2.0)
                .containsEntry("cache_gets_total{result=\"miss\",rule=\"none\",site=\"default\"}", 2.0)
                .containsEntry(
                        "cache_not_stored_total{reason=\"response-private\",rule=\"none\",site=\"default\"}", 1.0)
                .containsEntry("cache_puts_total{rule=\"none\",site=\"default\"}", 1.0)
                .containsEntry("cache_size", 1.0)
                .containsEntry(
                        "http_server_request_duration_seconds_count{http_request_method=\"GET\","
                                + "http_response_status_code=\"200\",network_protocol_version=\"1.1\",result=\"hit\"}",
                        2.0)
                .containsEntry("http_server_response_body_bytes_total{result=\"hit\"}", 24.0)
                .containsEntry(
                        "http_client_request_duration_seconds_count{http_request_method=\"GET\","
                                + "http_response_status_code=\"200\",origin=\"origin\"}",
                        2.0)
                .containsEntry("origin_servers{origin=\"origin\",state=\"available\"}", 1.0)
                .containsEntry("origin_servers{origin=\"origin\",state=\"ejected\"}", 0.0)
                .containsEntry("origin_active_requests{origin=\"origin\"}", 0.0)
                .containsKey("http_server_active_requests")
                .containsKey("http_server_open_connections")
                .containsKey("process_uptime_seconds")
                .containsKey("jvm_threads_live_threads");
        assertThat(samples.keySet().stream()
                        .filter(it -> it.startsWith("http_server_request_duration_seconds_bucket{"))
                        .filter(it -> it.contains("result=\"hit\""))
                        .map(it -> it.replaceAll(".*le=\"([^\"]*)\".*", "$1"))
                        .toList())
                .containsExactlyInAnyOrder(
                        "1.0E-4", "2.5E-4", "5.0E-4", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.075",
                        "0.1", "0.25", "0.5", "0.75", "1.0", "2.5", "5.0", "7.5", "10.0", "+Inf");
    }

    @Test
    void methods_that_clients_invent_share_one_time_series() throws Exception {
        for (String method : List.of("FROB", "FROBNICATE", "GETT")) {
            send(method, proxy.uri("/a"), "");
        }
        awaitMeasured(7);
        assertThat(samples().keySet())
                .noneMatch(it -> it.contains("FROB") || it.contains("GETT"))
                .anyMatch(it -> it.contains("http_request_method=\"_OTHER\""));
    }

    @Test
    void the_command_stats_prints_the_summary_of_the_instance() throws Exception {
        String admin = proxy.adminUri("").toString();
        assertThat(text("/api/stats"))
                .contains(
                        "\"requests\":{\"hit\":2,\"miss\":2}", "\"hit-ratio\":{\"bytes\":0.6000,\"requests\":0.5000}");
        RunningProxy.Ended human = RunningProxy.run("stats", "--admin", admin);
        assertThat(human.err()).isEmpty();
        assertThat(human.exitCode()).isZero();
        assertThat(human.out())
                .contains("2 hit, 2 miss", "50.0 % of requests, 60.0 % of bytes", "1 response-private", "1 URLs");
        RunningProxy.Ended json = RunningProxy.run("stats", "--json", "--admin", admin);
        assertThat(json.out()).startsWith("{\"version\":").contains("\"requests\":{\"hit\":2,\"miss\":2}");
    }

    @Test
    void the_command_stats_without_an_instance_fails_in_one_line() throws Exception {
        RunningProxy.Ended ended = RunningProxy.run("stats", "--admin", "http://127.0.0.1:" + FreePort.number());
        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.err()).startsWith("caching-proxy: No instance answers on http://127.0.0.1:");
        assertThat(ended.err().lines()).hasSize(1);
    }
}
