package io.cachingproxy.policy;

import io.cachingproxy.http.CacheControl;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.fields.FieldClass;
import io.cachingproxy.key.Selection;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The policy for one request and its response, as changed by rules. The storage decision ({@link Reception}) and the
 * reuse decision ({@link Reuse}) are made under the same terms.
 *
 * @param policy the policy
 * @param lifetimes lifetimes that rules set in place of the origin's
 * @param ignored fields and directives that count as absent
 * @param stores false: the response is not stored, and stored responses are not reused
 * @param id equal for equal terms; stored with each response, so that a response that was stored under other terms is
 *     judged again before its next use
 */
public record Terms(Policy policy, Lifetimes lifetimes, Set<Ignored> ignored, boolean stores, long id)
        implements RequestTerms {
    private static final int IGNORED_BITS = Ignored.values().length;

    /** The terms of a policy alone. */
    public static Terms of(Policy policy) {
        return of(policy, Lifetimes.OF_ORIGIN, Set.of(), true);
    }

    /** The terms of a policy with the changes of rules. */
    public static Terms of(Policy policy, Lifetimes lifetimes, Set<Ignored> ignored, boolean stores) {
        String all = policy + " " + lifetimes + " " + new TreeSet<>(ignored) + " " + stores;
        return new Terms(policy, lifetimes, ignored, stores, (id(all) & (-1L << IGNORED_BITS)) | bits(ignored));
    }

    /** The ignored fields, in the lowest bits of the id: so they can be read from the id of a stored response. */
    @SuppressWarnings("EnumOrdinal")
    private static long bits(Set<Ignored> ignored) {
        return ignored.stream().mapToLong(each -> 1L << each.ordinal()).sum();
    }

    /** Whether the terms with this id ignored {@code what}. */
    @SuppressWarnings("EnumOrdinal")
    private static boolean ignored(long terms, Ignored what) {
        return (terms & (1L << what.ordinal())) != 0;
    }

    /** 64 bits of a digest, so that nodes with the same configuration have the same id. */
    private static long id(String description) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(description.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).getLong();
        } catch (NoSuchAlgorithmException impossible) { // every Java platform has SHA-256
            throw new IllegalStateException(impossible);
        }
    }

    @Override
    public Terms beforeResponse() {
        return this;
    }

    @Override
    public Terms forResponse(ResponseHead response) {
        return this;
    }

    /** Whether a field or directive counts as absent. */
    public boolean ignores(Ignored what) {
        return ignored.contains(what);
    }

    /** Whether a response may be for one user only, because its request had credentials that are not ignored. */
    boolean isPersonal(Receipt receipt) {
        boolean credentials = (receipt.cookie() && !ignores(Ignored.COOKIE))
                || (receipt.authorization() && !ignores(Ignored.AUTHORIZATION));
        return credentials && policy.shared();
    }

    /**
     * Whether a response stored under other terms is what these terms would have stored: it lacks no Set-Cookie field
     * that was dropped then and counts now, and its Vary key names the same fields, none of which was ignored then and
     * counts now.
     */
    boolean keeps(StoredResponse stored) {
        Freshness then = stored.freshness();
        if (ignored(then.terms(), Ignored.SET_COOKIE)
                && !ignores(Ignored.SET_COOKIE)
                && !policy.storage().personal()) {
            return false;
        }
        if (ignores(Ignored.VARY)) {
            return true; // fields of proxies are in every selection
        }
        Set<String> names = new HashSet<>();
        stored.head().headers().list("Vary").forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
        return names.equals(Set.copyOf(stored.selection().names()))
                && counts(Ignored.COOKIE, then, names, "cookie")
                && counts(Ignored.AUTHORIZATION, then, names, "authorization")
                && counts(Ignored.REQUEST_CACHE_CONTROL, then, names, "cache-control")
                && counts(Ignored.REQUEST_CACHE_CONTROL, then, names, "pragma");
    }

    private boolean counts(Ignored what, Freshness then, Set<String> names, String name) {
        return !names.contains(name) || ignores(what) || !ignored(then.terms(), what);
    }

    /** A copy with another policy. */
    Terms with(Policy other) {
        return other == policy ? this : new Terms(other, lifetimes, ignored, stores, id);
    }

    /** The request without ignored fields. */
    public RequestHead seen(RequestHead request) {
        if (ignored.isEmpty()) {
            return request;
        }
        Set<String> absent = new HashSet<>();
        if (ignores(Ignored.COOKIE)) {
            absent.add("cookie");
        }
        if (ignores(Ignored.AUTHORIZATION)) {
            absent.add("authorization");
        }
        if (ignores(Ignored.REQUEST_CACHE_CONTROL)) {
            absent.add("cache-control");
            absent.add("pragma");
        }
        Headers headers = request.headers().without(absent);
        return headers == request.headers() ? request : request.withHeaders(headers);
    }

    /** Whether the request has credentials, in fields that are not ignored. */
    public boolean hasCredentials(RequestHead request) {
        return Policy.hasCredentials(seen(request));
    }

    /**
     * Whether the origin's Cache-Control, as far as it counts, keeps a response from being stored or from being reused without
     * validation, and no rule or policy has it stored all the same.
     */
    public boolean isKeptOut(RequestHead request, ResponseHead response) {
        boolean personal = hasCredentials(request) || refusesCookieOf(response.headers());
        boolean forced = policy.override() || Freshness.ttlHolds(lifetimes, response);
        if (forced && !personal) {
            return false;
        }
        CacheControl control = control(response).directives();
        return control.noCache() || forbidsStoring(control);
    }

    boolean forbidsStoring(CacheControl control) {
        return (policy.shared() && control.isPrivate()) || (control.noStore() && !control.permits("must-understand"));
    }

    /** The directives of {@code response} that count. */
    Policy.Control control(ResponseHead response) {
        Policy.Control control = policy.control(response);
        if (ignored.isEmpty()) {
            return control;
        }
        Set<String> absent = new HashSet<>();
        for (Ignored each : EnumSet.of(Ignored.NO_STORE, Ignored.PRIVATE, Ignored.NO_CACHE)) {
            if (ignores(each)) {
                absent.add(each.token());
            }
        }
        CacheControl left = control.directives().without(absent);
        return new Policy.Control(left, control.expiresCounts());
    }

    /** The Vary key of a response to {@code request}; null if no request may reuse the response. */
    @Nullable
    Selection selection(Headers response, RequestHead request) {
        return Selection.of(ignores(Ignored.VARY) ? onlyOfProxies(response) : response, request.headers());
    }

    /** Whether {@code request} selects a response with this Vary key. */
    boolean selects(Selection selection, Headers request) {
        return ignores(Ignored.VARY) ? selection.matches(request, Terms::isOfProxies) : selection.matches(request);
    }

    /**
     * The fields that the proxy adds to Vary: those of trusted peers, from which origins generate links and redirects
     * without naming them in Vary. Ignoring them would allow one client to inject a host into responses for others.
     */
    private static Headers onlyOfProxies(Headers response) {
        Headers.Builder vary = Headers.builder();
        response.list("Vary").stream().filter(Terms::isOfProxies).forEach(name -> vary.add("Vary", name));
        return vary.build();
    }

    private static boolean isOfProxies(String name) {
        return FieldClass.of(name) == FieldClass.PROXY;
    }

    /** Whether a Set-Cookie field prevents storing {@code response}. */
    boolean refusesCookieOf(Headers response) {
        return !policy.storage().personal() && !ignores(Ignored.SET_COOKIE) && response.contains("Set-Cookie");
    }

    /** Whether Set-Cookie fields are omitted from stored responses. */
    boolean dropsSetCookie() {
        return !policy.storage().personal() || ignores(Ignored.SET_COOKIE);
    }
}
