package io.cachingproxy.cli;

import static io.cachingproxy.cli.Client.get;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The jar with the Java agent of OpenTelemetry, as the README starts it. */
class JavaAgentIT {
    private static List<String> options() throws Exception {
        Class<?> agent = Class.forName("io.opentelemetry.javaagent.OpenTelemetryAgent");
        Path jar = Path.of(
                agent.getProtectionDomain().getCodeSource().getLocation().toURI());
        return List.of(
                "-javaagent:" + jar,
                "-XX:-PrintWarnings", // that an agent turns off class data sharing
                "-Dotel.traces.exporter=console",
                "-Dotel.metrics.exporter=none",
                "-Dotel.logs.exporter=none",
                "-Dotel.bsp.schedule.delay=50",
                "-Dotel.instrumentation.jetty.enabled=false",
                "-Dotel.instrumentation.jetty-httpclient.enabled=false");
    }

    private static Stream<String> spans(RunningProxy proxy) {
        return proxy.stderr().lines().filter(line -> line.contains("[tracer: io.cachingproxy:]"));
    }

    @Test
    void a_request_has_spans_of_the_client_of_the_lookup_and_of_the_origin() throws Exception {
        try (TestOrigin origin = TestOrigin.start()) {
            origin.on("/a", "body", "Cache-Control", "max-age=60");
            try (RunningProxy proxy = RunningProxy.start(options(), origin.uri(), "--no-admin")) {
                get(proxy.uri("/a"));
                long begin = System.nanoTime();
                while (spans(proxy).count() < 3) {
                    assertThat(System.nanoTime() - begin).as(proxy::stderr).isLessThan(TimeUnit.SECONDS.toNanos(20));
                }
                assertThat(spans(proxy).map(line -> line.replaceAll(".* (SERVER|INTERNAL|CLIENT) .*", "$1")))
                        .containsExactlyInAnyOrder("SERVER", "INTERNAL", "CLIENT");
                assertThat(spans(proxy).map(line -> line.replaceAll(".* : (\\p{XDigit}{32}) .*", "$1")))
                        .as("one trace")
                        .containsOnly(
                                spans(proxy).findFirst().orElseThrow().replaceAll(".* : (\\p{XDigit}{32}) .*", "$1"));
            }
        }
    }
}
