package io.cachingproxy.rules;

import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.policy.Policy;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * An ordered list of rules. All that match apply, in order; a later one wins, setting by setting. Immutable, and pure: what
 * a request is treated like depends on nothing but the rules, the request and the client's address.
 *
 * <pre>{@code
 * Rules rules = Rules.of(
 *         rule("tracking parameters").keyDropsQuery("utm_*"),
 *         rule("cart").path("/cart/**").bypass(),
 *         rule("products").path("/products/**").ttl(Duration.ofSeconds(60)));
 * }</pre>
 */
public final class Rules {
    /** No rule: the policy alone decides. */
    public static final Rules NONE = new Rules(List.of());

    /** So many combinations of rules are kept; others are put together anew for each request. */
    private static final int MAX_KEPT = 4096;

    /** So many rules that may change the key of a URL are told apart in {@link #keyTargets}. */
    private static final int MAX_UNCERTAIN = 6;

    private final Base base;
    private final List<Candidate> candidates;
    private final Dispatch dispatch;
    private final Treatment unmatched;
    private final Map<Bits, Treatment> kept = new ConcurrentHashMap<>();

    /**
     * What holds where no rule says otherwise.
     *
     * @param keyHost the host in each key; null: the host of the request's target
     */
    record Base(List<Rule> rules, Policy policy, @Nullable String keyHost) {}

    /** An alternative of a rule: several for one whose {@code any} or {@code not} mixes request and response. */
    private record Candidate(RequestTest request, Treatment.Pending rule) {}

    private Rules(List<Rule> rules) {
        this(new Base(rules, Policy.standard(Policy.DEFAULT_TTL), null));
    }

    private Rules(Base base) {
        this.base = base;
        List<Candidate> all = new ArrayList<>();
        for (int i = 0; i < base.rules().size(); i++) {
            Rule rule = base.rules().get(i);
            for (Alternative alternative : rule.match().alternatives()) {
                all.add(new Candidate(alternative.request(), new Treatment.Pending(i, rule, alternative.response())));
            }
        }
        this.candidates = List.copyOf(all);
        this.dispatch = new Dispatch(candidates.stream().map(Candidate::request).toList());
        this.unmatched = new Treatment(base, List.of());
    }

    /**
     * Rules in this order.
     *
     * @throws IllegalArgumentException if a rule cannot be meant, or two have the same name; the message has a sentence for
     *     each
     */
    public static Rules of(Rule... rules) {
        return of(List.of(rules));
    }

    /** The same. */
    public static Rules of(List<Rule> rules) {
        List<String> wrong = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Rule rule : rules) {
            if (!names.add(rule.name())) {
                wrong.add("two rules have the name \"" + rule.name() + "\"");
            }
            rule.contradictions().forEach(each -> wrong.add("rule \"" + rule.name() + "\" " + each));
        }
        wrong.addAll(RedirectCycles.in(rules));
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", wrong));
        }
        return rules.isEmpty() ? NONE : new Rules(List.copyOf(rules));
    }

    /** The rules, in order. */
    public List<Rule> list() {
        return base.rules();
    }

    /** The same rules, first these and then the others. */
    public Rules and(Rules others) {
        List<Rule> all = new ArrayList<>(list());
        all.addAll(others.list());
        return of(all);
    }

    /**
     * The same rules for a site.
     *
     * @param policy where no rule says otherwise
     * @param keyHost the host in each key; null: the host of the request's target
     */
    Rules under(Policy policy, @Nullable String keyHost) {
        return new Rules(new Base(base.rules(), policy, keyHost));
    }

    /**
     * How {@code request} is treated. Where an encoded slash in its path makes a difference to which rules match, it is
     * forwarded past the cache: nobody knows how the origin reads {@code /static/..%2Faccount}.
     *
     * @param client the address of the client; null if it is unknown: no range holds then
     */
    public Treatment forRequest(RequestHead request, @Nullable InetAddress client) {
        if (candidates.isEmpty()) {
            return unmatched;
        }
        Bits matching = matching(request, client);
        Treatment treatment = treatment(matching);
        Target other = EncodedSlash.decoded(request.target());
        boolean ambiguous = other != null && !matching.equals(matching(request.withTarget(other), client));
        return ambiguous ? treatment.bypassing() : treatment;
    }

    private Bits matching(RequestHead request, @Nullable InetAddress client) {
        Bits matching = new Bits(candidates.size());
        for (int i : dispatch.of(request.target())) {
            if (candidates.get(i).request().holds(request, client)) {
                matching.set(i);
            }
        }
        return matching;
    }

    private Treatment treatment(Bits matching) {
        if (matching.isEmpty()) {
            return unmatched;
        }
        Treatment known = kept.get(matching);
        return known == null ? made(matching) : known;
    }

    private Treatment made(Bits matching) {
        List<Treatment.Pending> rules = new ArrayList<>();
        for (int i = 0; i < candidates.size(); i++) {
            if (matching.get(i)) {
                rules.add(candidates.get(i).rule());
            }
        }
        Treatment made = new Treatment(base, rules);
        if (kept.size() < MAX_KEPT) {
            kept.put(matching, made);
        }
        return made;
    }

    /**
     * What keys may have of a URL: one target, or several where rules that change the key depend on more than the URL. What
     * is purged by its URL is purged under all of them.
     *
     * @param url as clients ask for it, and as rules match it
     * @param keyed as the key has it, if no rule changes it
     */
    public Set<Target> keyTargets(Target url, Target keyed) {
        Bits sure = new Bits(Math.max(1, candidates.size()));
        List<Integer> uncertain = new ArrayList<>();
        for (int i = 0; i < candidates.size(); i++) {
            Candidate candidate = candidates.get(i);
            if (candidate.rule().rule().sets().stream().anyMatch(Setting::isOfKey)) {
                Truth truth = candidate.request().ofUrl("GET", url);
                if (truth == Truth.YES) {
                    sure.set(i);
                } else if (truth == Truth.MAYBE) {
                    uncertain.add(i);
                }
            }
        }
        Set<Target> targets = new LinkedHashSet<>();
        int told = Math.min(uncertain.size(), MAX_UNCERTAIN);
        for (int choice = 0; choice < 1 << told; choice++) {
            List<Treatment.Pending> rules = new ArrayList<>();
            for (int i = 0; i < candidates.size(); i++) {
                int place = uncertain.indexOf(i);
                if (sure.get(i) || (place >= 0 && (place >= told || (choice & 1 << place) != 0))) {
                    rules.add(candidates.get(i).rule());
                }
            }
            targets.add(new Treatment(base, rules).keyTarget(keyed));
        }
        return targets;
    }

    /** Whether a rule adds headers, cookies or a function's value to keys, so that a URL may have many. */
    public boolean addsToKeys() {
        return base.rules().stream()
                .flatMap(rule -> rule.sets().stream())
                .anyMatch(setting -> setting == Setting.KEY_HEADERS
                        || setting == Setting.KEY_COOKIES
                        || setting == Setting.KEY_FUNCTION);
    }

    @Override
    public String toString() {
        return base.rules().toString();
    }
}
