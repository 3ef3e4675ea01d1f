package io.cachingproxy.cli.admin;

import io.cachingproxy.Explanation;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.jetty.events.Redaction;
import io.cachingproxy.rules.MatchReport;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An explanation as maps, lists, texts and numbers, for JSON and for the report of the command line. */
public final class ExplanationJson {
    private ExplanationJson() {}

    /**
     * @param response the response that is explained, if there is one
     * @param redaction of the URLs
     */
    public static Map<String, Object> of(
            Explanation explanation, Optional<ResponseHead> response, Redaction redaction) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("method", explanation.request().method());
        json.put("url", redaction.redacted(explanation.request().target().url()));
        put(json, "site", explanation.site());
        json.put("policy", explanation.policy());
        json.put("key", key(explanation.key(), redaction));
        json.put(
                "rules", explanation.rules().stream().map(ExplanationJson::rule).toList());
        json.put(
                "variants",
                explanation.variants().stream().map(ExplanationJson::variant).toList());
        json.put("omitted", explanation.omitted());
        json.put("reuse", verdict(explanation.reuse()));
        response.ifPresent(it -> json.put("status", it.status()));
        if (explanation.storage() != null) {
            json.put("storage", verdict(explanation.storage()));
        }
        return json;
    }

    /** A readable key; of the method, the URL and the other parts, the URL is redacted. */
    public static String key(String text, Redaction redaction) {
        String[] parts = text.split(" ", 3);
        if (parts.length > 1) {
            parts[1] = redaction.redacted(parts[1]);
        }
        return String.join(" ", parts);
    }

    private static Map<String, Object> rule(MatchReport rule) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", rule.rule());
        json.put("result", token(rule.result()));
        json.put("settings", rule.settings());
        json.put("overridden", rule.overridden());
        put(json, "unmet", rule.unmet());
        return json;
    }

    private static Map<String, Object> variant(Explanation.Variant variant) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("status", variant.status());
        json.put("age", variant.age().toSeconds());
        json.put("ttl", seconds(variant.ttl()));
        json.put("selecting", variant.selecting());
        json.put("selected", variant.selected());
        put(json, "why", variant.why() == null ? null : variant.why().token());
        return json;
    }

    private static Map<String, Object> verdict(Explanation.Verdict verdict) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("result", token(verdict.result()));
        json.put("reason", verdict.reason().token());
        json.put("source", verdict.reason().source());
        put(json, "ttl", verdict.ttl() == null ? null : seconds(verdict.ttl()));
        json.put("steps", verdict.steps().stream().map(ExplanationJson::step).toList());
        json.put(
                "changes",
                verdict.changes().stream().map(ExplanationJson::change).toList());
        return json;
    }

    private static Map<String, Object> step(Explanation.Step step) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("reason", step.reason().token());
        json.put("source", step.reason().source());
        json.put("effect", token(step.effect()));
        json.put("inputs", step.inputs());
        return json;
    }

    private static Map<String, Object> change(Explanation.Change change) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("by", change.by().stream().map(ExplanationJson::token).toList());
        json.put("text", change.text());
        return json;
    }

    private static long seconds(Duration ttl) {
        return Math.floorDiv(ttl.toMillis(), 1000L);
    }

    private static String token(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static void put(Map<String, Object> json, String key, @Nullable Object value) {
        if (value != null) {
            json.put(key, value);
        }
    }
}
