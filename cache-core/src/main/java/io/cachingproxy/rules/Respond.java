package io.cachingproxy.rules;

/**
 * A response that the cache gives by itself, as {@code text/plain} in UTF-8.
 *
 * @param status 200 to 599
 * @param body may be empty
 */
public record Respond(int status, String body) {
    public Respond {
        if (status < 200 || status > 599) {
            throw new IllegalArgumentException("status " + status + " is no status to respond with: write 200 to 599");
        }
    }
}
