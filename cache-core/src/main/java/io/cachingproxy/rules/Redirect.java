package io.cachingproxy.rules;

import io.cachingproxy.http.Target;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A redirect that the cache sends without contacting the origin.
 *
 * @param to the value of Location; {@code {uri}} stands for the path and query of the request, {@code {host}} for its host.
 *     The path of a request never becomes the host of the URL
 * @param status 301, 302, 303, 307 or 308
 */
public record Redirect(String to, int status) {
    /** A URL without scheme on a host that the rule names. */
    private static final Pattern OTHER_HOST = Pattern.compile("^//(?:[^/\\\\{]|\\{host})");

    /** Characters that browsers interpret as the beginning of a host. */
    private static final Pattern SLASHES = Pattern.compile("^[/\\\\]{2,}");

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{(?!uri}|host})[^}]*}?");

    private static final Set<Integer> STATUSES = Set.of(301, 302, 303, 307, 308);

    public Redirect {
        if (!STATUSES.contains(status)) {
            throw new IllegalArgumentException("status " + status + " is no redirect: write 301, 302, 303, 307 or 308");
        }
        if (to.isEmpty() || to.chars().anyMatch(c -> c <= ' ' || c >= 0x7f)) {
            throw new IllegalArgumentException("\"" + to + "\" is not a URL to redirect to");
        }
        Matcher unknown = PLACEHOLDER.matcher(to);
        if (unknown.find()) {
            throw new IllegalArgumentException("\"" + to + "\" has the unknown placeholder " + unknown.group()
                    + ": write {uri}, for path and query, or {host}");
        }
    }

    /** The value of Location for a request to {@code target}. */
    public String location(Target target) {
        String uri = target.pathAndQuery().startsWith("/") ? target.pathAndQuery() : "/";
        String location = to.replace("{host}", target.authority()).replace("{uri}", uri);
        return OTHER_HOST.matcher(to).find()
                ? location
                : SLASHES.matcher(location).replaceFirst("/");
    }
}
