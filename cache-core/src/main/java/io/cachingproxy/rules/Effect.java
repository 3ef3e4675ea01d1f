package io.cachingproxy.rules;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The combined settings of several rules: the last value of each setting, and the rule that set it. Changes of
 * different header fields are combined.
 *
 * @param values the values
 * @param setBy the name of the rule that set each value
 */
record Effect(Map<Setting, Object> values, Map<Setting, String> setBy) {
    /** Combines the settings of these rules, in order. */
    static Effect of(List<Rule> rules) {
        Map<Setting, Object> values = new EnumMap<>(Setting.class);
        Map<Setting, String> setBy = new EnumMap<>(Setting.class);
        for (Rule rule : rules) {
            rule.settings().forEach((setting, value) -> {
                values.merge(setting, value, Effect::later);
                setBy.put(setting, rule.name());
            });
        }
        return new Effect(values, setBy);
    }

    private static Object later(Object earlier, Object later) {
        return earlier instanceof HeaderChanges before && later instanceof HeaderChanges after
                ? before.and(after)
                : later;
    }

    <T> @Nullable T get(Setting setting, Class<T> type) {
        return type.cast(values.get(setting));
    }

    <T> T get(Setting setting, Class<T> type, T otherwise) {
        T value = get(setting, type);
        return value == null ? otherwise : value;
    }
}
