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
import java.util.stream.Stream;

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
            Stream.of(match, all)
                    .flatMap(wider -> later.getOrDefault(wider, List.of()).stream())
                    .filter(other -> hides(other.rule(), entry.rule()))
                    .findFirst()
                    .ifPresent(other -> warn(entry, other, problems));
            List<RuleEntry> same = later.computeIfAbsent(match, any -> new ArrayList<>());
            if (same.size() < MAX_COMPARED) {
                same.add(entry);
            }
        }
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
