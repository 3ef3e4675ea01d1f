package io.cachingproxy.cli.admin;

import io.cachingproxy.jetty.front.TlsIdentity;
import java.util.Optional;
import org.eclipse.jetty.http.HttpMethod;
import org.jspecify.annotations.Nullable;

/**
 * Who may use the admin listener, and over which connections.
 *
 * @param token for all requests; empty: only requests to the loopback interface are answered
 * @param readToken for GET and HEAD only; has no effect without {@code token}
 * @param tls the certificate; empty: no TLS
 */
public record AdminAccess(Optional<AdminToken> token, Optional<AdminToken> readToken, Optional<TlsIdentity> tls) {
    /** Access in the clear, without a token for reading. */
    public static AdminAccess of(Optional<AdminToken> token) {
        return new AdminAccess(token, Optional.empty(), Optional.empty());
    }

    /** What these credentials permit to a request with this method. */
    Permission permission(AdminToken.@Nullable Shown shown, String method) {
        if (shown == null) {
            return Permission.UNKNOWN;
        }
        if (token.isPresent() && token.get().is(shown)) {
            return Permission.GRANTED;
        }
        if (readToken.isPresent() && readToken.get().is(shown)) {
            return HttpMethod.GET.is(method) || HttpMethod.HEAD.is(method) ? Permission.GRANTED : Permission.READ_ONLY;
        }
        return Permission.UNKNOWN;
    }

    enum Permission {
        GRANTED,
        /** The token is for reading only. */
        READ_ONLY,
        /** The token is missing or wrong. */
        UNKNOWN
    }
}
