package io.cachingproxy.cli.config;

import io.cachingproxy.cli.config.Configuration.RuleEntry;
import io.cachingproxy.rules.Match;
import io.cachingproxy.rules.Rule;
import io.cachingproxy.rules.Setting;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds rules without effect: a later rule with the same match, or without a match, overrides all of their settings. */
final class Shadowing {
    /** Settings that accumulate by field, instead of being overridden. */
    private static final Set<Setting> ADD_UP = Set.of(Setting.REQUEST_HEADERS, Setting.RESPONSE_HEADERS);

    /** Maximum number of rules with the same match that are compared. */
    private static final int MAX_COMPARED = 20;

    private Shadowing() {}

    static void warn(List<RuleEntry> rules, Problems problems) {
        String all = Match.ALL.toString();
        Map<String, List<RuleEntry>> later = new HashMap<>();
        for (int i = rules.size() - 1; i >= 0; i--) {
            Interruption.check();
            RuleEntry entry = rules.get(i);
            String match = entry.rule().match().toString(); // equal for equal matches
            RuleEntry other = hiding(entry, later.getOrDefault(match, List.of()), later.getOrDefault(all, List.of()));
            if (other != null) {
                warn(entry, other, problems);
            }
            List<RuleEntry> same = later.computeIfAbsent(match, any -> new ArrayList<>());
            if (same.size() < MAX_COMPARED) {
                same.add(entry);
            }
        }
    }

    private static @Nullable RuleEntry hiding(RuleEntry earlier, List<RuleEntry> same, List<RuleEntry> all) {
        for (List<RuleEntry> later : List.of(same, all)) {
            for (RuleEntry other : later) {
                if (hides(other.rule(), earlier.rule())) {
                    return other;
                }
            }
        }
        return null;
    }

    private static boolean hides(Rule later, Rule earlier) {
        return later.sets().containsAll(earlier.sets())
                && earlier.sets().stream().noneMatch(ADD_UP::contains);
    }

    private static void warn(RuleEntry hidden, RuleEntry by, Problems problems) {
        problems.warning(
                hidden.place(),
                hidden.path(),
                "rule \"" + hidden.rule().name() + "\" has no effect: rule \""
                        + by.rule().name() + "\" in line " + by.place().line()
                        + " matches the same and sets all that it sets");
    }
}
