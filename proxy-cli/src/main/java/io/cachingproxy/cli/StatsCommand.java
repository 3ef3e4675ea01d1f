package io.cachingproxy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.cachingproxy.cli.admin.MetricsApi;
import io.cachingproxy.cli.admin.NodesApi;
import io.cachingproxy.cli.config.ByteSize;
import io.cachingproxy.cli.text.Json;
import java.time.Duration;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code caching-proxy stats}: prints the summary of a running instance. */
@Command(
        name = "stats",
        description = "Print the requests, hit ratio, stored responses, origins and nodes of a running instance.",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        footer = {"", "Exit codes: 0 done, 1 failed, 2 wrong usage."})
final class StatsCommand implements Callable<Integer> {
    @Mixin
    private final AdminAddress admin = new AdminAddress();

    @Option(names = "--json", description = "Print the JSON of GET /api/stats.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws Failure {
        Logging.off();
        JsonNode stats = admin.document(MetricsApi.STATS, "hit-ratio");
        if (json) {
            out().println(Json.of(stats));
        } else {
            print(stats);
            if (stats.has("redis-details")) {
                printNodes();
            }
        }
        return CommandLine.ExitCode.OK;
    }

    private void print(JsonNode stats) {
        JsonNode ratio = stats.path("hit-ratio");
        JsonNode stored = stats.path("stored");
        row(
                "version",
                stats.path("version").asText() + ", up "
                        + uptime(stats.path("uptime").asLong()));
        row("requests", counts(stats.path("requests")));
        row(
                "hit ratio",
                percent(ratio.path("requests")) + " of requests, " + percent(ratio.path("bytes")) + " of bytes");
        row("not stored", counts(stats.path("not-stored")));
        row(
                "stored",
                stored.path("entries").asLong() + " URLs, "
                        + new ByteSize(stored.path("bytes").asLong()));
        row("clients", stats.path("connections").asLong() + " connections");
        for (JsonNode origin : stats.path("origins")) {
            row(
                    "origin",
                    origin.path("name").asText() + ": " + counts(origin.path("servers")) + ", "
                            + origin.path("requests").asLong() + " in flight");
        }
        for (JsonNode site : stats.path("shadow")) {
            row("shadow", site.path("name").asText() + ": " + shadow(site));
        }
        row("redis", stats.path("redis").asText("none"));
        if (stats.has("redis-details")) {
            printRedis(stats.path("redis-details"));
        }
    }

    /** What the cache would have done at a shadow site. */
    private static String shadow(JsonNode site) {
        JsonNode ratio = site.path("hit-ratio");
        return percent(ratio.path("requests")) + " of requests, " + percent(ratio.path("bytes"))
                + " of bytes would be hits: " + counts(site.path("requests")) + "; "
                + site.path("right").asLong() + " right, " + site.path("wrong").asLong() + " wrong";
    }

    private void printNodes() throws Failure {
        for (JsonNode node : admin.document(NodesApi.PATH, "nodes").path("nodes")) {
            row(
                    "node",
                    node.path("name").asText() + (node.path("this").asBoolean() ? " (this)" : "") + ": "
                            + node.path("state").asText() + ", version "
                            + node.path("version").asText() + ", started "
                            + node.path("started").asText() + ", last seen "
                            + node.path("last-seen").asText());
        }
    }

    private void printRedis(JsonNode redis) {
        for (JsonNode server : redis.path("servers")) {
            row(
                    "",
                    "circuit breaker of " + server.path("name").asText() + ": "
                            + server.path("breaker").asText()
                            + (server.has("reason")
                                    ? ", " + server.path("reason").asText()
                                    : ""));
        }
        JsonNode lag = redis.path("invalidation-lag");
        row("", lag.path("count").asLong() + " changes by other instances" + times(lag));
        for (JsonNode operation : redis.path("operations")) {
            if (operation.path("name").asText().equals("find")) {
                row("", operation.path("count").asLong() + " lookups in Redis" + times(operation));
            }
        }
        long purges = redis.path("pending-purges").asLong();
        long invalidations = redis.path("pending-invalidations").asLong();
        if (purges + invalidations > 0) {
            row("", "not acknowledged: " + purges + " purges, " + invalidations + " invalidations");
        }
    }

    /** Such as {@code : median 0.31 ms, p99 1.2 ms}. */
    private static String times(JsonNode times) {
        return times.has("p50")
                ? ": median " + times.path("p50").asText() + " ms, p99 "
                        + times.path("p99").asText() + " ms"
                : "";
    }

    private void row(String name, String value) {
        out().println(String.format("%-11s %s", name, value));
    }

    private Lines out() {
        return Lines.out(spec);
    }

    /** Such as {@code 2 d 3 h 4 min 5 s}. */
    private static String uptime(long seconds) {
        Duration time = Duration.ofSeconds(seconds);
        return (time.toDays() > 0 ? time.toDays() + " d " : "")
                + (time.toHours() > 0 ? time.toHoursPart() + " h " : "")
                + (time.toMinutes() > 0 ? time.toMinutesPart() + " min " : "")
                + time.toSecondsPart() + " s";
    }

    private static String counts(JsonNode counts) {
        StringJoiner text = new StringJoiner(", ").setEmptyValue("none");
        counts.fields().forEachRemaining(count -> {
            if (count.getValue().asLong() > 0) {
                text.add(count.getValue().asLong() + " " + count.getKey());
            }
        });
        return text.toString();
    }

    private static String percent(JsonNode ratio) {
        return String.format(Locale.ROOT, "%.1f %%", ratio.asDouble() * 100);
    }
}
