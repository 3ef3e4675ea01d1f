package io.cachingproxy.cli;

import io.cachingproxy.cli.admin.AdminToken;
import io.cachingproxy.cli.admin.MetricsApi;
import io.cachingproxy.cli.config.ByteSize;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code caching-proxy stats}: prints the summary of a running instance. */
@Command(
        name = "stats",
        description = "Print the requests, hit ratio, stored responses and origins of a running instance.",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true)
final class StatsCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Option(
            names = "--admin",
            paramLabel = "URL",
            description = "Admin listener of the instance. Default: http://127.0.0.1:8001.")
    private URI admin = URI.create("http://127.0.0.1:8001");

    @Option(names = "--token-file", paramLabel = "FILE", description = "File with the bearer token of the listener.")
    private Optional<Path> tokenFile = Optional.empty();

    @Option(names = "--json", description = "Print the JSON of the admin API.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws Failure, InterruptedException {
        String body = fetched();
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(body.strip());
        } else if (new Yaml(new SafeConstructor(new LoaderOptions())).load(body) instanceof Map<?, ?> stats) {
            lines(stats).forEach(out::println);
        }
        return CommandLine.ExitCode.OK;
    }

    private String fetched() throws Failure, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(url()).timeout(PATIENCE);
        token().ifPresent(token -> request.header("Authorization", token.authorization()));
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .proxy(HttpClient.Builder.NO_PROXY)
                .connectTimeout(PATIENCE)
                .build();
        try {
            HttpResponse<String> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new Failure(admin + " answered " + answer.statusCode() + " "
                        + answer.body().lines().findFirst().orElse(""));
            }
            return answer.body();
        } catch (IOException e) {
            throw new Failure("No instance answers on " + admin, e);
        }
    }

    private URI url() {
        String base = admin.toString().replaceFirst("/+$", "");
        return URI.create(base + MetricsApi.STATS);
    }

    private Optional<AdminToken> token() {
        try {
            return tokenFile.map(AdminToken::in);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--token-file: " + e.getMessage());
        }
    }

    private static List<String> lines(Map<?, ?> stats) {
        Map<?, ?> ratio = map(stats.get("hit-ratio"));
        Map<?, ?> stored = map(stats.get("stored"));
        String origins = stats.get("origins") instanceof List<?> list
                ? list.stream()
                        .map(it -> map(it))
                        .map(it -> it.get("name") + ": " + counts(map(it.get("servers"))) + ", " + it.get("requests")
                                + " in flight")
                        .collect(Collectors.joining("; "))
                : "";
        return List.of(
                row("version", stats.get("version") + ", up " + uptime(number(stats.get("uptime")))),
                row("requests", counts(map(stats.get("requests")))),
                row(
                        "hit ratio",
                        percent(ratio.get("requests")) + " of requests, " + percent(ratio.get("bytes")) + " of bytes"),
                row("not stored", counts(map(stats.get("not-stored")))),
                row("stored", stored.get("entries") + " URLs, " + new ByteSize(number(stored.get("bytes")))),
                row("clients", stats.get("connections") + " connections"),
                row("origins", origins),
                row("redis", stats.containsKey("redis") ? stats.get("redis") : "none"));
    }

    /** Such as {@code 2 d 3 h 4 min 5 s}. */
    private static String uptime(long seconds) {
        Duration time = Duration.ofSeconds(seconds);
        return (time.toDays() > 0 ? time.toDays() + " d " : "")
                + (time.toHours() > 0 ? time.toHoursPart() + " h " : "")
                + (time.toMinutes() > 0 ? time.toMinutesPart() + " min " : "")
                + time.toSecondsPart() + " s";
    }

    private static String row(String name, Object value) {
        return String.format("%-11s %s", name, value);
    }

    private static String counts(Map<?, ?> counts) {
        String text = counts.entrySet().stream()
                .filter(it -> number(it.getValue()) > 0)
                .map(it -> it.getValue() + " " + it.getKey())
                .collect(Collectors.joining(", "));
        return text.isEmpty() ? "none" : text;
    }

    private static String percent(@Nullable Object ratio) {
        double share = ratio instanceof Number it ? it.doubleValue() : 0;
        return String.format(Locale.ROOT, "%.1f %%", share * 100);
    }

    private static long number(@Nullable Object value) {
        return value instanceof Number it ? it.longValue() : 0;
    }

    private static Map<?, ?> map(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }
}
