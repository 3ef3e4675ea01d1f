package io.cachingproxy.servlet;

import io.cachingproxy.http.CacheControl;
import io.cachingproxy.http.ResponseHead;
import java.util.Locale;

/**
 * What the servlet has learned about the client, and whether its response may be shared all the same. A response is one
 * client's once a session, a principal or a credential was read, unless it says {@code public} or {@code s-maxage}.
 *
 * <p>A question after the principal that nobody answers makes the response that of anonymous clients; but only if the
 * servlet goes on with it: Spring MVC asks after each response.
 */
final class Disclosure {
    private final Runnable listener;
    private volatile boolean personal;
    private volatile boolean unkeyed;
    private volatile boolean asked;

    Disclosure(Runnable listener) {
        this.listener = listener;
    }

    /** The servlet has read what only this client has. */
    void personal() {
        personal = true;
        listener.run();
    }

    /** The servlet has read what the key of the response does not have: it must not be shared, whatever it says. */
    void unkeyed() {
        unkeyed = true;
        listener.run();
    }

    /** The servlet has asked who the client is. */
    void principal(boolean known) {
        if (known) {
            personal();
        } else {
            asked = true;
        }
    }

    /** The servlet goes on with its response. */
    void responding() {
        if (asked) {
            asked = false;
            personal();
        }
    }

    /**
     * Whether the response may be stored and shared as far as its head permits it.
     *
     * @param impersonal whether nobody else has set a cookie for the client
     */
    boolean permitsSharing(ResponseHead head, boolean impersonal) {
        if (unkeyed) {
            return false;
        }
        CacheControl control = head.cacheControl();
        if (control.permits("public") || control.hasSeconds("s-maxage")) {
            return true;
        }
        return !personal && impersonal && (control.maxAge() != null || !isStream(head));
    }

    /** Whether the content goes on for as long as the client listens. */
    private static boolean isStream(ResponseHead head) {
        String type = head.headers().first("Content-Type");
        if (type == null || head.headers().contains("Expires")) {
            return false;
        }
        String lower = type.strip().toLowerCase(Locale.ROOT);
        return lower.startsWith("text/event-stream")
                || lower.startsWith("application/x-ndjson")
                || lower.startsWith("application/stream+json")
                || lower.startsWith("multipart/");
    }
}
