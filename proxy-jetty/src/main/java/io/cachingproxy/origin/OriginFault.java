package io.cachingproxy.origin;

import io.cachingproxy.OriginException;
import io.cachingproxy.OriginException.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * Translates exceptions of the HTTP client. The sentence of the result may be shown to clients; its cause, which may name
 * a helpful option, is for the log only.
 */
final class OriginFault {
    private static final String UNANSWERED_OVER_TLS = "closed without a response after the TLS handshake";

    private OriginFault() {}

    /**
     * The failure of an exchange.
     *
     * @param begun whether a part of the response was received
     */
    static OriginException of(Throwable cause, boolean begun, OriginTimeouts timeouts) {
        if (cause instanceof CancellationException) {
            return new OriginException(Kind.CLIENT, "nobody waits for the response any more", null);
        }
        if (cause instanceof RejectedExecutionException) {
            return busy(cause);
        }
        if (cause instanceof ClientTimeout) {
            return new OriginException(Kind.CLIENT_TIMEOUT, "the client was too slow", cause);
        }
        if (cause instanceof TimeoutException) {
            return late(cause);
        }
        if (cause instanceof SocketTimeoutException) { // Jetty's connect timeout
            return late(OriginTimeouts.exceeded("no connection", timeouts.connect(), "--origin-connect-timeout"));
        }
        if (cause instanceof UnknownHostException || cause instanceof UnresolvedAddressException) {
            return new OriginException(Kind.FAILED, "the name of the origin cannot be resolved", cause);
        }
        if (cause instanceof SSLException failed) {
            return overTls(failed);
        }
        if (begun || !(cause instanceof IOException)) {
            return new OriginException(
                    Kind.FAILED, "the origin's response broke off or is malformed", malformed(cause));
        }
        return new OriginException(Kind.FAILED, "the origin cannot be reached", unanswered(cause));
    }

    /**
     * The failure of a TLS connection over which a request was sent: if it closed, the handshake had succeeded.
     *
     * @param begun whether any of the response was here
     */
    static Throwable afterHandshake(Throwable cause, boolean begun) {
        boolean closed = cause instanceof EOFException
                || cause instanceof ClosedChannelException
                || (cause instanceof SSLException
                        && String.valueOf(cause.getMessage())
                                .toLowerCase(Locale.ROOT)
                                .contains("clos"));
        return closed
                ? new EOFException(begun ? "closed within a response" : UNANSWERED_OVER_TLS).initCause(cause)
                : cause;
    }

    /** Whether an established connection failed: the origin may have closed a persistent connection as idle. */
    static boolean isOfConnection(Throwable failure) {
        return failure instanceof IOException
                && !(failure instanceof ConnectException)
                && !(failure instanceof SocketTimeoutException)
                && !(failure instanceof UnknownHostException)
                && !(failure instanceof SSLException);
    }

    /** The failure of a response that the proxy could not process. */
    static OriginException unprocessed(Throwable thrown) {
        return thrown instanceof RejectedExecutionException
                ? busy(thrown)
                : new OriginException(Kind.FAILED, "the response could not be processed", thrown);
    }

    static OriginException busy(@Nullable Throwable cause) {
        return new OriginException(Kind.BUSY, "too many requests at once", cause);
    }

    private static OriginException late(Throwable cause) {
        return new OriginException(Kind.TIMEOUT, "the origin did not answer in time", cause);
    }

    /** Question marks are replaced, because the log omits messages with one, which could be part of a query. */
    private static OriginException overTls(SSLException failed) {
        for (Throwable at = failed; at != null; at = at.getCause()) {
            if (at instanceof CertPathBuilderException || at instanceof CertPathValidatorException) {
                return untrusted(at.getMessage() + ", see --origin-ca", failed);
            }
            if (at instanceof CertificateException && at.getCause() == null) {
                return untrusted(String.valueOf(at.getMessage()), failed);
            }
        }
        String what = String.valueOf(failed.getMessage()).replace('?', ' ').strip()
                + "; if the origin does not speak TLS, use http://";
        return new OriginException(Kind.FAILED, "the TLS handshake with the origin failed", retold(what, failed));
    }

    private static OriginException untrusted(String why, SSLException failed) {
        return new OriginException(Kind.FAILED, "the certificate of the origin is not trusted", retold(why, failed));
    }

    private static Throwable retold(String message, Throwable cause) {
        return new SSLHandshakeException(message).initCause(cause);
    }

    private static Throwable unanswered(Throwable cause) {
        return cause instanceof EOFException && !UNANSWERED_OVER_TLS.equals(cause.getMessage())
                ? new EOFException("closed without a response; check whether the origin is https:// or http://")
                        .initCause(cause)
                : cause;
    }

    /** A TLS port may answer plain HTTP with a TLS alert, whose first byte is 21 (RFC 8446 §5.1). */
    private static Throwable malformed(Throwable cause) {
        for (Throwable at = cause; at != null; at = at.getCause()) {
            if (String.valueOf(at.getMessage()).contains("0x15")) {
                return new ProtocolException("a TLS alert; if the origin speaks TLS, use https://").initCause(cause);
            }
        }
        return cause;
    }
}
