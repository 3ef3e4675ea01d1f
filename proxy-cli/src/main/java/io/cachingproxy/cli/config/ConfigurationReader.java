package io.cachingproxy.cli.config;

import io.cachingproxy.cli.config.Configuration.Option;
import io.cachingproxy.cli.config.Configuration.Origin;
import io.cachingproxy.cli.config.Configuration.RuleEntry;
import io.cachingproxy.cli.config.Configuration.SiteEntry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the top level of the file. */
final class ConfigurationReader {
    private final Problems problems;
    private final CommandOptions command;

    ConfigurationReader(Problems problems, CommandOptions command) {
        this.problems = problems;
        this.command = command;
    }

    Configuration read(@Nullable Yaml yaml) {
        Map<String, Value> root = yaml == null ? Map.of() : root(yaml);
        if (problems.isEmpty() && root.isEmpty()) {
            problems.error(Place.START, "", "is empty: write " + Keys.ROOT.examples());
        }
        Map<String, Option> options = options(root);
        OriginReader originReader = new OriginReader(problems);
        Map<String, Origin> origins = originReader.read(root.get("origins"));
        RuleReader ruleReader = new RuleReader(problems, originReader.names());
        List<RuleEntry> rules = ruleReader.read(root.get("rules"), "rule for all sites ");
        boolean hasOrigin = command.hasOrigin() || options.containsKey("origin");
        List<SiteEntry> sites = new SiteReader(problems, ruleReader, origins, rules, hasOrigin).read(root.get("sites"));
        Value several = root.get("origins");
        if (several != null && origins.size() > 1 && !root.containsKey("sites") && !hasOrigin) {
            problems.error(
                    several.place(),
                    several.path(),
                    "are several, and no site says which hosts go to which: write sites, or one origin");
        }
        List<TestCase> tests = new TestReader(problems).read(root.get("tests"));
        Configuration read = new Configuration(
                problems.file(),
                Collections.unmodifiableMap(options),
                new ListenerReader(problems).read(root.get("listeners")),
                Collections.unmodifiableMap(origins),
                List.copyOf(sites),
                List.copyOf(rules),
                List.copyOf(tests),
                List.of(),
                new Shown(yaml),
                problems.secrets());
        if (!sites.isEmpty()) {
            originReader.warnOfUnused(read.usedOrigins());
        }
        return read.with(problems.warnings());
    }

    private Map<String, Value> root(Yaml yaml) {
        Value document = new Value(yaml, "", problems);
        Map<String, Value> root = problems.attempt(document, () -> document.section(Keys.ROOT.and(command.names())));
        return root == null ? Map.of() : root;
    }

    private Map<String, Option> options(Map<String, Value> root) {
        Map<String, Option> options = new LinkedHashMap<>();
        root.forEach((name, value) -> {
            if (!Keys.ROOT.names().contains(name)) {
                Option option = problems.attempt(value, () -> option(name, value));
                if (option != null) {
                    options.put(name, option);
                }
            }
        });
        return options;
    }

    private Option option(String name, Value value) {
        String text = String.join(",", value.texts());
        command.check(name, text);
        return new Option(value.place(), text);
    }

    /** The items of the list under a key; empty if the key is missing. */
    static List<Value> items(@Nullable Value list, Problems problems) {
        List<Value> items = list == null ? List.of() : problems.attempt(list, list::items);
        return items == null ? List.of() : new ArrayList<>(items);
    }
}
