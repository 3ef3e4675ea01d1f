package io.cachingproxy.http;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The target of a request: scheme and authority of the connection, and path and query exactly as received (RFC 9110
 * §7.1). Nothing is decoded or normalised, so that the key and the forwarded request can never differ; only rules use
 * the {@linkplain #normalPath() normal form} of the path. Immutable.
 */
public final class Target {
    private final String scheme;
    private final String authority;
    private final String pathAndQuery;

    /**
     * The result of {@link NormalPath#measure}; computed lazily, possibly by several threads; {@code UNKNOWN} until
     * then.
     */
    private int measure = UNKNOWN;

    /** The normal form of a path that is not normal; computed lazily. */
    private @Nullable String normalPath;

    private static final int UNKNOWN = Integer.MIN_VALUE;
    private static final int MAX_PORT = 65535;

    /**
     * Creates a target from its parts.
     *
     * @param scheme {@code http} or {@code https}
     * @param authority host and port in lower case, such as {@code example.org} or {@code example.org:8080}
     * @param pathAndQuery the raw path, and {@code ?} with the raw query if there is one
     */
    public Target(String scheme, String authority, String pathAndQuery) {
        this.scheme = scheme;
        this.authority = authority;
        this.pathAndQuery = pathAndQuery;
    }

    /**
     * The target of an absolute URL. Scheme and host are converted to lower case, the default port of the scheme is
     * removed, and an empty path becomes {@code /} (RFC 9110 §4.2.3). Path and query are otherwise unchanged.
     *
     * @throws IllegalArgumentException if the scheme is neither {@code http} nor {@code https}, or if the URL has no valid
     *     host, a port outside 1 to 65535, a user or password, or a fragment; the message names the part that is wrong
     */
    public static Target of(URI url) {
        String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
        boolean secure = scheme.equals("https");
        check(secure || scheme.equals("http"), "begins neither with http:// nor with https://");
        check(url.getRawUserInfo() == null, "must not have a user or password");
        check(url.getHost() != null, "has no valid host name");
        check(url.getPort() != 0 && url.getPort() <= MAX_PORT, "has no valid port");
        check(url.getRawFragment() == null, "must not have a fragment");
        String host = url.getHost().toLowerCase(Locale.ROOT);
        boolean usual = url.getPort() == -1 || url.getPort() == (secure ? 443 : 80);
        String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        return new Target(
                scheme,
                usual ? host : host + ':' + url.getPort(),
                url.getRawQuery() == null ? path : path + '?' + url.getRawQuery());
    }

    /** Fails if a condition does not hold. The message does not contain the URL, which may contain secrets. */
    private static void check(boolean holds, String complaint) {
        if (!holds) {
            throw new IllegalArgumentException("the URL " + complaint);
        }
    }

    public String scheme() {
        return scheme;
    }

    public String authority() {
        return authority;
    }

    public String pathAndQuery() {
        return pathAndQuery;
    }

    /** The raw path, without the query. */
    public String path() {
        return pathAndQuery.substring(0, pathLength());
    }

    /** The length of the raw path, which is the start of the query if there is one. */
    public int pathLength() {
        int known = measure();
        return known < 0 ? ~known : known;
    }

    /**
     * Whether the raw path is its {@linkplain #normalPath() normal form}. True for nearly all paths; false for a few
     * paths that are normal.
     */
    public boolean hasNormalPath() {
        return measure() >= 0;
    }

    /**
     * The path in the interpretation of most origins, so that no spelling evades a rule. In this order:
     *
     * <ul>
     *   <li>Escapes are decoded as UTF-8 (RFC 3986 §6.2.2.2), {@code /%63art} is {@code /cart}, and once only. {@code
     *       %2F} and {@code %25} stay as they are: an encoded slash is a character of its segment. Control characters
     *       and invalid UTF-8 stay encoded too, with digits in upper case (§6.2.2.1).
     *   <li>Parameters of a segment, from {@code ;} to its end, are removed: {@code /cart;v=1/x} is {@code /cart/x}.
     *   <li>Empty segments are removed: {@code //cart} is {@code /cart}.
     *   <li>Dot segments are removed (RFC 3986 §5.2.4): {@code /a/../cart} is {@code /cart}.
     * </ul>
     *
     * A path that does not begin with {@code /}, such as the {@code *} of OPTIONS, is only decoded.
     */
    public String normalPath() {
        int known = measure();
        if (known >= 0) {
            return pathAndQuery.substring(0, known);
        }
        String normal = normalPath;
        if (normal == null) {
            normal = NormalPath.of(pathAndQuery, ~known);
            normalPath = normal;
        }
        return normal;
    }

    /**
     * The target in the interpretations of origins that decode slashes, treat backslashes as slashes, decode escapes
     * twice, or remove dot segments in another way. Contains those whose {@linkplain #normalPath() normal form}
     * differs; empty for nearly all targets.
     */
    public List<Target> otherReadings() {
        if (isPlain()) {
            return List.of();
        }
        Map<String, Target> others = new LinkedHashMap<>();
        for (String path : PathReadings.others(path())) {
            Target other = new Target(scheme, authority, path + pathAndQuery.substring(pathLength()));
            others.putIfAbsent(other.normalPath(), other);
        }
        others.remove(normalPath());
        return List.copyOf(others.values());
    }

    /**
     * Whether the path leads above the root, like {@code /../x}, in at least one interpretation: with escapes decoded
     * once or twice, encoded slashes and backslashes as slashes, and empty segments removed.
     */
    public boolean climbs() {
        return !isPlain() && PathReadings.climb(path());
    }

    /**
     * The path without dot segments and without the empty segments that they remove; other segments are unchanged. The
     * {@linkplain #normalPath() normal form} is the same.
     */
    public String pathWithoutDots() {
        String path = path();
        return isPlain() || !PathReadings.hasDots(path) ? path : PathReadings.resolved(path, false, true);
    }

    /** Whether the path has only one interpretation. */
    private boolean isPlain() {
        return pathAndQuery.isEmpty()
                || pathAndQuery.charAt(0) != '/'
                || (hasNormalPath() && pathAndQuery.indexOf('\\') < 0);
    }

    private int measure() {
        int known = measure;
        if (known == UNKNOWN) {
            known = NormalPath.measure(pathAndQuery);
            measure = known;
        }
        return known;
    }

    /** Scheme and authority: {@code scheme://authority}. */
    public String origin() {
        return scheme + "://" + authority;
    }

    /** The URL: {@code scheme://authority/path?query}. */
    public String url() {
        return scheme + "://" + authority + pathAndQuery;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || (other instanceof Target that
                        && pathAndQuery.equals(that.pathAndQuery)
                        && authority.equals(that.authority)
                        && scheme.equals(that.scheme));
    }

    @Override
    public int hashCode() {
        return 31 * (31 * scheme.hashCode() + authority.hashCode()) + pathAndQuery.hashCode();
    }

    /** The URL without its query, which may contain secrets. */
    @Override
    public String toString() {
        return scheme + "://" + authority + path();
    }
}
