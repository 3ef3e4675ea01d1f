package io.cachingproxy.rules;

import io.cachingproxy.http.Target;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds rules whose redirects lead back to the same rule, as far as that depends on the URL only. The rules of a target
 * are found by {@link Dispatch}, and once for each target, so the effort grows with the number of rules only.
 */
final class RedirectCycles {
    private static final int MAX_STEPS = 20;

    private record Condition(int rule, RequestTest request) {}

    private final List<Rule> redirects;
    private final List<Condition> conditions = new ArrayList<>();
    private final Dispatch dispatch;

    /** The rule that a target leads to; empty if there is none. */
    private final Map<String, Optional<Rule>> known = new HashMap<>();

    /** @param redirects rules with redirects, in order */
    private RedirectCycles(List<Rule> redirects) {
        this.redirects = redirects;
        for (int i = 0; i < redirects.size(); i++) {
            for (Alternative alternative : redirects.get(i).match().alternatives()) {
                conditions.add(new Condition(i, alternative.request()));
            }
        }
        this.dispatch = Dispatch.of(conditions.stream().map(Condition::request).toList());
    }

    /**
     * One sentence for each rule that redirects to a URL which leads to the same rule again.
     *
     * @throws IllegalStateException if the thread is {@link Abandonable} and interrupted
     */
    static List<String> in(List<Rule> rules) {
        List<Rule> redirects = rules.stream()
                .filter(rule -> rule.settings().containsKey(Setting.REDIRECT))
                .toList();
        RedirectCycles cycles = new RedirectCycles(redirects);
        List<String> found = new ArrayList<>();
        for (Rule rule : redirects) {
            Rules.endIfInterrupted();
            if (rule.settings().get(Setting.REDIRECT) instanceof Redirect redirect && cycles.leadsBack(rule)) {
                found.add("rule \"" + rule.name() + "\" redirects in a circle: " + redirect.to()
                        + " is redirected by the same rule again");
            }
        }
        return found;
    }

    private boolean leadsBack(Rule first) {
        Rule at = first;
        for (int step = 0; step < MAX_STEPS; step++) {
            String target = target(at);
            Optional<Rule> next = target == null ? Optional.empty() : known.computeIfAbsent(target, this::redirecting);
            if (next.isEmpty()) {
                return false;
            }
            at = next.get();
            if (at == first) {
                return true;
            }
        }
        return false;
    }

    /** The target of a redirect; null if it depends on the request or has another host. */
    private static @Nullable String target(Rule rule) {
        return rule.settings().get(Setting.REDIRECT) instanceof Redirect redirect
                        && redirect.to().startsWith("/")
                        && !redirect.to().startsWith("//")
                        && redirect.to().indexOf('{') < 0
                ? redirect.to()
                : null;
    }

    /** The last rule that redirects each GET of this URL. */
    private Optional<Rule> redirecting(String pathAndQuery) {
        Target target = new Target("http", "any", pathAndQuery);
        int last = -1;
        for (Dispatch node = dispatch; node != null; node = node.next(target)) {
            for (int i : node.conditions()) {
                Condition condition = conditions.get(i);
                if (condition.rule() > last && condition.request().ofUrl("GET", target) == Truth.YES) {
                    last = condition.rule();
                }
            }
        }
        return last < 0 ? Optional.empty() : Optional.of(redirects.get(last));
    }
}
