package io.cachingproxy.rules;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.RequestTerms;
import io.cachingproxy.policy.Terms;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the rules say of one request: which of them match, and what they set together. Rules that also depend on the
 * response are decided by {@link #response}. Immutable, and shared by all requests that the same rules match.
 */
public final class Treatment implements RequestTerms {
    /** So many sets of rules are kept for all treatments together; others are put together anew each time. */
    private static final int MAX_KEPT = 4096;

    private final Rules.Base base;
    private final List<Pending> matching;
    private final List<Rule> certain;
    private final List<Pending> pending;
    private final Effect effect;
    private final ResponseTreatment sure;
    private final @Nullable KeyQuery keyQuery;
    private final boolean changesKey;
    private final List<String> splitting;
    private final HeaderChanges requestHeaders;
    private final boolean bypasses;
    private final @Nullable Rewrite rewrite;
    private final String withoutHost;
    private final @Nullable String lastRule;

    /**
     * A rule whose conditions on the request hold.
     *
     * @param order its place among all rules
     * @param test what it asks of the response
     * @param splitsKey {@link Rule#splitsKey}
     */
    record Pending(int order, Rule rule, ResponseTest test, boolean splitsKey) {}

    /**
     * The treatment where these rules match.
     *
     * @param matching whose conditions on the request hold, in order; several for a rule with alternatives
     * @param bypasses whether the request bypasses the cache, whatever the rules set
     */
    Treatment(Rules.Base base, List<Pending> matching, boolean bypasses) {
        this.base = base;
        this.matching = matching;
        this.certain = matching.stream()
                .filter(each -> each.test() == ResponseTest.ALWAYS)
                .map(Pending::rule)
                .distinct()
                .toList();
        Set<Rule> always = new HashSet<>(certain);
        this.pending =
                matching.stream().filter(each -> !always.contains(each.rule())).toList();
        this.lastRule =
                certain.isEmpty() ? null : certain.get(certain.size() - 1).name();
        this.effect = Effect.of(certain);
        this.sure = new ResponseTreatment(base, certain, effect);
        this.keyQuery = effect.get(Setting.KEY_QUERY, KeyQuery.class);
        this.splitting = matching.stream()
                .filter(Pending::splitsKey)
                .map(each -> each.rule().name())
                .distinct()
                .toList();
        this.changesKey =
                !splitting.isEmpty() || effect.values().keySet().stream().anyMatch(Setting::isOfKey);
        this.bypasses = bypasses || effect.get(Setting.BYPASS, Boolean.class, false);
        String byRule = effect.get(Setting.ORIGIN, String.class);
        boolean hasHost = effect.get(Setting.KEY_HOST, Boolean.class, true);
        this.withoutHost = hasHost ? "" : inPlaceOfHost(byRule == null ? base.origin() : byRule);
        this.rewrite = effect.get(Setting.REWRITE, Rewrite.class);
        this.requestHeaders = effect.get(Setting.REQUEST_HEADERS, HeaderChanges.class, HeaderChanges.NONE);
    }

    /** The names of the rules that match whatever the response is, in order. */
    public List<String> rules() {
        return certain.stream().map(Rule::name).toList();
    }

    /** The name of the last rule that matches whatever the response is; null if none does. */
    public @Nullable String lastRule() {
        return lastRule;
    }

    /** Which rule set what. */
    public Map<Setting, String> setBy() {
        return effect.setBy();
    }

    /** Whether the request is forwarded past the cache. */
    public boolean bypasses() {
        return bypasses;
    }

    /** Whether concurrent misses are coalesced. */
    public boolean coalesces() {
        return effect.get(Setting.COALESCE, Boolean.class, true);
    }

    /** The name of the origin that a rule chose; null if none did. */
    public @Nullable String origin() {
        return effect.get(Setting.ORIGIN, String.class);
    }

    /** The redirect that answers; null without one. */
    public @Nullable Redirect redirect() {
        return effect.get(Setting.REDIRECT, Redirect.class);
    }

    /** The response that the cache gives by itself; null without one. */
    public @Nullable Respond respond() {
        return effect.get(Setting.RESPOND, Respond.class);
    }

    /** Whether a rule answers, so that nothing is forwarded. */
    public boolean answers() {
        return redirect() != null || respond() != null;
    }

    @Override
    public Terms beforeResponse() {
        return sure.terms();
    }

    @Override
    public Terms forResponse(ResponseHead response) {
        return response(response).terms();
    }

    /** What the rules say once the response is known. */
    public ResponseTreatment response(ResponseHead response) {
        if (pending.isEmpty()) {
            return sure;
        }
        Bits matching = new Bits(base.rules().size());
        boolean any = false;
        for (int i = 0; i < pending.size(); i++) {
            if (pending.get(i).test().holds(response)) {
                matching.set(pending.get(i).order());
                any = true;
            }
        }
        if (!any) {
            return sure;
        }
        for (int i = 0; i < this.matching.size(); i++) {
            if (this.matching.get(i).test() == ResponseTest.ALWAYS) {
                matching.set(this.matching.get(i).order());
            }
        }
        ResponseTreatment known = base.byResponse().get(matching);
        return known == null ? made(matching) : known;
    }

    private ResponseTreatment made(Bits matching) {
        List<Rule> all = new ArrayList<>();
        for (int i = 0; i < base.rules().size(); i++) {
            if (matching.get(i)) {
                all.add(base.rules().get(i));
            }
        }
        ResponseTreatment made = new ResponseTreatment(base, all, Effect.of(all));
        if (base.byResponse().size() < MAX_KEPT) {
            base.byResponse().put(matching, made);
        }
        return made;
    }

    /**
     * The key of the request.
     *
     * @param keyed its target as the key has it, if no rule changes it
     * @throws RuntimeException that of a key function
     */
    public CacheKey key(RequestHead request, Target keyed) {
        boolean changes = changesKey || base.keyHost() != null;
        return CacheKey.of(request, changes ? keyTarget(keyed) : keyed, changes ? parts(request) : null);
    }

    /** What the key has of a target: scheme, host and query as the rules leave them. */
    private Target keyTarget(Target target) {
        boolean scheme = effect.get(Setting.KEY_SCHEME, Boolean.class, true);
        boolean host = effect.get(Setting.KEY_HOST, Boolean.class, true);
        return keyTarget(base, scheme, host ? null : withoutHost, keyQuery, target);
    }

    /** What is in a key in place of the host: the origin, or nothing for the one without a name. No host has an @. */
    static String inPlaceOfHost(@Nullable String origin) {
        if (origin == null) {
            return "";
        }
        StringBuilder text = new StringBuilder("@");
        for (int i = 0; i < origin.length(); i++) {
            char c = origin.charAt(i);
            boolean plain = c < 0x80 && (Character.isLetterOrDigit(c) || c == '-' || c == '_');
            text.append(plain ? String.valueOf(c) : String.format("%%%04x", (int) c));
        }
        return text.toString();
    }

    /**
     * What the key has of a target.
     *
     * @param withoutHost what is in the key in place of the host; null for the host
     */
    static Target keyTarget(
            Rules.Base base, boolean scheme, @Nullable String withoutHost, @Nullable KeyQuery query, Target target) {
        String host = base.keyHost() == null ? target.authority() : base.keyHost();
        String pathAndQuery = query == null ? target.pathAndQuery() : query.apply(target.pathAndQuery());
        return new Target(scheme ? target.scheme() : "", withoutHost == null ? host : withoutHost, pathAndQuery);
    }

    private @Nullable String parts(RequestHead request) {
        StringBuilder parts = new StringBuilder();
        for (Object field : effect.get(Setting.KEY_HEADERS, List.class, List.of())) {
            append(parts, "header", (String) field, request.headers().combined((String) field));
        }
        for (Object cookie : effect.get(Setting.KEY_COOKIES, List.class, List.of())) {
            append(parts, "cookie", (String) cookie, Parameters.cookies(request.headers(), (String) cookie));
        }
        for (String rule : splitting) {
            append(parts, "rule", rule, null);
        }
        Function<?, ?> function = effect.get(Setting.KEY_FUNCTION, Function.class);
        if (function != null) {
            @SuppressWarnings("unchecked") // Rule.key takes no other
            Function<RequestHead, String> key = (Function<RequestHead, String>) function;
            append(parts, "function", "", key.apply(request));
        }
        return parts.length() == 0 ? null : parts.toString();
    }

    /** Unambiguous: lengths go in front of what may hold anything. */
    private static void append(StringBuilder parts, String kind, String name, @Nullable String value) {
        parts.append(kind).append(' ').append(name.length()).append(' ').append(name);
        parts.append(value == null ? " -" : " " + value.length() + ' ' + value).append('\n');
    }

    /** Whether the path of {@code target} is rewritten, but leads above the root for some origin: nobody knows to where. */
    public boolean refuses(Target target) {
        return rewrite != null && rewrite.climbs(target);
    }

    /** The request as it is forwarded: its path rewritten, its headers changed. */
    public RequestHead forwarded(RequestHead request) {
        Headers headers = requestHeaders.apply(request.headers());
        RequestHead changed = headers == request.headers() ? request : request.withHeaders(headers);
        if (rewrite == null) {
            return changed;
        }
        Target target = request.target();
        return changed.withTarget(new Target(target.scheme(), target.authority(), rewrite.apply(target)));
    }

    @Override
    public String toString() {
        return "Treatment" + rules();
    }
}
