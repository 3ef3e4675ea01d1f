package io.cachingproxy.rules;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.fields.Tags;
import io.cachingproxy.policy.Ignored;
import io.cachingproxy.policy.Lifetimes;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.policy.Terms;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The rules that match a response, and their combined settings. Immutable. */
public final class ResponseTreatment {
    private final List<Rule> rules;
    private final Effect effect;
    private final Terms terms;
    private final Set<String> tags;
    private final long maxObjectBytes;
    private final @Nullable BrowserTtl browserTtl;
    private final HeaderChanges headers;

    ResponseTreatment(Rules.Base base, List<Rule> rules, Effect effect) {
        this.rules = rules;
        this.effect = effect;
        this.terms = terms(base, rules, effect);
        this.tags = tags(effect);
        this.maxObjectBytes = effect.get(Setting.MAX_OBJECT_SIZE, Long.class, Long.MAX_VALUE);
        Duration browser = effect.get(Setting.BROWSER_TTL, Duration.class);
        this.browserTtl = browser == null ? null : new BrowserTtl(browser);
        this.headers = effect.get(Setting.RESPONSE_HEADERS, HeaderChanges.class, HeaderChanges.NONE);
    }

    private static Terms terms(Rules.Base base, List<Rule> rules, Effect effect) {
        Policy policy = effect.get(Setting.POLICY, Policy.class, base.policy());
        Duration defaultTtl = effect.get(Setting.DEFAULT_TTL, Duration.class);
        String byRule = effect.setBy().get(Setting.TTL);
        Match match = rules.stream()
                .filter(rule -> rule.name().equals(byRule))
                .map(Rule::match)
                .findFirst()
                .orElse(Match.ALL);
        Lifetimes lifetimes = new Lifetimes(
                effect.get(Setting.TTL, Duration.class),
                match.namesStatus(),
                match.namesContentType(),
                effect.get(Setting.MIN_TTL, Duration.class),
                effect.get(Setting.MAX_TTL, Duration.class),
                effect.get(Setting.STALE_WHILE_REVALIDATE, Duration.class),
                effect.get(Setting.STALE_IF_ERROR, Duration.class));
        return Terms.of(
                defaultTtl == null ? policy : policy.withDefaultTtl(defaultTtl),
                lifetimes,
                ignored(effect),
                effect.get(Setting.STORE, Boolean.class, true));
    }

    private static Set<Ignored> ignored(Effect effect) {
        Set<Ignored> ignored = EnumSet.noneOf(Ignored.class);
        for (Object each : effect.get(Setting.IGNORE, Set.class, Set.of())) {
            ignored.add((Ignored) each);
        }
        return ignored.isEmpty() ? Set.of() : ignored;
    }

    private static Set<String> tags(Effect effect) {
        Set<String> tags = new TreeSet<>();
        for (Object tag : effect.get(Setting.TAGS, List.class, List.of())) {
            tags.add((String) tag);
        }
        return tags;
    }

    /** The names of the rules that match, in order. */
    public List<String> rules() {
        return rules.stream().map(Rule::name).toList();
    }

    /** The name of the rule that set each setting. */
    public Map<Setting, String> setBy() {
        return effect.setBy();
    }

    /** The terms of storage and reuse. */
    public Terms terms() {
        return terms;
    }

    /** The tags of a response: those of its header fields and those of the rules. */
    public Set<String> tags(Headers response) {
        Set<String> own = Tags.of(response);
        if (tags.isEmpty()) {
            return own;
        }
        Set<String> all = new TreeSet<>(own);
        all.addAll(tags);
        return all;
    }

    /** The longest body that is stored, in bytes. */
    public long maxObjectBytes() {
        return maxObjectBytes;
    }

    /** Whether the content coding of the response for the client is set by a rule. */
    public boolean setsContentEncoding() {
        return headers.sets("Content-Encoding");
    }

    /**
     * The response head for the client.
     *
     * @param request as the client sent it
     */
    public ResponseHead towardsClient(RequestHead request, ResponseHead head) {
        if (browserTtl == null && headers == HeaderChanges.NONE) {
            return head;
        }
        Headers own = browserTtl == null || terms.isKeptOut(request, head)
                ? head.headers()
                : browserTtl.apply(head, terms.hasCredentials(request));
        Headers changed = headers.apply(own);
        return changed == head.headers() ? head : head.withHeaders(changed);
    }
}
