package io.cachingproxy.rules;

import io.cachingproxy.coding.Compression;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.http.fields.Cookies;
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
 * The rules that match a request, and their combined settings. Rules that also depend on the response are applied by
 * {@link #response}. Immutable; shared by all requests that the same rules match.
 */
public final class Treatment implements RequestTerms {
    /** Maximum number of remembered response treatments, for all treatments together; others are computed each time. */
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
    private final boolean sharesHosts;
    private final String withoutHost;
    private final @Nullable String lastRule;
    private final @Nullable Compression compression;

    /**
     * A rule whose conditions on the request hold.
     *
     * @param order the index of the rule
     * @param test the condition on the response
     * @param splitsKey {@link Rule#splitsKey}
     */
    record Pending(int order, Rule rule, ResponseTest test, boolean splitsKey) {}

    /**
     * Creates the treatment of requests that these rules match.
     *
     * @param matching the rules whose conditions on the request hold, in order; several elements for a rule with
     *     alternatives
     * @param bypasses whether the request bypasses the cache, regardless of the rules
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
        this.sharesHosts = !effect.get(Setting.KEY_HOST, Boolean.class, true);
        this.withoutHost = sharesHosts ? inPlaceOfHost(byRule == null ? base.origin() : byRule) : "";
        this.rewrite = effect.get(Setting.REWRITE, Rewrite.class);
        this.requestHeaders = effect.get(Setting.REQUEST_HEADERS, HeaderChanges.class, HeaderChanges.NONE);
        this.compression = effect.get(Setting.COMPRESS, Compression.class);
    }

    /** The names of the rules that match regardless of the response, in order. */
    public List<String> rules() {
        return certain.stream().map(Rule::name).toList();
    }

    /** The names of the rules that match only some responses, in order. */
    public List<String> conditionalRules() {
        return pending.stream().map(each -> each.rule().name()).distinct().toList();
    }

    /** The name of the last rule that matches whatever the response is; null if none does. */
    public @Nullable String lastRule() {
        return lastRule;
    }

    /** The name of the rule that set each setting. */
    public Map<Setting, String> setBy() {
        return effect.setBy();
    }

    /** Whether the request bypasses the cache. */
    public boolean bypasses() {
        return bypasses;
    }

    /** Whether concurrent misses are coalesced. */
    public boolean coalesces() {
        return effect.get(Setting.COALESCE, Boolean.class, true);
    }

    /** The codings by which responses are compressed; null if no rule sets them. */
    public @Nullable Compression compression() {
        return compression;
    }

    /** The name of the origin set by a rule; null if none is set. */
    public @Nullable String origin() {
        return effect.get(Setting.ORIGIN, String.class);
    }

    /** The redirect that answers the request; null if there is none. */
    public @Nullable Redirect redirect() {
        return effect.get(Setting.REDIRECT, Redirect.class);
    }

    /** The response of a rule that answers the request; null if there is none. */
    public @Nullable Respond respond() {
        return effect.get(Setting.RESPOND, Respond.class);
    }

    /** Whether a rule answers the request, so that it is not forwarded. */
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

    @Override
    public Set<String> tags(ResponseHead response) {
        return response(response).tags(response.headers());
    }

    /** The treatment of a response, by all rules that match request and response. */
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
     * @param keyed the target in the key if no rule changes it
     * @throws RuntimeException thrown by a key function
     */
    public CacheKey key(RequestHead request, Target keyed) {
        boolean changes = changesKey || base.keyHost() != null;
        return CacheKey.of(request, changes ? keyTarget(keyed) : keyed, changes ? parts(request) : null);
    }

    /** The target in the key: scheme, host and query after the changes of rules. */
    private Target keyTarget(Target target) {
        boolean scheme = effect.get(Setting.KEY_SCHEME, Boolean.class, true);
        return keyTarget(base, scheme, sharesHosts ? withoutHost : null, keyQuery, target);
    }

    /**
     * The replacement of the host in a key: an @ and the name of the origin, or nothing for the unnamed one. No host
     * contains an @.
     */
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
     * The target in the key.
     *
     * @param withoutHost the replacement of the host; null for the host itself
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
            List<String> values = Cookies.values(request.headers(), (String) cookie);
            append(parts, "cookie", (String) cookie, values.isEmpty() ? null : String.join(";", values));
        }
        for (String rule : splitting) {
            append(parts, "rule", rule, null);
        }
        if (sharesHosts) { // sites have rules of their own: what the origin receives is in the key in place of the host
            if (rewrite != null) {
                append(parts, "rewrite", rewrite.stripPrefix(), rewrite.addPrefix());
            }
            requestHeaders.fields().forEach((name, change) -> {
                append(parts, change.removed() ? "set" : "add", name, null);
                change.added().forEach(value -> append(parts, "value", "", value));
            });
        }
        Function<?, ?> function = effect.get(Setting.KEY_FUNCTION, Function.class);
        if (function != null) {
            @SuppressWarnings("unchecked") // Rule.key takes no other
            Function<RequestHead, String> key = (Function<RequestHead, String>) function;
            append(parts, "function", "", key.apply(request));
        }
        return parts.length() == 0 ? null : parts.toString();
    }

    /** Appends a part unambiguously: a length precedes each text that may contain any character. */
    private static void append(StringBuilder parts, String kind, String name, @Nullable String value) {
        parts.append(kind).append(' ').append(name.length()).append(' ').append(name);
        parts.append(value == null ? " -" : " " + value.length() + ' ' + value).append('\n');
    }

    /**
     * Whether the path of {@code target} is rewritten, but leads above the root for some origin, so that the result is
     * unknown.
     */
    public boolean refuses(Target target) {
        return rewrite != null && rewrite.climbs(target);
    }

    /** The forwarded request, with rewritten path and changed headers. */
    public RequestHead forwarded(RequestHead request) {
        Headers headers = requestHeaders.apply(request.headers());
        RequestHead changed = headers == request.headers() ? request : request.withHeaders(headers);
        if (rewrite == null) {
            return changed;
        }
        Target target = request.target();
        return changed.withTarget(new Target(target.scheme(), target.authority(), rewrite.apply(target)));
    }

    /**
     * The path and query of the client that {@link #forwarded} turns into this one of the origin, for URLs in responses.
     * Null if there is none.
     */
    public @Nullable String siteTarget(String pathAndQuery) {
        return rewrite == null ? pathAndQuery : rewrite.back(pathAndQuery);
    }

    @Override
    public String toString() {
        return "Treatment" + rules();
    }
}
