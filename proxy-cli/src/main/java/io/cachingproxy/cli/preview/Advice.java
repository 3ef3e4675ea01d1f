package io.cachingproxy.cli.preview;

import io.cachingproxy.cli.preview.PathEvidence.Evidence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A rule that leaves inputs out of the cache key, and the evidence for it.
 *
 * @param harmless the inputs without an effect on the body
 * @param decisive the inputs with one
 * @param note what else is to be considered; null without it
 */
record Advice(
        AdvisedRule rule,
        Map<String, Evidence> harmless,
        Set<String> decisive,
        @Nullable String note) {
    /** The number of comparisons. */
    int pairs() {
        return harmless.values().stream().mapToInt(Evidence::pairs).sum();
    }

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", rule.name());
        List<Map<String, Object>> evidence = new ArrayList<>();
        harmless.forEach((input, of) -> {
            Map<String, Object> each = new LinkedHashMap<>();
            each.put("input", input);
            each.put("comparisons", of.pairs());
            each.put("values", of.values().size());
            evidence.add(each);
        });
        json.put("without-effect", evidence);
        json.put("with-effect", List.copyOf(decisive));
        json.put("rule", rule.yaml());
        if (note != null) {
            json.put("note", note);
        }
        return json;
    }
}
