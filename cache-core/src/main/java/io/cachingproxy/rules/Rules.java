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
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
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

    private static final Set<Optional<Object>> NO_ORIGIN = Set.of(Optional.empty());

    private final Base base;
    private final List<Candidate> candidates;
    private final Dispatch dispatch;
    private final boolean addsToKeys;
    private final Treatment unmatched;
    private final Map<Bits, Treatment> kept = new ConcurrentHashMap<>();

    /**
     * What holds where no rule says otherwise.
     *
     * @param keyHost the host in each key; null: the host of the request's target
     * @param origin the name of the site's origin; null for the one without a name
     * @param byResponse what the rules say of responses, by the places of those that match
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

    /** An alternative of a rule: several for one whose {@code any} or {@code not} mixes request and response. */
    private record Candidate(RequestTest request, Treatment.Pending rule) {}

    private Rules(List<Rule> rules) {
        this(new Base(rules, Policy.standard(Policy.DEFAULT_TTL), null, null));
    }

    private Rules(Base base) {
        this.base = base;
        List<Candidate> all = new ArrayList<>();
        boolean adds = false;
        for (int i = 0; i < base.rules().size(); i++) {
            Rule rule = base.rules().get(i);
            boolean splits = rule.splitsKey();
            adds |= splits || rule.sets().stream().anyMatch(Setting::addsToKey);
            for (Alternative alternative : rule.match().alternatives()) {
                all.add(new Candidate(
                        alternative.request(), new Treatment.Pending(i, rule, alternative.response(), splits)));
            }
        }
        this.candidates = List.copyOf(all);
        this.dispatch = new Dispatch(candidates.stream().map(Candidate::request).toList());
        this.addsToKeys = adds;
        this.unmatched = new Treatment(base, List.of(), false);
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

    /**
     * The same rules for a site.
     *
     * @param policy where no rule says otherwise
     * @param keyHost the host in each key; null: the host of the request's target
     * @param origin the name of the site's origin; null for the one without a name
     */
    Rules under(Policy policy, @Nullable String keyHost, @Nullable String origin) {
        return new Rules(new Base(base.rules(), policy, keyHost, origin));
    }

    /**
     * How {@code request} is treated. Where its path has {@linkplain Target#otherReadings() other readings}, such as {@code
     * /static/..%2Faccount}, nobody knows which is the origin's: the redirect or the response of a rule that matches any
     * reading is given, and a request of which the rules differ is otherwise forwarded past the cache.
     *
     * @param client the address of the client; null if it is unknown: no range holds then
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

    /** The places of the candidates whose conditions hold. One more place is for requests that bypass the cache. */
    private Bits matching(RequestHead request, @Nullable InetAddress client) {
        Bits matching = new Bits(candidates.size() + 1);
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
        Treatment made = new Treatment(base, rules, matching.get(candidates.size()));
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
        return keyTargets(candidate -> ofUrl(candidate.request(), url), keyed);
    }

    /**
     * What keys may have of a URL that is the beginning of others: whichever rules match those.
     *
     * @param keyed as the key has it, if no rule changes it
     */
    public Set<Target> keyTargetsBelow(Target keyed) {
        return keyTargets(candidate -> Truth.MAYBE, keyed);
    }

    /** Whether a rule matches a URL, with each method whose response may be stored. */
    private static Truth ofUrl(RequestTest test, Target url) {
        Truth get = test.ofUrl("GET", url);
        return get == test.ofUrl("QUERY", url) && get == test.ofUrl("POST", url) ? get : Truth.MAYBE;
    }

    /** Settings of the key are independent of one another, so each combination of what they may be is a target. */
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

    /** The values that a setting may have: of each rule that may match, after the last one that does. */
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

    /** Whether a rule adds headers, cookies, a function's value or its own name to keys, so that a URL may have many. */
    public boolean addsToKeys() {
        return addsToKeys;
    }

    @Override
    public String toString() {
        return base.rules().toString();
    }
}
