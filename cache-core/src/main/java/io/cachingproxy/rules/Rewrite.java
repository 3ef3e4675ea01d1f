package io.cachingproxy.rules;

import io.cachingproxy.http.Target;
import io.cachingproxy.http.syntax.PercentEncoding;
import org.jspecify.annotations.Nullable;

/**
 * A change of the forwarded path; the key keeps the path of the client. Applies to the path without dot segments, and
 * compares {@linkplain Target#normalPath() normal} segments, so that the prefix that a rule matches is the one that is
 * removed.
 *
 * @param stripPrefix the prefix to remove if the path begins with it, in whole segments; empty for none
 * @param addPrefix the prefix to add after that; empty for none
 */
public record Rewrite(String stripPrefix, String addPrefix) {
    public Rewrite {
        check(stripPrefix);
        check(addPrefix);
        if (stripPrefix.equals(addPrefix)) {
            throw new IllegalArgumentException("a rewrite that strips and adds the same prefix changes nothing");
        }
    }

    private static void check(String prefix) {
        boolean isPath = prefix.startsWith("/")
                && !prefix.endsWith("/")
                && prefix.chars().allMatch(c -> c > ' ' && c < 0x7f);
        if (!prefix.isEmpty() && (!isPath || prefix.indexOf('?') >= 0 || prefix.indexOf('#') >= 0)) {
            throw new IllegalArgumentException(
                    "prefix \"" + prefix + "\" is not a path: write one like /api, without a slash at its end");
        }
        String decoded = PercentEncoding.decodePath(prefix) + '/';
        Target target = new Target("", "", prefix);
        boolean ambiguous = !target.otherReadings().isEmpty() || target.climbs();
        if (ambiguous || decoded.contains("//") || decoded.contains("/./") || decoded.contains("/../")) {
            throw new IllegalArgumentException("prefix \"" + prefix
                    + "\" has a segment that is empty, . or .., or an encoded slash: write one like /api");
        }
    }

    /** The forwarded path and query. */
    String apply(Target target) {
        String rest = stripped(target);
        return rest.startsWith("/") ? addPrefix + rest : rest;
    }

    /**
     * The inverse of {@link #apply}, for URLs in responses.
     *
     * @param pathAndQuery of the origin
     * @return the path and query of the client; null if no path of a client is rewritten to this one
     */
    @Nullable
    String back(String pathAndQuery) {
        if (!pathAndQuery.startsWith(addPrefix)) {
            return null;
        }
        String rest = pathAndQuery.substring(addPrefix.length());
        return rest.startsWith("/") ? stripPrefix + rest : null;
    }

    /** Whether the path, or its rest after the prefix, leads above the root for some origin. */
    boolean climbs(Target target) {
        return target.climbs() || new Target("", "", stripped(target)).climbs();
    }

    private String stripped(Target target) {
        String pathAndQuery = target.pathAndQuery();
        if (!pathAndQuery.startsWith("/")) {
            return pathAndQuery;
        }
        String path = target.pathWithoutDots();
        return without(stripPrefix, path) + pathAndQuery.substring(target.pathLength());
    }

    private static String without(String prefix, String path) {
        if (prefix.isEmpty()) {
            return path;
        }
        int end = 0;
        for (String wanted : prefix.substring(1).split("/", -1)) {
            int start = behindSlashes(path, end);
            int slash = path.indexOf('/', start);
            end = slash < 0 ? path.length() : slash;
            if (start == end || !normal(path.substring(start, end)).equals(normal(wanted))) {
                return path;
            }
        }
        return '/' + path.substring(behindSlashes(path, end));
    }

    private static int behindSlashes(String path, int from) {
        int i = from;
        while (i < path.length() && path.charAt(i) == '/') {
            i++;
        }
        return i;
    }

    private static String normal(String segment) {
        return new Target("", "", '/' + segment).normalPath();
    }
}
