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
 * The rejection of a request that is not forwarded.
 *
 * @param status the status code of the answer
 * @param sentence the reason in one sentence that is safe to show to clients
 * @param reason for Cache-Status
 */
record Refusal(int status, String sentence, Reason reason) {
    /** A request that this instance forwarded before, that is, a loop; the status is from RFC 5842 §7.2. */
    public static final Refusal LOOP = new Refusal(
            508, "the request has been forwarded by this proxy already: the origin leads back to it", Reason.LOOP);

    /** A request for a host that belongs to no site. */
    public static final Refusal MISDIRECTED =
            new Refusal(421, "no site of this proxy has the requested host", Reason.MISDIRECTED);

    /** A path that leaves the part of the origin that requests are for. */
    public static final Refusal CLIMBS = new Refusal(400, "the path leads above the root");

    /** Methods that concern the connection or its diagnosis, not a resource (RFC 9110 §9.3.6, §9.3.8). */
    private static final Set<String> METHODS = Set.of("CONNECT", "TRACE");

    private Refusal(int status, String sentence) {
        this(status, sentence, Reason.REFUSED);
    }

    /** Why {@code request} must not be forwarded, or null if it may be. */
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
        return headers.hasMember("Upgrade", "websocket") ? new Refusal(501, "WebSocket is not supported") : null;
    }
}
