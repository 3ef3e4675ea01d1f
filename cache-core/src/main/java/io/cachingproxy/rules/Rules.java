package io.cachingproxy.rules;

import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.policy.Policy;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An ordered list of rules. All matching rules apply, in order; for each setting, the last one wins. Immutable and
 * pure: the treatment of a request depends only on the rules, the request and the client's address.
 *
 * <pre>{@code
 * Rules rules = Rules.of(
 *         rule("tracking parameters").keyDropsQuery("utm_*"),
 *         rule("cart").path("/cart/**").bypass(),
 *         rule("products").path("/products/**").ttl(Duration.ofSeconds(60)));
 * }</pre>
 */
public final class Rules {
    /** No rules; only the policy applies. */
    public static final Rules NONE = new Rules(List.of());

    /** Maximum number of remembered combinations of rules; others are computed for each request. */
    private static final int MAX_KEPT = 4096;

    private static final Set<Optional<Object>> NO_ORIGIN = Set.of(Optional.empty());

    private final Base base;
    private final List<Candidate> candidates;
    private final Dispatch dispatch;
    private final boolean addsToKeys;
    private final Treatment unmatched;
    private final Map<Bits, Treatment> kept = new ConcurrentHashMap<>();

    /**
     * The settings of a site that apply if no rule sets them.
     *
     * @param keyHost the host in each key; null: the host of the request's target
     * @param origin the name of the site's origin; null for the unnamed one
     * @param byResponse the treatments of responses, by the indexes of the matching rules
     */
    record Base(
            List<Rule> rules,
            Policy policy,
            @Nullable String keyHost,
            @Nullable String origin,
            Map<Bits, ResponseTreatment> byResponse) {
        Base(List<Rule> rules, Policy policy, @Nullable String keyHost, @Nullable String origin) {
            this(rules, policy, keyHost, origin, new ConcurrentHashMap<>());
        }
    }

    /**
     * An alternative of a rule. A rule has several if its {@code any} or {@code not} mixes conditions on request and
     * response.
     */
    private record Candidate(RequestTest request, Treatment.Pending rule) {}

    private Rules(List<Rule> rules) {
        this(new Base(rules, Policy.standard(Policy.DEFAULT_TTL), null, null));
    }

    private Rules(Base base) {
        this.base = base;
        List<Candidate> all = new ArrayList<>();
        boolean adds = false;
        for (int i = 0; i < base.rules().size(); i++) {
            endIfInterrupted();
            Rule rule = base.rules().get(i);
            boolean splits = rule.splitsKey();
            adds |= splits || rule.sets().stream().anyMatch(Setting::addsToKey);
            for (Alternative alternative : rule.match().alternatives()) {
                all.add(new Candidate(
                        alternative.request(), new Treatment.Pending(i, rule, alternative.response(), splits)));
            }
        }
        this.candidates = List.copyOf(all);
        this.dispatch = Dispatch.of(candidates.stream().map(Candidate::request).toList());
        this.addsToKeys = adds;
        this.unmatched = new Treatment(base, List.of(), false);
    }

    private Rules(Rules same, Base base) {
        this.base = base;
        this.candidates = same.candidates;
        this.dispatch = same.dispatch;
        this.addsToKeys = same.addsToKeys;
        this.unmatched = new Treatment(base, List.of(), false);
    }

    /**
     * Creates a list of rules in this order.
     *
     * @throws IllegalArgumentException if a rule contradicts itself, or two rules have the same name; the message has
     *     one sentence for each
     */
    public static Rules of(Rule... rules) {
        return of(List.of(rules));
    }

    /**
     * The same.
     *
     * @throws IllegalStateException if the thread is {@link Abandonable} and interrupted
     */
    public static Rules of(List<Rule> rules) {
        check(rules);
        return rules.isEmpty() ? NONE : new Rules(List.copyOf(rules));
    }

    /**
     * Checks rules that are to be a list in this order.
     *
     * @throws IllegalArgumentException if {@link #of(List)} does not accept them, with the same message
     * @throws IllegalStateException if the thread is {@link Abandonable} and interrupted
     */
    public static void check(List<Rule> rules) {
        List<String> wrong = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Rule rule : rules) {
            endIfInterrupted();
            if (!names.add(rule.name())) {
                wrong.add("two rules have the name \"" + rule.name() + "\"");
            }
            rule.contradictions().forEach(each -> wrong.add("rule \"" + rule.name() + "\" " + each));
        }
        wrong.addAll(RedirectCycles.in(rules));
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", wrong));
        }
    }

    /** Ends work of an {@link Abandonable} thread that nobody waits for. */
    static void endIfInterrupted() {
        Thread thread = Thread.currentThread();
        if (thread instanceof Abandonable && thread.isInterrupted()) {
            throw new IllegalStateException("interrupted");
        }
    }

    /** The rules, in order. */
    public List<Rule> list() {
        return base.rules();
    }

    /**
     * A copy for a site.
     *
     * @param policy the policy unless a rule sets one
     * @param keyHost the host in each key; null: the host of the request's target
     * @param origin the name of the site's origin; null for the unnamed one
     */
    Rules under(Policy policy, @Nullable String keyHost, @Nullable String origin) {
        return new Rules(this, new Base(base.rules(), policy, keyHost, origin));
    }

    /**
     * The treatment of {@code request}. If its path has {@linkplain Target#otherReadings() other interpretations}, such
     * as {@code /static/..%2Faccount}, the interpretation of the origin is unknown: a redirect or response rule applies
     * if it matches any of them, and otherwise the request bypasses the cache if different rules match.
     *
     * @param client the address of the client; null if unknown, then it is in no range
     */
    public Treatment forRequest(RequestHead request, @Nullable InetAddress client) {
        if (candidates.isEmpty()) {
            return unmatched;
        }
        Bits matching = matching(request, client);
        List<Target> others = request.target().otherReadings();
        return others.isEmpty() ? treatment(matching) : inAnyReading(request, client, matching, others);
    }

    private Treatment inAnyReading(
            RequestHead request, @Nullable InetAddress client, Bits matching, List<Target> others) {
        Treatment first = treatment(matching);
        boolean same = true;
        for (int i = 0; i < others.size() && !first.answers(); i++) {
            Bits reading = matching(request.withTarget(others.get(i)), client);
            if (reading.equals(matching)) {
                continue;
            }
            Treatment treatment = treatment(reading);
            if (treatment.answers()) {
                return treatment;
            }
            same = false;
        }
        if (same || first.answers()) {
            return first;
        }
        matching.set(candidates.size());
        return treatment(matching);
    }

    /**
     * The indexes of the candidates whose conditions hold. One additional index marks requests that bypass the cache.
     */
    private Bits matching(RequestHead request, @Nullable InetAddress client) {
        Bits matching = new Bits(candidates.size() + 1);
        for (Dispatch node = dispatch; node != null; node = node.next(request.target())) {
            for (int i : node.conditions()) {
                if (candidates.get(i).request().holds(request, client)) {
                    matching.set(i);
                }
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
        Treatment made = new Treatment(base, rules, matching.get(candidates.size()));
        if (kept.size() < MAX_KEPT) {
            kept.put(matching, made);
        }
        return made;
    }

    /**
     * Reports which rules are in {@code treatment}, and why the others are not.
     *
     * @param treatment of this request, by these rules
     * @param response null without one
     */
    public List<MatchReport> report(
            RequestHead request, @Nullable InetAddress client, Treatment treatment, @Nullable ResponseHead response) {
        ResponseTreatment known = response == null ? null : treatment.response(response);
        List<String> matching = known == null ? treatment.rules() : known.rules();
        Map<Setting, String> setBy = known == null ? treatment.setBy() : known.setBy();
        List<MatchReport> reports = new ArrayList<>();
        for (Rule rule : base.rules()) {
            Map<String, String> settings = SettingText.of(rule.settings());
            if (matching.contains(rule.name())) {
                Map<String, String> overridden = overridden(rule, setBy);
                reports.add(new MatchReport(rule.name(), MatchReport.Result.MATCHED, settings, overridden, null));
            } else if (known == null && treatment.conditionalRules().contains(rule.name())) {
                reports.add(
                        new MatchReport(rule.name(), MatchReport.Result.DEPENDS_ON_RESPONSE, settings, Map.of(), null));
            } else {
                String unmet = rule.match().unmet(request, client, response);
                reports.add(new MatchReport(rule.name(), MatchReport.Result.NOT_MATCHED, settings, Map.of(), unmet));
            }
        }
        return List.copyOf(reports);
    }

    private static Map<String, String> overridden(Rule rule, Map<Setting, String> setBy) {
        Map<String, String> overridden = new LinkedHashMap<>();
        setBy.forEach((setting, by) -> {
            boolean combined = rule.settings().get(setting) instanceof HeaderChanges;
            if (rule.settings().containsKey(setting) && !by.equals(rule.name()) && !combined) {
                overridden.put(setting.token(), by);
            }
        });
        return overridden;
    }

    /**
     * The possible targets in keys of a URL: one, or several if rules that change the key depend on more than the URL.
     * A purge of the URL applies to all of them.
     *
     * @param url the URL as requested by clients and matched by rules
     * @param keyed the target in the key if no rule changes it
     */
    public Set<Target> keyTargets(Target url, Target keyed) {
        return keyTargets(candidate -> ofUrl(candidate.request(), url), keyed);
    }

    /**
     * The possible targets in keys of a URL that is a prefix of others, whichever rules match those.
     *
     * @param keyed the target in the key if no rule changes it
     */
    public Set<Target> keyTargetsBelow(Target keyed) {
        return keyTargets(candidate -> Truth.MAYBE, keyed);
    }

    /** Whether a rule matches a URL, for the methods whose responses may be stored. */
    private static Truth ofUrl(RequestTest test, Target url) {
        Truth get = test.ofUrl("GET", url);
        return get == test.ofUrl("QUERY", url) && get == test.ofUrl("POST", url) ? get : Truth.MAYBE;
    }

    /** The targets of all combinations of key settings, which are independent of each other. */
    private Set<Target> keyTargets(Function<Candidate, Truth> matches, Target keyed) {
        Set<Optional<Object>> queries = values(Setting.KEY_QUERY, Optional.empty(), matches);
        Set<Optional<Object>> hosts = values(Setting.KEY_HOST, Optional.of(true), matches);
        Set<Optional<Object>> schemes = values(Setting.KEY_SCHEME, Optional.of(true), matches);
        Set<Optional<Object>> origins = values(Setting.ORIGIN, Optional.ofNullable(base.origin()), matches);
        Set<Target> targets = new LinkedHashSet<>();
        for (Optional<Object> scheme : schemes) {
            for (Optional<Object> host : hosts) {
                for (Optional<Object> query : queries) {
                    for (Optional<Object> origin : host.equals(Optional.of(true)) ? NO_ORIGIN : origins) {
                        targets.add(Treatment.keyTarget(
                                base,
                                scheme.equals(Optional.of(true)),
                                host.equals(Optional.of(true))
                                        ? null
                                        : Treatment.inPlaceOfHost((String) origin.orElse(null)),
                                (KeyQuery) query.orElse(null),
                                keyed));
                    }
                }
            }
        }
        return targets;
    }

    /**
     * The possible values of a setting: that of the last rule that certainly matches, and those of later rules that may
     * match.
     */
    private Set<Optional<Object>> values(Setting setting, Optional<Object> unset, Function<Candidate, Truth> matches) {
        Set<Optional<Object>> values = new LinkedHashSet<>();
        values.add(unset);
        for (Candidate candidate : candidates) {
            Object value = candidate.rule().rule().settings().get(setting);
            Truth matching = value == null ? Truth.NO : matches.apply(candidate);
            if (matching == Truth.YES) {
                values.clear();
            }
            if (value != null && matching != Truth.NO) {
                values.add(Optional.of(value));
            }
        }
        return values;
    }

    /** Whether a rule changes the query in keys. */
    public boolean changesQueries() {
        return base.rules().stream().anyMatch(rule -> rule.sets().contains(Setting.KEY_QUERY));
    }

    /**
     * Whether a rule adds headers, cookies, the result of a function or its own name to keys, so that one URL may have
     * many keys.
     */
    public boolean addsToKeys() {
        return addsToKeys;
    }

    @Override
    public String toString() {
        return base.rules().toString();
    }
}
