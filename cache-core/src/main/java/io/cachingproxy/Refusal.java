package io.cachingproxy;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.syntax.ConnectionFields;
import io.cachingproxy.http.syntax.FieldValues;
import io.cachingproxy.policy.Reason;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request that is not forwarded at all.
 *
 * @param status what the client gets for it
 * @param sentence why, in words for anyone
 * @param reason for Cache-Status
 */
record Refusal(int status, String sentence, Reason reason) {
    /** A request that this cache forwarded before (RFC 5842 §7.2 has the status). */
    public static final Refusal LOOP = new Refusal(
            508, "the request has been forwarded by this proxy already: the origin leads back to it", Reason.LOOP);

    /** A request for a host that no site has. */
    public static final Refusal MISDIRECTED =
            new Refusal(421, "no site of this proxy has the requested host", Reason.MISDIRECTED);

    /** A path that leaves the part of the origin that requests are for. */
    public static final Refusal CLIMBS = new Refusal(400, "the path leads above the root");

    /** Methods that concern the connection or its diagnosis, not a resource (RFC 9110 §9.3.6, §9.3.8). */
    private static final Set<String> METHODS = Set.of("CONNECT", "TRACE");

    private Refusal(int status, String sentence) {
        this(status, sentence, Reason.REFUSED);
    }

    /** Why {@code request} is not forwarded, or null if it may be. */
    public static @Nullable Refusal of(RequestHead request) {
        if (!FieldValues.isToken(request.method())) {
            return new Refusal(400, "the method is malformed");
        }
        if (METHODS.contains(request.method())) {
            return new Refusal(501, request.method() + " is not supported");
        }
        Headers headers = request.headers();
        for (String name : headers.list("Connection")) {
            if (ConnectionFields.isForAllRecipients(name.toLowerCase(Locale.ROOT))) { // RFC 9110 §7.6.1
                return new Refusal(400, "Connection must not name " + name);
            }
        }
        for (String protocol : headers.list("Upgrade")) {
            if (protocol.equalsIgnoreCase("websocket")) {
                return new Refusal(501, "WebSocket is not supported");
            }
        }
        return null;
    }
}
