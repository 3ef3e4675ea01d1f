package io.cachingproxy.rules;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether a rule matched, and what it sets.
 *
 * @param rule the name of the rule
 * @param result whether it matched
 * @param settings the values of its settings by their names in configuration files
 * @param overridden for settings that a later rule sets as well: the name of that rule
 * @param unmet the first condition that does not hold, such as {@code path: /cart/**}, without
 *     values that can be secrets; null if the rule matched
 */
public record MatchReport(
        String rule,
        Result result,
        Map<String, String> settings,
        Map<String, String> overridden,
        @Nullable String unmet) {
    /** Whether a rule matched. */
    public enum Result {
        MATCHED,
        /** The conditions on the request hold; those on the response are open, because there is no response. */
        DEPENDS_ON_RESPONSE,
        NOT_MATCHED
    }
}
