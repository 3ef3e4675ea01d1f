package io.cachingproxy.rules;

import java.util.Set;

/**
 * A response that the cache sends without contacting the origin, as {@code text/plain} in UTF-8.
 *
 * @param status 200 to 599
 * @param body the content; empty for 204, 205 and 304, which have none (RFC 9110 §15.3.5, §15.3.6, §15.4.5)
 */
public record Respond(int status, String body) {
    private static final Set<Integer> WITHOUT_BODY = Set.of(204, 205, 304);

    public Respond {
        if (status < 200 || status > 599) {
            throw new IllegalArgumentException("status " + status + " is no status to respond with: write 200 to 599");
        }
        if (WITHOUT_BODY.contains(status) && !body.isEmpty()) {
            throw new IllegalArgumentException(
                    "a response of status " + status + " has no body: remove body, or write another status");
        }
    }
}
