package io.cachingproxy.rules;

import io.cachingproxy.http.Target;
import java.util.Set;

/**
 * A redirect that the cache answers by itself.
 *
 * @param to the value of Location; {@code {uri}} stands for the path and query of the request, {@code {host}} for its host
 * @param status 301, 302, 303, 307 or 308
 */
public record Redirect(String to, int status) {
    private static final Set<Integer> STATUSES = Set.of(301, 302, 303, 307, 308);

    public Redirect {
        if (!STATUSES.contains(status)) {
            throw new IllegalArgumentException("status " + status + " is no redirect: write 301, 302, 303, 307 or 308");
        }
        if (to.isEmpty() || to.chars().anyMatch(c -> c <= ' ' || c >= 0x7f)) {
            throw new IllegalArgumentException("\"" + to + "\" is not a URL to redirect to");
        }
    }

    /** The value of Location for a request of {@code target}. */
    public String location(Target target) {
        return to.replace("{host}", target.authority()).replace("{uri}", target.pathAndQuery());
    }
}
