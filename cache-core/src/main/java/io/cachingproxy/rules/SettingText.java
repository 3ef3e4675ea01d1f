package io.cachingproxy.rules;

import io.cachingproxy.http.fields.Masking;
import io.cachingproxy.policy.Ignored;
import io.cachingproxy.policy.Policy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The values of settings as texts, close to their form in configuration files. Without values that can
 * be secrets.
 */
final class SettingText {
    private SettingText() {}

    static Map<String, String> of(Map<Setting, Object> settings) {
        Map<String, String> texts = new LinkedHashMap<>();
        settings.forEach((setting, value) -> texts.put(setting.token(), of(value)));
        return texts;
    }

    private static String of(Object value) {
        if (value instanceof Duration duration) {
            return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
        }
        if (value instanceof Policy policy) {
            return policy.name();
        }
        if (value instanceof Collection<?> several) {
            return several.stream().map(SettingText::member).sorted().toList().toString();
        }
        if (value instanceof KeyQuery query) {
            String names = query.names().isEmpty() ? "" : (query.keeps() ? "keep " : "drop ") + query.names();
            return (names + (query.sorted() ? " sorted" : "")).strip();
        }
        if (value instanceof HeaderChanges changes) {
            return of(changes);
        }
        if (value instanceof Redirect redirect) {
            return redirect.status() + " to " + Masking.url(redirect.to());
        }
        if (value instanceof Respond respond) {
            return "status " + respond.status();
        }
        if (value instanceof Rewrite rewrite) {
            return "strip \"" + rewrite.stripPrefix() + "\", add \"" + rewrite.addPrefix() + "\"";
        }
        return value instanceof Function<?, ?> ? "a function" : value.toString();
    }

    private static String member(Object value) {
        return value instanceof Ignored ignored ? ignored.token() : value.toString();
    }

    private static String of(HeaderChanges changes) {
        List<String> texts = new ArrayList<>();
        changes.fields().values().forEach(change -> {
            String verb = change.added().isEmpty() ? "remove " : change.removed() ? "set " : "add ";
            texts.add(verb + change.name());
        });
        return String.join(", ", texts);
    }
}
