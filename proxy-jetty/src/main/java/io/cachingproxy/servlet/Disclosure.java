package io.cachingproxy.servlet;

import io.cachingproxy.http.CacheControl;
import io.cachingproxy.http.ResponseHead;
import java.util.Locale;

/**
 * Tracks which client data the servlet has read, and decides whether its response may be shared. A response is personal
 * once the servlet has read a session, a principal or a credential, unless the response has {@code public} or {@code
 * s-maxage}.
 *
 * <p>Reading an absent principal makes the response personal (for anonymous clients), but only if the servlet continues
 * the response afterwards: Spring MVC reads the principal after each response.
 */
final class Disclosure {
    private final Runnable listener;
    private volatile boolean personal;
    private volatile boolean unkeyed;
    private volatile boolean asked;

    Disclosure(Runnable listener) {
        this.listener = listener;
    }

    /** The servlet has read data of this client only. */
    void personal() {
        personal = true;
        listener.run();
    }

    /** The servlet has read data outside of the cache key: the response must not be shared, whatever its Cache-Control. */
    void unkeyed() {
        unkeyed = true;
        listener.run();
    }

    /** The servlet has read the principal. */
    void principal(boolean known) {
        if (known) {
            personal();
        } else {
            asked = true;
        }
    }

    /** The servlet continues its response. */
    void responding() {
        if (asked) {
            asked = false;
            personal();
        }
    }

    /**
     * Whether the response may be stored and shared, if its head permits.
     *
     * @param impersonal whether only the servlet has set cookies for the client
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

    /** Whether the content is an endless stream for one client, such as server-sent events. */
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
