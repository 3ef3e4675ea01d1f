package io.cachingproxy.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The report of an explanation for people, from its JSON form. */
final class ExplainReport {
    private final List<String> lines = new ArrayList<>();

    private ExplainReport() {}

    /** The lines of the report. */
    static List<String> of(Map<String, Object> json) {
        ExplainReport report = new ExplainReport();
        report.lines.add(json.get("method") + " " + json.get("url"));
        report.add("site", json.containsKey("site") ? json.get("site") + ", policy " + json.get("policy") : "none");
        report.add("key", String.valueOf(json.get("key")));
        report.rules(list(json, "rules"));
        report.variants(list(json, "variants"), String.valueOf(json.get("omitted")));
        report.verdict("request", map(json, "reuse"), "answered from the cache if:");
        if (json.containsKey("storage")) {
            report.add("origin", "answers " + json.get("status"));
            report.verdict("response", map(json, "storage"), "stored if:");
        }
        return report.lines;
    }

    private void add(String title, String text) {
        lines.add(String.format("  %-10s%s", title, text));
    }

    private void rules(List<Map<String, Object>> rules) {
        String title = "rules";
        for (Map<String, Object> rule : rules) {
            String what = switch (String.valueOf(rule.get("result"))) {
                case "matched" -> settings(rule);
                case "not-matched" -> "does not match" + (rule.containsKey("unmet") ? " " + rule.get("unmet") : "");
                default -> "depends on the response: " + settings(rule);
            };
            add(title, "\"" + rule.get("name") + "\" " + what);
            title = "";
        }
    }

    private static String settings(Map<String, Object> rule) {
        Map<String, Object> overridden = map(rule, "overridden");
        return map(rule, "settings").entrySet().stream()
                .map(setting -> setting.getKey() + ": " + setting.getValue()
                        + (overridden.containsKey(setting.getKey())
                                ? " (overridden by \"" + overridden.get(setting.getKey()) + "\")"
                                : ""))
                .collect(Collectors.joining("; "));
    }

    private void variants(List<Map<String, Object>> variants, String omitted) {
        String title = "stored";
        for (Map<String, Object> variant : variants) {
            String selecting = map(variant, "selecting").entrySet().stream()
                    .map(field -> "; " + field.getKey() + ": " + field.getValue())
                    .collect(Collectors.joining());
            String use = Boolean.TRUE.equals(variant.get("selected"))
                    ? "; selected"
                    : variant.containsKey("why") ? "; not used: " + variant.get("why") : "";
            add(title, variant.get("status") + ", age " + variant.get("age") + " s, " + ttl(variant) + selecting + use);
            title = "";
        }
        if (variants.isEmpty()) {
            add(title, "nothing");
        } else if (!omitted.equals("0")) {
            add("", "and " + omitted + " more");
        }
    }

    private static String ttl(Map<String, Object> json) {
        long ttl = ((Number) json.getOrDefault("ttl", 0)).longValue();
        return ttl > 0 ? "fresh for " + ttl + " s" : "stale for " + -ttl + " s";
    }

    private void verdict(String title, Map<String, Object> verdict, String remedy) {
        String ttl = verdict.containsKey("ttl") ? ", " + ttl(verdict) : "";
        add(title, words(verdict, "result").toUpperCase(Locale.ROOT) + ttl + ": " + cited(verdict));
        for (Map<String, Object> step : list(verdict, "steps")) {
            String mark = switch (String.valueOf(step.get("effect"))) {
                case "passed" -> "-";
                case "overridden" -> "~";
                default -> ">";
            };
            add("", mark + " " + cited(step) + ": " + step.get("inputs"));
        }
        List<Map<String, Object>> changes = list(verdict, "changes");
        if (!changes.isEmpty()) {
            add("", remedy);
            changes.forEach(change -> add("", "  * " + change.get("text")));
        }
    }

    private static String words(Map<String, Object> json, String key) {
        return String.valueOf(json.get(key)).replace('-', ' ');
    }

    private static String cited(Map<String, Object> json) {
        return json.get("reason") + " (" + json.get("source") + ")";
    }

    @SuppressWarnings("unchecked") // as ExplanationJson writes it
    private static Map<String, Object> map(Map<String, Object> json, String key) {
        return (Map<String, Object>) json.getOrDefault(key, Map.of());
    }

    @SuppressWarnings("unchecked") // as ExplanationJson writes it
    private static List<Map<String, Object>> list(Map<String, Object> json, String key) {
        return (List<Map<String, Object>>) json.getOrDefault(key, List.of());
    }
}
