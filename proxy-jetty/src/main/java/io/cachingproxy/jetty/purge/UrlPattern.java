package io.cachingproxy.jetty.purge;

import io.cachingproxy.jetty.purge.PurgeCommand.Unclear;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A regular expression for URLs that is a prefix, {@code ^/news/} or {@code ^/news/.*}, or one path: {@code ^/news$}.
 *
 * @param exact whether it is the whole path, with its query
 */
record UrlPattern(String path, boolean exact) {
    private static final String HOST = "(?:[A-Za-z0-9_.:-]|\\\\[.:_\\[\\]-])+";
    /** One host between the anchors, or alternatives in a group: without the group each anchor would be of one only. */
    private static final Pattern HOSTS =
            Pattern.compile("\\^(?:(" + HOST + ")|\\((?:\\?:)?(" + HOST + "(?:\\|" + HOST + ")*)\\))\\$");

    /** @throws Unclear for any other pattern */
    static UrlPattern of(String pattern) {
        if (!pattern.startsWith("^/")) {
            throw new Unclear("X-Url is a prefix such as ^/news/ or a path such as ^/news$");
        }
        StringBuilder path = new StringBuilder();
        for (int i = 1; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            String rest = pattern.substring(i);
            if (rest.equals("$")) {
                return new UrlPattern(path.toString(), true);
            } else if (rest.equals(".*") || rest.equals(".*$")) {
                return new UrlPattern(path.toString(), false);
            } else if (c == '\\' && rest.length() > 1 && !Character.isLetterOrDigit(rest.charAt(1))) {
                path.append(rest.charAt(1));
                i++;
            } else if (".*+?[](){}|^$\\".indexOf(c) >= 0) {
                throw new Unclear("X-Url has " + c + ", which is supported only as .* at the end, or escaped by \\");
            } else {
                path.append(c);
            }
        }
        return new UrlPattern(path.toString(), false);
    }

    /**
     * The hosts of {@code ^(a.example|b.example)$} or {@code ^a.example$}; a dot is a dot.
     *
     * @throws Unclear for any other pattern
     */
    static List<String> hosts(String pattern) {
        var hosts = HOSTS.matcher(pattern);
        if (!hosts.matches()) {
            throw new Unclear("X-Host is .* or whole hosts, such as ^(a.example|b.example)$");
        }
        String named = hosts.group(1) == null ? hosts.group(2) : hosts.group(1);
        return List.of(named.replace("\\", "").split("\\|", -1));
    }
}
