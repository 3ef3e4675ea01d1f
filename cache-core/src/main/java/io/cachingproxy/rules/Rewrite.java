package io.cachingproxy.rules;

/**
 * A change of the path that is forwarded; the key keeps the path that the client sent.
 *
 * @param stripPrefix removed from the beginning of the path where it is there, in whole segments; empty for nothing
 * @param addPrefix put in front of the path then; empty for nothing
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
    }

    /** The path and query that are forwarded. */
    String apply(String pathAndQuery) {
        String rest = pathAndQuery;
        if (!stripPrefix.isEmpty() && rest.startsWith(stripPrefix)) {
            String after = rest.substring(stripPrefix.length());
            if (after.startsWith("/")) {
                rest = after;
            } else if (after.isEmpty() || after.startsWith("?")) {
                rest = "/" + after;
            }
        }
        return rest.startsWith("/") ? addPrefix + rest : rest;
    }
}
