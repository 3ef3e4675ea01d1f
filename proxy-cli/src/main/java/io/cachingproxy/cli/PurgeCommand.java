package io.cachingproxy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.cachingproxy.cli.admin.PurgeApi;
import io.cachingproxy.cli.text.Json;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code caching-proxy purge}: purges responses of a running instance, and prints the receipt. */
@Command(
        name = "purge",
        description = "Purge responses of a running instance, and of all instances that share its Redis.",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        sortOptions = false,
        footer = {"", "Exit codes: 0 done, 1 failed or not confirmed by Redis, 2 wrong usage."})
final class PurgeCommand implements Callable<Integer> {
    @Mixin
    private final AdminAddress admin = new AdminAddress();

    @Option(
            names = "--url",
            paramLabel = "U",
            description = "A URL, as clients request it; repeatable. With sites in the file: with scheme and host.")
    private List<String> urls = List.of();

    @Option(names = "--prefix", paramLabel = "P", description = "All URLs that begin with this one; repeatable.")
    private List<String> prefixes = List.of();

    @Option(names = "--tag", paramLabel = "T", description = "Responses with this tag; repeatable.")
    private List<String> tags = List.of();

    @Option(names = "--group", paramLabel = "G", description = "Responses in this cache group; repeatable.")
    private List<String> groups = List.of();

    @Option(names = "--all", description = "All responses.")
    private boolean all;

    @Option(names = "--soft", description = "Make the responses stale, and do not remove them.")
    private boolean soft;

    @Option(names = "--dry-run", description = "Count the entries, and purge nothing.")
    private boolean dryRun;

    @Option(names = "--json", description = "Print the receipt as JSON.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws Failure {
        if (!all && urls.isEmpty() && prefixes.isEmpty() && tags.isEmpty() && groups.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(), "Nothing to purge: write --url, --prefix, --tag, --group or --all");
        }
        Logging.off();
        HttpResponse<String> answer = admin.answer(
                Set.of(200, 202), () -> admin.post(PurgeApi.PATH, Json.of(document()), AdminClient.ANSWER));
        JsonNode receipt = admin.document(answer, "purged");
        if (json) {
            out().println(Json.of(receipt));
        } else {
            print(receipt);
        }
        if (answer.statusCode() == 202) {
            throw new Failure("Not confirmed by Redis: purged on this instance only, which repeats the purge");
        }
        return CommandLine.ExitCode.OK;
    }

    private Map<String, Object> document() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("urls", urls);
        document.put("prefixes", prefixes);
        document.put("tags", tags);
        document.put("groups", groups);
        document.put("all", all);
        document.put("soft", soft);
        document.put("dry-run", dryRun);
        return document;
    }

    private void print(JsonNode receipt) {
        String done = dryRun ? "Would purge: " : soft ? "Made stale: " : "Purged: ";
        receipt.path("purged").forEach(what -> out().println(done + what.asText()));
        if (receipt.has("entries")) {
            out().println("Entries: " + receipt.path("entries").asLong() + " ("
                    + receipt.path("counted").asText() + ")");
        }
        JsonNode nodes = receipt.path("nodes");
        if (nodes.size() > 1) {
            List<String> missing = new ArrayList<>();
            nodes.forEach(node -> {
                if (!node.path("confirmed").asBoolean()) {
                    missing.add(node.path("name").asText());
                }
            });
            out().println("Instances: " + (nodes.size() - missing.size()) + " of " + nodes.size() + " have confirmed"
                    + (missing.isEmpty() ? "" : ", not " + String.join(", ", missing)));
        }
    }

    private Lines out() {
        return Lines.out(spec);
    }
}
