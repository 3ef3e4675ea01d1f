package io.cachingproxy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.cachingproxy.cli.text.Json;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code caching-proxy preview}: what another configuration would do with the traffic of an instance. */
@Command(
        name = "preview",
        description = "Replay the recent traffic of a running instance with another configuration file, and print what"
                + " would change. Nothing is applied.",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        footer = {"", "Exit codes: 0 done, 1 failed, 2 wrong usage or errors in the file."})
final class PreviewCommand implements Callable<Integer> {
    private static final Duration ANSWER = Duration.ofSeconds(60);
    private static final int SHOWN = 10;

    @Parameters(paramLabel = "FILE", description = "The configuration file, YAML.")
    @SuppressWarnings("NullAway.Init")
    private Path file;

    @Mixin
    private final AdminAddress admin = new AdminAddress();

    @Option(names = "--json", description = "Print the JSON of POST /api/config/preview.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws Failure {
        Logging.off();
        String text = text();
        HttpResponse<String> answer =
                admin.answer(Set.of(200, 422), () -> admin.post(ConfigurationApi.PREVIEW, text, ANSWER));
        JsonNode document = admin.document(answer, "valid");
        if (json) {
            out().println(Json.of(document));
        } else if (answer.statusCode() == 200) {
            print(document);
        } else {
            document.path("errors").forEach(error -> err().println("caching-proxy: " + error.asText()));
        }
        return answer.statusCode() == 200 ? CommandLine.ExitCode.OK : CommandLine.ExitCode.USAGE;
    }

    private String text() {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw new ParameterException(spec.commandLine(), file + " cannot be read", e);
        }
        if (text.isBlank()) {
            throw new ParameterException(spec.commandLine(), file + " is empty");
        }
        return text;
    }

    private void print(JsonNode preview) {
        preview.path("warnings").forEach(warning -> err().println("caching-proxy: warning: " + warning.asText()));
        diff(preview.path("diff"));
        out().println("recorded    " + preview.path("recorded").asInt() + " requests, "
                + percent(preview.path("share-of-paths").asDouble()) + " of the paths");
        print("before", preview.path("before"));
        print("after", preview.path("after"));
        urls("newly stored", preview.path("newly-stored"));
        urls("no longer stored", preview.path("no-longer-stored"));
        keys("one key instead of several", preview.path("keys-merged"));
        keys("several keys instead of one", preview.path("keys-split"));
    }

    private void diff(JsonNode diff) {
        if (diff.isMissingNode()) {
            return; // without a configuration file in use
        }
        JsonNode lines = diff.path("lines");
        out().println("file        "
                + (lines.isEmpty()
                        ? "as the one in use"
                        : diff.path("added").asInt() + (diff.path("added").asInt() == 1 ? " line" : " lines")
                                + " added, " + diff.path("removed").asInt() + " removed"));
        lines.forEach(line -> out().println(line.asText()));
        if (!lines.isEmpty() && !diff.path("complete").asBoolean()) {
            out().println("  not all differences are shown: the files are too long");
        }
    }

    private void print(String name, JsonNode summary) {
        StringJoiner counts = new StringJoiner(", ");
        summary.path("requests")
                .fields()
                .forEachRemaining(count -> counts.add(count.getValue().asLong() + " " + count.getKey()));
        JsonNode ratio = summary.path("hit-ratio");
        out().println(String.format(
                "%-11s %s of requests, %s of bytes are hits: %s",
                name,
                percent(ratio.path("requests").asDouble()),
                percent(ratio.path("bytes").asDouble()),
                counts));
    }

    private void urls(String title, JsonNode urls) {
        title(title, urls);
        int shown = 0;
        for (JsonNode url : urls) {
            if (shown++ < SHOWN) {
                StringJoiner warnings = new StringJoiner(", ", "; warning: ", "").setEmptyValue("");
                url.path("warnings").forEach(warning -> warnings.add(warning.asText()));
                String reason =
                        url.has("reason") ? " (else " + url.path("reason").asText() + ")" : "";
                out().println("  " + url.path("requests").asInt() + "  "
                        + url.path("url").asText() + reason + warnings);
            }
        }
        more(urls);
    }

    private void keys(String title, JsonNode keys) {
        title(title, keys);
        int shown = 0;
        for (JsonNode key : keys) {
            if (shown++ < SHOWN) {
                out().println("  " + key.path("key").asText() + ": "
                        + key.path("keys").size() + " keys");
            }
        }
        more(keys);
    }

    private void title(String title, JsonNode list) {
        if (!list.isEmpty()) {
            out().println(title + ":");
        }
    }

    private void more(JsonNode list) {
        if (list.size() > SHOWN) {
            out().println("  and " + (list.size() - SHOWN) + " more: see --json");
        }
    }

    private static String percent(double ratio) {
        return String.format(Locale.ROOT, "%.1f %%", ratio * 100);
    }

    private Lines out() {
        return Lines.out(spec);
    }

    private Lines err() {
        return Lines.err(spec);
    }
}
