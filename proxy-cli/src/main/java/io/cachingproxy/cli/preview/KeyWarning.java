package io.cachingproxy.cli.preview;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An input that changes the body, and is not in the cache key.
 *
 * @param values number of values with bodies of their own
 * @param rule puts the input into the key, or bypasses the cache; null if a rule leaves the input out of the key
 */
record KeyWarning(
        String input,
        int values,
        List<String> paths,
        @Nullable AdvisedRule rule,
        String text) {
    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("input", input);
        json.put("text", text);
        json.put("values", values);
        json.put("paths", SiteAdvice.listed(paths.stream()));
        if (rule != null) {
            json.put("rule", rule.yaml());
        }
        return json;
    }
}
