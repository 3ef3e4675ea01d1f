package io.cachingproxy.rules;

import io.cachingproxy.http.Target;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds rules whose redirects lead back to the same rule, as far as that depends on the URL only. */
final class RedirectCycles {
    private static final int MAX_STEPS = 20;

    private RedirectCycles() {}

    /** One sentence for each rule that redirects to a URL which leads to the same rule again. */
    static List<String> in(List<Rule> rules) {
        List<String> found = new ArrayList<>();
        for (Rule rule : rules) {
            if (rule.settings().get(Setting.REDIRECT) instanceof Redirect redirect
                    && leadsBack(rules, rule, redirect)) {
                found.add("rule \"" + rule.name() + "\" redirects in a circle: " + redirect.to()
                        + " is redirected by the same rule again");
            }
        }
        return found;
    }

    private static boolean leadsBack(List<Rule> rules, Rule first, Redirect redirect) {
        Target at = target(redirect);
        for (int step = 0; at != null && step < MAX_STEPS; step++) {
            Rule next = redirecting(rules, at);
            if (next == null) {
                return false;
            }
            if (next == first) {
                return true;
            }
            at = next.settings().get(Setting.REDIRECT) instanceof Redirect further ? target(further) : null;
        }
        return false;
    }

    /** The target of a redirect; null if it depends on the request or has another host. */
    private static @Nullable Target target(Redirect redirect) {
        return redirect.to().startsWith("/")
                        && !redirect.to().startsWith("//")
                        && redirect.to().indexOf('{') < 0
                ? new Target("http", "any", redirect.to())
                : null;
    }

    /** The last rule that redirects each GET of this URL. */
    private static @Nullable Rule redirecting(List<Rule> rules, Target target) {
        Rule last = null;
        for (Rule rule : rules) {
            boolean redirects = rule.settings().containsKey(Setting.REDIRECT);
            boolean holds = rule.match().alternatives().stream()
                    .anyMatch(each -> each.request().ofUrl("GET", target) == Truth.YES);
            if (redirects && holds) {
                last = rule;
            }
        }
        return last;
    }
}
