package io.cachingproxy.cli.preview;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A rule that {@link KeyAdvice} offers, an item of {@code rules} in a configuration file.
 *
 * @param paths globs of paths; empty: all
 * @param drop query parameters that are left out of the key
 * @param ignore tokens of the fields that are ignored
 * @param headers header fields in the key
 * @param cookies cookies in the key
 */
record AdvisedRule(
        String name,
        List<String> paths,
        List<String> drop,
        List<String> ignore,
        List<String> headers,
        List<String> cookies,
        boolean bypass) {
    /** The rule as YAML, without indentation. */
    String yaml() {
        StringBuilder yaml = new StringBuilder("- name: ").append(quoted(name)).append('\n');
        if (!paths.isEmpty()) {
            yaml.append("  match: {path: ").append(list(paths)).append("}\n");
        }
        if (bypass) {
            return yaml.append("  bypass: true\n").toString();
        }
        if (!ignore.isEmpty()) {
            yaml.append("  ignore: [").append(String.join(", ", ignore)).append("]\n");
        }
        List<String> key = new ArrayList<>();
        if (!drop.isEmpty()) {
            key.add("query: {drop: " + list(drop) + "}");
        }
        if (!headers.isEmpty()) {
            key.add("headers: " + list(headers));
        }
        if (!cookies.isEmpty()) {
            key.add("cookies: " + list(cookies));
        }
        if (!key.isEmpty()) {
            yaml.append("  key: {").append(String.join(", ", key)).append("}\n");
        }
        return yaml.toString();
    }

    private static String list(List<String> texts) {
        return texts.stream().map(AdvisedRule::quoted).collect(Collectors.joining(", ", "[", "]"));
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
