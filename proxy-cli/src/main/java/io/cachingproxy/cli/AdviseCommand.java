package io.cachingproxy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.cachingproxy.cli.admin.KeyAdviceApi;
import io.cachingproxy.cli.text.Json;
import java.util.HashSet;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code caching-proxy advise}: rules for the cache key, from the recent responses of an instance. */
@Command(
        name = "advise",
        description =
                "Print rules for the cache key: inputs of requests that never changed a body, and inputs that do and"
                        + " are not in the key. Nothing is applied.",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        footer = {"", "Exit codes: 0 done, 1 failed, 2 wrong usage."})
final class AdviseCommand implements Callable<Integer> {
    private static final int SHOWN = 10;

    @Mixin
    private final AdminAddress admin = new AdminAddress();

    @Option(names = "--json", description = "Print the JSON of GET /api/key-advice.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws Failure {
        Logging.off();
        JsonNode advice = admin.document(KeyAdviceApi.PATH, "sites");
        if (json) {
            out().println(Json.of(advice));
        } else {
            print(advice);
        }
        return CommandLine.ExitCode.OK;
    }

    private void print(JsonNode advice) {
        if (advice.path("sites").isEmpty()) {
            out().println("no responses were recorded yet");
        }
        advice.path("sites").forEach(this::site);
    }

    private void site(JsonNode site) {
        out().println("site " + site.path("name").asText() + ": "
                + Summary.counted(site.path("responses").asInt(), "response") + " of "
                + Summary.counted(site.path("paths").asInt(), "path"));
        if (site.path("advice").isEmpty() && site.path("warnings").isEmpty()) {
            out().println("  no advice");
        }
        Set<String> printed = new HashSet<>();
        site.path("advice").forEach(advice -> advice(advice, printed));
        site.path("warnings").forEach(warning -> warning(warning, printed));
        paths("left out, their bodies change with equal requests", site.path("changing"));
        paths("left out, values of an input did not repeat", site.path("unclear"));
    }

    private void advice(JsonNode advice, Set<String> printed) {
        for (JsonNode each : advice.path("without-effect")) {
            out().println("  no effect on the body: " + each.path("input").asText() + " ("
                    + Summary.counted(each.path("values").asInt(), "value") + ", "
                    + Summary.counted(each.path("comparisons").asInt(), "comparison") + ")");
        }
        for (JsonNode each : advice.path("with-effect")) {
            out().println("  changes the body: " + each.asText());
        }
        rule(advice.path("rule").asText(), printed);
        if (advice.has("note")) {
            out().println("  note: " + advice.path("note").asText());
        }
    }

    private void warning(JsonNode warning, Set<String> printed) {
        out().println("  warning: " + warning.path("text").asText() + " ("
                + Summary.counted(warning.path("values").asInt(), "value") + ")");
        paths("at", warning.path("paths"));
        rule(warning.path("rule").asText(), printed);
    }

    /** Prints a rule, once for all that it is about. */
    private void rule(String rule, Set<String> printed) {
        if (printed.add(rule)) {
            rule.lines().forEach(line -> out().println("    " + line));
        } else if (!rule.isEmpty()) {
            out().println("    (the rule above)");
        }
    }

    private void paths(String title, JsonNode paths) {
        if (paths.isEmpty()) {
            return;
        }
        StringJoiner shown = new StringJoiner(", ");
        for (int i = 0; i < Math.min(SHOWN, paths.size()); i++) {
            shown.add(paths.get(i).asText());
        }
        String more = paths.size() > SHOWN ? " and " + (paths.size() - SHOWN) + " more: see --json" : "";
        out().println("  " + title + ": " + shown + more);
    }

    private Lines out() {
        return Lines.out(spec);
    }
}
