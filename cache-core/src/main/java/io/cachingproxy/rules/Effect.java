package io.cachingproxy.rules;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What several rules set together: of each setting the last value, and the rule that gave it. Header changes are settings
 * field by field: those of several rules add up.
 *
 * @param values the values
 * @param setBy the names of the rules that gave them
 */
record Effect(Map<Setting, Object> values, Map<Setting, String> setBy) {
    /** Of these rules, in their order. */
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
