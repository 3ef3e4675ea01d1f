package io.cachingproxy.rules;

import io.cachingproxy.coding.Compression;
import io.cachingproxy.coding.ContentCoding;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.policy.Ignored;
import io.cachingproxy.policy.Policy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A rule: a name, a {@link Match} and settings for the requests and responses that match. Immutable; each method
 * returns a copy with an additional condition or setting.
 *
 * <pre>{@code
 * rule("products").path("/products/**").ttl(Duration.ofSeconds(60)).tags("products")
 * }</pre>
 *
 * <p>Every method throws {@link IllegalArgumentException} with the error as one sentence. {@link Rules#of} refuses
 * settings that contradict each other; its message names the rule.
 */
public final class Rule {
    /**
     * Request fields of conditional and range requests. A client that did not send them could not handle the response.
     */
    private static final Set<String> FOR_A_PART =
            Set.of("if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "range");

    /** Response fields that only the cache sets. */
    private static final Set<String> OF_THE_CACHE = Set.of("age", "content-range");

    private final String name;
    private final Match match;
    private final Map<Setting, Object> settings;

    private Rule(String name, Match match, Map<Setting, Object> settings) {
        this.name = name;
        this.match = match;
        this.settings = settings;
    }

    /** Creates a rule that matches everything and sets nothing. */
    public static Rule rule(String name) {
        if (name.isBlank()) {
            throw new IllegalArgumentException("a rule needs a name");
        }
        return new Rule(name, Match.ALL, Map.of());
    }

    public String name() {
        return name;
    }

    public Match match() {
        return match;
    }

    /** The values of the settings. */
    Map<Setting, Object> settings() {
        return settings;
    }

    /** The settings of the rule. */
    public Set<Setting> sets() {
        return settings.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(settings.keySet()));
    }

    // Conditions

    /** A copy with another match. */
    public Rule match(Match other) {
        return new Rule(name, other, settings);
    }

    private Rule when(UnaryOperator<Match> more) {
        return match(more.apply(match));
    }

    /** Matches hosts: a name, {@code *.example.com} for names below, {@code *} for any. */
    public Rule host(String... globs) {
        return when(it -> it.host(globs));
    }

    /** Matches paths: {@code *} within a segment, {@code **} across segments, <code>{css,js}</code> for alternatives. */
    public Rule path(String... globs) {
        return when(it -> it.path(globs));
    }

    /** Matches paths in which one of these regular expressions (RE2) is found. */
    public Rule pathRegex(String... expressions) {
        return when(it -> it.pathRegex(expressions));
    }

    /** Matches methods. */
    public Rule method(String... methods) {
        return when(it -> it.method(methods));
    }

    /** Matches a query parameter: {@code *} for any value, null if it is absent. */
    public Rule query(String parameter, @Nullable String glob) {
        return when(it -> it.query(parameter, glob));
    }

    /** Matches a request header: {@code *} for any value, null if it is absent. */
    public Rule header(String field, @Nullable String glob) {
        return when(it -> it.header(field, glob));
    }

    /** Matches a cookie: {@code *} for any value, null if it is absent. */
    public Rule cookie(String cookie, @Nullable String glob) {
        return when(it -> it.cookie(cookie, glob));
    }

    /** Matches client addresses, such as {@code 10.0.0.0/8}. */
    public Rule client(String... ranges) {
        return when(it -> it.client(ranges));
    }

    /** Matches the status of the response: {@code 404}, {@code 5xx}, {@code 200-299}. */
    public Rule status(String... statuses) {
        return when(it -> it.status(statuses));
    }

    /** Matches the media type of the response, such as <code>image/*</code>. */
    public Rule contentType(String... globs) {
        return when(it -> it.contentType(globs));
    }

    // Settings

    private Rule with(Setting setting, Object value) {
        Map<Setting, Object> all = new EnumMap<>(Setting.class);
        all.putAll(settings);
        all.put(setting, value);
        return new Rule(name, match, Collections.unmodifiableMap(all));
    }

    private Rule time(Setting setting, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(setting.token() + " of rule \"" + name + "\" is negative");
        }
        return with(setting, value);
    }

    /** Bypasses the cache: requests are forwarded without lookup, storing or coalescing. */
    public Rule bypass() {
        return bypass(true);
    }

    /** Bypasses the cache, or if false cancels the {@code bypass} of an earlier rule. */
    public Rule bypass(boolean value) {
        return with(Setting.BYPASS, value);
    }

    /** Whether responses are stored. If false, responses that are stored already are not used. */
    public Rule store(boolean value) {
        return with(Setting.STORE, value);
    }

    /**
     * The freshness lifetime of a response from its receipt, regardless of its Cache-Control and Expires. A response to
     * a request with Cookie or Authorization, or with Set-Cookie, is stored only if the policy stores it or {@link
     * #ignore} permits it. Applies to 200, 203, 204, 206, 300, 301 and 308, unless the rule has a condition on the
     * {@link #status}; does not apply to streams such as {@code text/event-stream}, unless the rule has a condition on
     * the content type.
     */
    public Rule ttl(Duration value) {
        return time(Setting.TTL, value);
    }

    /**
     * The freshness lifetime of a 200 response to GET without explicit freshness; replaces the default of the policy.
     */
    public Rule defaultTtl(Duration value) {
        return time(Setting.DEFAULT_TTL, value);
    }

    /** The minimum freshness lifetime of stored responses. */
    public Rule minTtl(Duration value) {
        return time(Setting.MIN_TTL, value);
    }

    /** The maximum freshness lifetime of stored responses. */
    public Rule maxTtl(Duration value) {
        return time(Setting.MAX_TTL, value);
    }

    /**
     * The freshness lifetime for clients, instead of that of the origin. Applies to responses that the cache may store:
     * a response that is not stored because of {@code no-store}, {@code no-cache} or {@code private} keeps these
     * directives.
     */
    public Rule browserTtl(Duration value) {
        return time(Setting.BROWSER_TTL, value);
    }

    /**
     * The time after its freshness lifetime in which a response is served while it is validated (RFC 5861 §3),
     * regardless of the origin's directives.
     */
    public Rule staleWhileRevalidate(Duration value) {
        return time(Setting.STALE_WHILE_REVALIDATE, value);
    }

    /**
     * The time after its freshness lifetime in which a response is served in place of an error (RFC 5861 §4),
     * regardless of the origin's directives.
     */
    public Rule staleIfError(Duration value) {
        return time(Setting.STALE_IF_ERROR, value);
    }

    /** Fields and directives that count as absent in the decisions about storage and reuse. */
    public Rule ignore(Ignored... what) {
        return with(Setting.IGNORE, what.length == 0 ? Set.of() : Set.copyOf(List.of(what)));
    }

    /**
     * Removes these query parameters from the key; {@code *} in a name matches any characters, such as {@code utm_*}.
     */
    public Rule keyDropsQuery(String... parameters) {
        return with(Setting.KEY_QUERY, KeyQuery.of(false, List.of(parameters), isSorted()));
    }

    /** Removes all query parameters except these from the key. */
    public Rule keyKeepsQuery(String... parameters) {
        return with(Setting.KEY_QUERY, KeyQuery.of(true, List.of(parameters), isSorted()));
    }

    /** Sorts the query parameters in the key. */
    public Rule keySortsQuery() {
        KeyQuery before =
                settings.get(Setting.KEY_QUERY) instanceof KeyQuery query ? query : KeyQuery.of(false, List.of(), true);
        return with(Setting.KEY_QUERY, KeyQuery.of(before.keeps(), before.names(), true));
    }

    private boolean isSorted() {
        return settings.get(Setting.KEY_QUERY) instanceof KeyQuery query && query.sorted();
    }

    /** Adds the values of these request headers to the key. */
    public Rule keyHeaders(String... fields) {
        return with(Setting.KEY_HEADERS, names(true, fields));
    }

    /** Adds the values of these cookies to the key. */
    public Rule keyCookies(String... cookies) {
        return with(Setting.KEY_COOKIES, names(false, cookies));
    }

    private static List<String> names(boolean lowerCase, String... given) {
        Set<String> names = new TreeSet<>();
        for (String name : given) {
            names.add(lowerCase ? name.toLowerCase(Locale.ROOT) : name);
        }
        return List.copyOf(names);
    }

    /**
     * Whether the host is part of the key. If false, all hosts whose requests go to the same origin share stored
     * responses. A site whose origin receives the client's Host refuses a rule with false.
     */
    public Rule keyHost(boolean value) {
        return with(Setting.KEY_HOST, value);
    }

    /** Whether the scheme is part of the key. If false, http and https share stored responses. */
    public Rule keyScheme(boolean value) {
        return with(Setting.KEY_SCHEME, value);
    }

    /**
     * Adds the result of {@code function} to the key. If the function throws, the request bypasses the cache.
     *
     * @param function a fast function without side effects, called for each request
     */
    public Rule key(Function<RequestHead, String> function) {
        return with(Setting.KEY_FUNCTION, function);
    }

    /** The tags for purging responses, in addition to those of their header fields. */
    public Rule tags(String... tags) {
        for (String tag : tags) {
            if (tag.isBlank()) {
                throw new IllegalArgumentException("a tag of rule \"" + name + "\" is empty");
            }
        }
        return with(Setting.TAGS, List.copyOf(new TreeSet<>(List.of(tags))));
    }

    private static void notOf(Set<String> refused, String field) {
        if (refused.contains(field.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("the header " + field + " cannot be set by a rule");
        }
    }

    private Rule headers(Setting setting, UnaryOperator<HeaderChanges> change) {
        HeaderChanges before = settings.get(setting) instanceof HeaderChanges changes ? changes : HeaderChanges.NONE;
        return with(setting, change.apply(before));
    }

    /**
     * Sets a header of the forwarded request. Key and rules use the request as the client sent it. If the rule depends
     * on more than method and path, its responses are stored separately from those to other requests.
     */
    public Rule setRequestHeader(String field, String value) {
        notOf(FOR_A_PART, field);
        return headers(Setting.REQUEST_HEADERS, it -> it.set(field, value));
    }

    /** Adds a header line to the forwarded request. */
    public Rule addRequestHeader(String field, String value) {
        notOf(FOR_A_PART, field);
        return headers(Setting.REQUEST_HEADERS, it -> it.add(field, value));
    }

    /** Removes a header from the forwarded request. */
    public Rule removeRequestHeader(String field) {
        return headers(Setting.REQUEST_HEADERS, it -> it.remove(field));
    }

    /**
     * Sets a header of the response to clients. Stored responses keep the header of the origin. With {@link #compress},
     * changes of Vary, ETag and Content-Encoding by any matching rule have the same effect as if the origin had sent the
     * changed header: a compressed response has Accept-Encoding in its Vary and a weak ETag, and a response whose
     * Content-Encoding is set is not compressed.
     */
    public Rule setResponseHeader(String field, String value) {
        notOf(OF_THE_CACHE, field);
        return headers(Setting.RESPONSE_HEADERS, it -> it.set(field, value));
    }

    /** Adds a header line to the response to clients, see {@link #setResponseHeader}. */
    public Rule addResponseHeader(String field, String value) {
        notOf(OF_THE_CACHE, field);
        return headers(Setting.RESPONSE_HEADERS, it -> it.add(field, value));
    }

    /** Removes a header from the response to clients, see {@link #setResponseHeader}. */
    public Rule removeResponseHeader(String field) {
        return headers(Setting.RESPONSE_HEADERS, it -> it.remove(field));
    }

    /**
     * The name of the origin to which requests are forwarded. If the rule depends on more than method and path, its
     * responses are stored separately from those to other requests.
     */
    public Rule origin(String origin) {
        return with(Setting.ORIGIN, origin);
    }

    /**
     * Changes the forwarded path: removes one prefix, then adds another; empty for none. The key keeps the client's
     * path. If the rule depends on more than method and path, its responses are stored separately from those to other
     * requests.
     */
    public Rule rewrite(String stripPrefix, String addPrefix) {
        return with(Setting.REWRITE, new Rewrite(stripPrefix, addPrefix));
    }

    /** Answers with a redirect; see {@link Redirect}. */
    public Rule redirect(String to, int status) {
        return with(Setting.REDIRECT, new Redirect(to, status));
    }

    /** Answers with a status and a text. */
    public Rule respond(int status, String body) {
        return with(Setting.RESPOND, new Respond(status, body));
    }

    /** Whether concurrent misses of one key are coalesced onto one fetch. */
    public Rule coalesce(boolean value) {
        return with(Setting.COALESCE, value);
    }

    /**
     * Compresses text responses by the first of these codings that the client prefers; none cancels the setting of an
     * earlier rule. Applies to GET and HEAD, and to responses without Content-Encoding and {@code no-transform}. Each
     * coded form is stored separately, with a weak entity tag and {@code Vary: Accept-Encoding}. Has no effect on
     * responses whose Vary is {@linkplain Ignored#VARY ignored} or whose Content-Encoding is set by a rule, nor in a
     * servlet filter, where the servlet writes to the client.
     *
     * @param codings the preferred one first
     */
    public Rule compress(ContentCoding... codings) {
        return with(Setting.COMPRESS, Compression.of(List.of(codings)));
    }

    /** The longest body that is stored, in bytes; has an effect only below the limit of the cache. */
    public Rule maxObjectBytes(long value) {
        if (value < 0) {
            throw new IllegalArgumentException("max-object-size of rule \"" + name + "\" is negative");
        }
        return with(Setting.MAX_OBJECT_SIZE, value);
    }

    /** The policy. */
    public Rule policy(Policy value) {
        return with(Setting.POLICY, value);
    }

    /**
     * Whether the rule changes the forwarded request depending on a condition that is not part of the key, such as a
     * cookie or the client's address. The name of the rule is then part of the key, so that no other request gets the
     * response.
     */
    boolean splitsKey() {
        boolean forwards = settings.keySet().stream().anyMatch(Setting::isOfForwarding);
        return forwards
                && !match.alternatives().stream().allMatch(it -> it.request().isOfPath());
    }

    /** The contradictions in the rule; empty if there are none. */
    List<String> contradictions() {
        List<String> found = new ArrayList<>();
        if (settings.isEmpty()) {
            found.add("sets nothing");
        }
        boolean answers = settings.containsKey(Setting.REDIRECT) || settings.containsKey(Setting.RESPOND);
        if (settings.containsKey(Setting.REDIRECT) && settings.containsKey(Setting.RESPOND)) {
            found.add("has redirect and respond: remove one of them");
        }
        for (Setting setting : settings.keySet()) {
            if (setting.actsBeforeResponse() && match.dependsOnResponse()) {
                found.add("sets " + setting.token() + ", which acts before there is a response, but matches responses:"
                        + " use a rule without status, content-type and response-header");
            }
            boolean ofAnswer = setting == Setting.REDIRECT || setting == Setting.RESPOND;
            if (answers && !ofAnswer && setting != Setting.RESPONSE_HEADERS) {
                found.add("sets " + setting.token() + ", which has no effect where nothing is forwarded: remove it");
            }
            if (Boolean.TRUE.equals(settings.get(Setting.BYPASS)) && ofStorage(setting)) {
                found.add("sets " + setting.token() + ", which has no effect with bypass: remove one of them");
            }
            if (compresses(setting) && ignoresVary()) {
                found.add("sets compress, which has no effect with ignore: vary: remove one of them");
            }
            if (compresses(setting) && setsContentEncoding()) {
                found.add("sets compress, which has no effect where response-headers set Content-Encoding:"
                        + " remove one of them");
            }
            if (Boolean.FALSE.equals(settings.get(Setting.STORE)) && isLifetime(setting)) {
                found.add("sets " + setting.token() + ", which has no effect with store: false: remove one of them");
            }
        }
        if (settings.get(Setting.MIN_TTL) instanceof Duration min
                && settings.get(Setting.MAX_TTL) instanceof Duration max
                && min.compareTo(max) > 0) {
            found.add("has a min-ttl that is longer than its max-ttl");
        }
        return found;
    }

    private boolean compresses(Setting setting) {
        return setting == Setting.COMPRESS
                && settings.get(setting) instanceof Compression compression
                && !compression.codings().isEmpty();
    }

    private boolean setsContentEncoding() {
        return settings.get(Setting.RESPONSE_HEADERS) instanceof HeaderChanges changes
                && changes.sets("Content-Encoding");
    }

    private boolean ignoresVary() {
        return settings.get(Setting.IGNORE) instanceof Set<?> ignored && ignored.contains(Ignored.VARY);
    }

    private static boolean isLifetime(Setting setting) {
        return switch (setting) {
            case TTL, DEFAULT_TTL, MIN_TTL, MAX_TTL, STALE_WHILE_REVALIDATE, STALE_IF_ERROR, TAGS -> true;
            default -> false;
        };
    }

    private static boolean ofStorage(Setting setting) {
        return isLifetime(setting)
                || setting.isOfKey()
                || setting == Setting.STORE
                || setting == Setting.IGNORE
                || setting == Setting.COALESCE
                || setting == Setting.MAX_OBJECT_SIZE;
    }

    /** The name and the match, without settings, which may contain secrets. */
    @Override
    public String toString() {
        return name + " " + match;
    }
}
