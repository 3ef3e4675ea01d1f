package io.cachingproxy.rules;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.cachingproxy.http.AddressRanges;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.http.syntax.FieldValues;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Conditions on a request and on its response, all of which must hold: {@code Match.ALL.path("/products/**")
 * .method("GET")}. Each method returns a copy with an additional condition; of several values, any may match.
 * Immutable; matches with the same text are equal.
 *
 * <h2>Globs of values</h2>
 *
 * In globs of headers, cookies, query parameters and content types, {@code *} matches any sequence of characters and
 * {@code ?} any single character; a glob matches the whole value. {@code "*"} matches any value; null instead of a glob
 * matches if there is no value.
 *
 * <h2>Wrong input</h2>
 *
 * Every method throws IllegalArgumentException for a value that is malformed or can never match; the message is one
 * sentence with the value and the correction.
 */
public final class Match {
    /** Matches everything. */
    public static final Match ALL = new Match(List.of(), new MatchText(List.of()));

    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY", "PURGE");

    /** Repetition counts of a regular expression. */
    private static final Pattern COUNT = Pattern.compile("\\{([0-9]+)(?:,([0-9]+)?)?\\}");

    private static final int MAX_REGEX = 4096;
    private static final double MAX_REPETITIONS = 1_000_000;

    /**
     * Maximum number of instructions of a regular expression, which is the maximum number of steps for each character
     * of the path.
     */
    private static final int MAX_PROGRAM = 10_000;

    private final Expression expression;
    private final List<Expression> conditions;
    private final MatchText text;
    private final List<Alternative> alternatives;

    private Match(List<Expression> conditions, MatchText text) {
        this.conditions = conditions;
        this.text = text;
        this.expression = Expression.allOf(conditions);
        this.alternatives = expression.alternatives();
    }

    /**
     * The host of the request matches one of {@code globs}: a name, {@code *.} before a name for one or more labels, or
     * {@code *}. Case, port and a trailing dot are ignored.
     */
    public Match host(String... globs) {
        return host(List.of(globs));
    }

    /** Like {@link #host(String...)}. */
    public Match host(List<String> globs) {
        notEmpty("host", globs);
        return with("host", globs, new Condition.Host(HostGlobs.of(globs)));
    }

    /**
     * The path of the request matches one of {@code globs}, case-sensitively, as a whole and without its query:
     *
     * <ul>
     *   <li>{@code *} matches any sequence of characters within a segment, including the empty one;
     *   <li>{@code **} matches any sequence of characters, including slashes; as a complete segment it also matches no
     *       segment: {@code /cart/**} matches {@code /cart}, {@code /cart/} and {@code /cart/x/y}, and {@code
     *       /a/**}{@code /b} matches {@code /a/b};
     *   <li>{@code ?} matches any single character except a slash;
     *   <li>{@code {css,js}} matches either alternative; braces may be nested;
     *   <li>every other character matches itself, including brackets; escapes match the decoded character, such as
     *       {@code %2A} a star.
     * </ul>
     *
     * The path is compared in its {@linkplain Target#normalPath() normal form}, so that {@code /%63art/x}, {@code
     * //cart/x}, {@code /cart;v=1/x} and {@code /a/../cart/x} do not evade {@code /cart/**}. An encoded slash is a
     * character of its segment: {@code /cart%2Fx} does not match {@code /cart/**}, but {@code /cart%2F*}.
     */
    public Match path(String... globs) {
        return path(List.of(globs));
    }

    /** Like {@link #path(String...)}. */
    public Match path(List<String> globs) {
        notEmpty("path", globs);
        return with("path", globs, new Condition.Path(PathGlobs.of(globs)));
    }

    /**
     * One of {@code expressions}, in the syntax of RE2, is found somewhere in the {@linkplain Target#normalPath()
     * normal form} of the path; {@code ^} and {@code $} anchor it. Takes linear time.
     */
    public Match pathRegex(String... expressions) {
        return pathRegex(List.of(expressions));
    }

    /** Like {@link #pathRegex(String...)}. */
    public Match pathRegex(List<String> expressions) {
        notEmpty("path-regex", expressions);
        return with(
                "path-regex",
                expressions,
                new Condition.PathRegex(expressions.stream()
                        .map(text -> PathPattern.of(regex(text)))
                        .toList()));
    }

    private static Pattern regex(String text) {
        if (text.length() > MAX_REGEX || repetitions(text) > MAX_REPETITIONS) {
            throw tooLarge(text);
        }
        try {
            Pattern pattern = Pattern.compile(text);
            if (pattern.programSize() > MAX_PROGRAM) {
                throw tooLarge(text);
            }
            return pattern;
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "path-regex \"" + text + "\" is not a regular expression of RE2: " + e.getDescription(), e);
        } catch (StackOverflowError tooDeep) { // RE2/J compiles recursively
            throw tooLarge(text);
        }
    }

    private static IllegalArgumentException tooLarge(String text) {
        String shown = text.length() > 120 ? text.substring(0, 120) + "…" : text;
        return new IllegalArgumentException(
                "path-regex \"" + shown + "\" is too large: write a shorter one, or several");
    }

    /**
     * An upper bound of the expansion of counted repetitions: the product of all counts, as if they were nested.
     * Computed before the expression is compiled.
     */
    private static double repetitions(String text) {
        double product = 1;
        Matcher counts = COUNT.matcher(text);
        while (counts.find()) {
            String most = counts.group(2) == null ? counts.group(1) : counts.group(2);
            product *= Math.max(1, Double.parseDouble(most));
        }
        return product;
    }

    /**
     * The method of the request is one of {@code methods}, case-sensitively (RFC 9110 §9.1). HEAD matches where GET
     * does, because a stored response to GET answers both methods.
     */
    public Match method(String... methods) {
        return method(List.of(methods));
    }

    /** Like {@link #method(String...)}. */
    public Match method(List<String> methods) {
        notEmpty("method", methods);
        for (String method : methods) {
            if (!FieldValues.isToken(method)) {
                throw new IllegalArgumentException("method \"" + method + "\" is not a method: write GET or POST");
            }
            String upper = method.toUpperCase(Locale.ROOT);
            if (METHODS.contains(upper) && !upper.equals(method)) {
                throw new IllegalArgumentException("method \"" + method + "\" never matches: write " + upper);
            }
        }
        Set<String> all = new HashSet<>(methods);
        if (all.contains("GET")) {
            all.add("HEAD");
        }
        return with("method", methods, new Condition.Method(Set.copyOf(all)));
    }

    /** The scheme of the request is {@code http} or {@code https}. */
    public Match scheme(String scheme) {
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new IllegalArgumentException("scheme \"" + scheme + "\" is not a scheme: write http or https");
        }
        return with("scheme", List.of(scheme), new Condition.Scheme(scheme));
    }

    /**
     * The query has a parameter {@code name} whose value matches {@code glob}; if null, the query has no such
     * parameter. Names and values are form-decoded, with invalid escapes kept, and compared case-sensitively; of
     * several parameters with the name, any may match. A parameter without {@code =} has an empty value.
     */
    public Match query(String name, @Nullable String glob) {
        notEmpty("query", List.of(name));
        return with("query", name, glob, new Condition.Query(name, glob(glob)));
    }

    /**
     * The request has a header {@code name}, of which one line or the combined value (RFC 9110 §5.2) matches {@code
     * glob}; if null, the request has no such header. Names are compared case-insensitively, values case-sensitively.
     */
    public Match header(String name, @Nullable String glob) {
        fieldName("header", name);
        return with("header", name, glob, new Condition.Header(name, glob(glob)));
    }

    /**
     * The request has a cookie {@code name} whose value matches {@code glob}; if null, the request has no such cookie.
     * Both are compared case-sensitively (RFC 6265 §4.2.1). Of several cookies with the name, any may match, because it
     * is unknown which one the origin uses. A quoted value matches with or without its quotes.
     */
    public Match cookie(String name, @Nullable String glob) {
        if (!FieldValues.isToken(name)) {
            throw new IllegalArgumentException("cookie \"" + name + "\" is not the name of a cookie: write a token");
        }
        return with("cookie", name, glob, new Condition.Cookie(name, glob(glob)));
    }

    /**
     * The client's address is in one of {@code ranges}, such as {@code 10.0.0.0/8}, {@code 2001:db8::/32} or {@code
     * ::1}. An IPv4 address mapped to IPv6 is treated as that IPv4 address; an unknown address is in no range.
     */
    public Match client(String... ranges) {
        return client(List.of(ranges));
    }

    /** Like {@link #client(String...)}. */
    public Match client(List<String> ranges) {
        notEmpty("client", ranges);
        return with("client", ranges, new Condition.Client(addresses(ranges)));
    }

    private static AddressRanges addresses(List<String> ranges) {
        for (String range : ranges) {
            try {
                AddressRanges.of(List.of(range));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "client \"" + range
                                + "\" is not an address range: write 10.0.0.0/8, 192.0.2.1 or 2001:db8::/32",
                        e);
            }
        }
        return AddressRanges.of(ranges);
    }

    /** The status of the response is in one of {@code specs}, such as {@code 404}, {@code 5xx} or {@code 200-299}. */
    public Match status(String... specs) {
        return status(List.of(specs));
    }

    /** Like {@link #status(String...)}. */
    public Match status(List<String> specs) {
        notEmpty("status", specs);
        List<StatusRange> ranges = specs.stream().map(StatusRange::parse).toList();
        return ofResponse(entry("status", specs), response -> {
            for (int i = 0; i < ranges.size(); i++) {
                if (ranges.get(i).contains(response.status())) {
                    return true;
                }
            }
            return false;
        });
    }

    /**
     * The media type of the response matches one of {@code globs}, such as {@code image/*}, case-insensitively and
     * without parameters (RFC 9110 §8.3.1). A response without Content-Type matches none.
     */
    public Match contentType(String... globs) {
        return contentType(List.of(globs));
    }

    /** Like {@link #contentType(String...)}. */
    public Match contentType(List<String> globs) {
        notEmpty("content-type", globs);
        List<Glob> compiled = globs.stream().map(Match::mediaType).toList();
        return ofResponse(entry("content-type", globs), response -> isOneOf(compiled, response));
    }

    private static Glob mediaType(String text) {
        boolean starsOnly = !text.isEmpty() && text.chars().allMatch(c -> c == '*');
        if (!starsOnly && text.indexOf('/') < 0 && text.indexOf('*') < 0) {
            throw new IllegalArgumentException(
                    "content-type \"" + text + "\" never matches: write a type and a subtype, as text/html or image/*");
        }
        if (text.indexOf(';') >= 0) {
            throw new IllegalArgumentException(
                    "content-type \"" + text + "\" never matches: parameters, from ; on, are not compared");
        }
        return Glob.ofValue(text.strip().toLowerCase(Locale.ROOT));
    }

    private static boolean isOneOf(List<Glob> globs, ResponseHead response) {
        String field = response.headers().first("Content-Type");
        if (field == null) {
            return false;
        }
        int parameters = field.indexOf(';');
        String type = (parameters < 0 ? field : field.substring(0, parameters))
                .strip()
                .toLowerCase(Locale.ROOT);
        for (int i = 0; i < globs.size(); i++) {
            if (globs.get(i).matches(type)) {
                return true;
            }
        }
        return false;
    }

    /** Like {@link #header}, for the response. */
    public Match responseHeader(String name, @Nullable String glob) {
        fieldName("response-header", name);
        Glob compiled = glob(glob);
        return ofResponse(
                new MatchText.Entry("response-header", name, MatchText.glob(glob)),
                response -> Parameters.inHeaders(response.headers(), name, compiled));
    }

    /** {@code other} does not match, that is, at least one of its conditions does not hold. */
    public Match not(Match other) {
        if (other.conditions.isEmpty()) {
            throw new IllegalArgumentException("not: {} never matches: write a condition into it");
        }
        return with(
                new MatchText.Entry(
                        "not", null, other.toString(), other.text.masked().toString()),
                other.expression.negated());
    }

    /** At least one of {@code others} matches. */
    public Match any(Match... others) {
        return any(List.of(others));
    }

    /** Like {@link #any(Match...)}. */
    public Match any(List<Match> others) {
        if (others.isEmpty()) {
            throw new IllegalArgumentException("any never matches: write one match into it at least");
        }
        return with(
                new MatchText.Entry(
                        "any",
                        null,
                        listed(others.stream().map(Match::toString)),
                        listed(others.stream().map(other -> other.text.masked().toString()))),
                Expression.anyOf(others.stream().map(other -> other.expression).toList()));
    }

    private static String listed(Stream<String> texts) {
        return texts.collect(Collectors.joining(", ", "[", "]"));
    }

    /** Whether the match depends on the response. */
    public boolean dependsOnResponse() {
        for (Alternative alternative : alternatives) {
            if (alternative.response() != ResponseTest.ALWAYS) {
                return true;
            }
        }
        return false;
    }

    /** Whether one of the conditions is on the status. */
    boolean namesStatus() {
        return text.has("status");
    }

    /** Whether one of the conditions is on the content type. */
    boolean namesContentType() {
        return text.has("content-type");
    }

    /**
     * The first condition that does not hold, as in a configuration file, without secrets; null if all hold.
     *
     * @param response null: conditions on the response are not evaluated, unless no response can meet them
     */
    @Nullable
    String unmet(RequestHead request, @Nullable InetAddress client, @Nullable ResponseHead response) {
        for (int i = 0; i < conditions.size(); i++) {
            boolean holds = conditions.get(i).alternatives().stream()
                    .filter(each -> each.request().holds(request, client))
                    .anyMatch(each -> response == null || each.response().holds(response));
            if (!holds) {
                return text.entries().get(i).masked().toString();
            }
        }
        return null;
    }

    /** The alternatives of this match; empty if it never holds. */
    List<Alternative> alternatives() {
        return alternatives;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Match that && toString().equals(that.toString());
    }

    @Override
    public int hashCode() {
        return toString().hashCode();
    }

    /**
     * The match as YAML in one line, such as {@code {path: [/cart/**, /checkout/**], method: GET}}. Matches with
     * different conditions have different texts.
     */
    @Override
    public String toString() {
        return text.toString();
    }

    private Match with(String key, List<String> values, RequestTest test) {
        return with(entry(key, values), new Expression.OfRequest(test));
    }

    private Match with(String key, String name, @Nullable String glob, RequestTest test) {
        return with(new MatchText.Entry(key, name, MatchText.glob(glob)), new Expression.OfRequest(test));
    }

    private Match ofResponse(MatchText.Entry entry, ResponseTest test) {
        return with(entry, new Expression.OfResponse(test));
    }

    private Match with(MatchText.Entry entry, Expression condition) {
        List<Expression> more = new ArrayList<>(conditions);
        more.add(condition);
        return new Match(List.copyOf(more), text.plus(entry));
    }

    private static MatchText.Entry entry(String key, List<String> values) {
        return new MatchText.Entry(key, null, MatchText.list(values));
    }

    private static @Nullable Glob glob(@Nullable String text) {
        return text == null ? null : Glob.ofValue(text);
    }

    private static void notEmpty(String key, List<String> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException(key + " never matches: write one value at least");
        }
        if (values.contains("")) {
            throw new IllegalArgumentException(key + " \"\" never matches: write a value");
        }
    }

    private static void fieldName(String key, String name) {
        if (!FieldValues.isToken(name)) {
            throw new IllegalArgumentException(key + " \"" + name + "\" is not the name of a header: write a token");
        }
    }
}
