package io.cachingproxy.cli.preview;

import io.cachingproxy.CacheRequest;
import io.cachingproxy.http.CacheControl;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.syntax.PercentEncoding;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.Ignored;
import io.cachingproxy.rules.Setting;
import io.cachingproxy.rules.Treatment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A complete 200 response of an origin to a GET, for {@link KeyAdvice}: the inputs that it may depend on, and its body, as
 * hashes.
 *
 * @param inputs salted hashes of the values by input: {@code query NAME}, {@code cookie NAME}, {@code header NAME}
 * @param keyed the inputs in the cache key; those that Vary names are not
 * @param dropped names of query parameters that the cache key leaves out
 * @param vary names in Vary, in lower case
 * @param explicit whether the response has a freshness lifetime, of the origin or a rule
 * @param storable whether neither Cache-Control nor a rule keeps it out of the cache
 * @param ignored tokens of the fields that rules ignore
 * @param queryRule the name of the rule that sets {@code key.query}; null without one
 * @param body hash of the body
 */
record Sample(
        String site,
        String path,
        Map<String, Long> inputs,
        Set<String> keyed,
        Set<String> dropped,
        Set<String> vary,
        boolean explicit,
        boolean storable,
        Set<String> ignored,
        @Nullable String queryRule,
        long body) {
    static final String QUERY = "query ";
    static final String COOKIE = "cookie ";
    static final String HEADER = "header ";

    private static final int MOST = 40;
    private static final int LONGEST_NAME = 64;

    /** Fields that are inputs even if Vary does not name them. */
    private static final List<String> WATCHED = List.of(
            "accept",
            "accept-encoding",
            "accept-language",
            "authorization",
            "origin",
            "user-agent",
            "x-forwarded-host",
            "x-forwarded-proto",
            "x-requested-with");

    Sample {
        keyed = Set.copyOf(keyed);
        dropped = Set.copyOf(dropped);
        vary = Set.copyOf(vary);
        ignored = Set.copyOf(ignored);
    }

    /** @param digest of the body */
    static Sample of(CacheRequest request, ResponseHead head, String digest, Salt salt) {
        Treatment treatment = request.treatment();
        Set<String> vary = new TreeSet<>();
        head.headers().list("Vary").forEach(name -> vary.add(name.toLowerCase(Locale.ROOT)));
        CacheControl control = head.cacheControl();
        boolean hasTtl = treatment.response(head).setBy().containsKey(Setting.TTL);
        boolean explicit = hasTtl
                || control.has("max-age")
                || control.has("s-maxage")
                || head.headers().contains("Expires");
        boolean keptOut = control.has("no-store") || control.has("private");
        Map<String, Long> inputs = new Inputs(request.head(), vary, salt).all();
        Set<String> keyed = keyed(request, inputs.keySet());
        Set<String> dropped = new HashSet<>();
        for (String input : inputs.keySet()) {
            if (input.startsWith(QUERY) && !keyed.contains(input)) {
                dropped.add(input.substring(QUERY.length()));
            }
        }
        Set<String> ignored = new HashSet<>();
        for (Ignored each : treatment.forResponse(head).ignored()) {
            ignored.add(each.token());
        }
        return new Sample(
                request.site() == null ? "" : request.site().name(),
                request.head().target().path(),
                inputs,
                keyed,
                dropped,
                vary,
                explicit,
                (hasTtl || !keptOut) && !treatment.bypasses(),
                ignored,
                treatment.setBy().get(Setting.KEY_QUERY),
                salt.hash(digest));
    }

    /** The inputs of a request. */
    private record Inputs(RequestHead head, Set<String> vary, Salt salt) {
        Map<String, Long> all() {
            Map<String, Long> all = new LinkedHashMap<>();
            parameters(head.target().pathAndQuery()).forEach((name, values) -> put(all, QUERY + name, values));
            cookies(head.headers()).forEach((name, values) -> put(all, COOKIE + name, values));
            Set<String> fields = new LinkedHashSet<>(vary);
            fields.addAll(WATCHED);
            for (String field : fields) {
                String value = field.equals("cookie") ? null : head.headers().combined(field);
                if (value != null) {
                    boolean whole = !field.equals("user-agent") || vary.contains(field);
                    put(all, HEADER + field, whole ? value : device(value));
                }
            }
            return all;
        }

        private void put(Map<String, Long> all, String input, String value) {
            if (all.size() < MOST && input.length() <= LONGEST_NAME) {
                all.put(input, salt.hash(value));
            }
        }
    }

    /** The kind of client that a User-Agent names. */
    private static String device(String userAgent) {
        String text = userAgent.toLowerCase(Locale.ROOT);
        if (text.contains("bot") || text.contains("crawl") || text.contains("spider")) {
            return "bot";
        }
        return text.contains("mobi") || text.contains("android") ? "mobile" : "other";
    }

    /** The parameters of a query by decoded name; the values of one name are joined. */
    private static Map<String, String> parameters(String pathAndQuery) {
        Map<String, String> parameters = new LinkedHashMap<>();
        int query = pathAndQuery.indexOf('?');
        if (query >= 0) {
            for (String parameter : pathAndQuery.substring(query + 1).split("&")) {
                int equals = parameter.indexOf('=');
                String name = PercentEncoding.decodeForm(equals < 0 ? parameter : parameter.substring(0, equals));
                if (!name.isEmpty()) {
                    parameters.merge(name, parameter.substring(equals + 1), (one, other) -> one + '&' + other);
                }
            }
        }
        return parameters;
    }

    private static Map<String, String> cookies(Headers headers) {
        Map<String, String> cookies = new LinkedHashMap<>();
        for (String line : headers.all("Cookie")) {
            for (String cookie : line.split(";")) {
                int equals = cookie.indexOf('=');
                String name = (equals < 0 ? cookie : cookie.substring(0, equals)).strip();
                if (!name.isEmpty()) {
                    cookies.merge(name, cookie.substring(equals + 1).strip(), (one, other) -> one + ';' + other);
                }
            }
        }
        return cookies;
    }

    /** The inputs in the key: parameters in its URL, and cookies and headers without which its parts are others. */
    private static Set<String> keyed(CacheRequest request, Set<String> inputs) {
        Set<String> keyed = new HashSet<>();
        CacheKey key = request.key();
        Set<String> parameters = parameters(key.target().pathAndQuery()).keySet();
        for (String input : inputs) {
            boolean isKeyed = input.startsWith(QUERY)
                    ? parameters.contains(input.substring(QUERY.length()))
                    : key.parts() != null && !key.parts().equals(partsWithout(request, input));
            if (isKeyed) {
                keyed.add(input);
            }
        }
        return keyed;
    }

    private static @Nullable String partsWithout(CacheRequest request, String input) {
        RequestHead head = request.head();
        Headers headers = head.headers();
        Headers others = input.startsWith(HEADER)
                ? headers.without(input.substring(HEADER.length()))
                : withoutCookie(headers, input.substring(COOKIE.length()));
        return request.treatment()
                .key(head.withHeaders(others), request.key().target())
                .parts();
    }

    private static Headers withoutCookie(Headers headers, String name) {
        List<String> others = new ArrayList<>();
        cookies(headers).forEach((other, value) -> {
            if (!other.equals(name)) {
                others.add(other + '=' + value);
            }
        });
        return headers.with("Cookie", String.join("; ", others));
    }
}
