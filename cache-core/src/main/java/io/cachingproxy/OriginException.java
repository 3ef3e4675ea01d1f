package io.cachingproxy;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A failed fetch from the origin; {@link Kind} is the kind of failure. */
public final class OriginException extends IOException {
    private static final long serialVersionUID = 1L;

    /** The kind of failure, with the status code for the client. */
    public enum Kind {
        /** The origin is unreachable, closed the connection, or violated the protocol (RFC 9110 §15.6.3). */
        FAILED(502),
        /** The origin did not answer in time (RFC 9110 §15.6.5). */
        TIMEOUT(504),
        /** The request was not sent, because too many requests wait for the origin (RFC 9110 §15.6.4). */
        BUSY(503),
        /** The client's request was incomplete; not a failure of the origin (RFC 9110 §15.5.1). */
        CLIENT(400),
        /**
         * The client did not send its request, or read the response, in time; not a failure of the origin (RFC 9110
         * §15.5.9).
         */
        CLIENT_TIMEOUT(408);

        private final int status;

        Kind(int status) {
            this.status = status;
        }

        public int status() {
            return status;
        }

        /** Returns true for a failure of the client; false for one of the origin or the proxy. */
        public boolean isOfClient() {
            return this == CLIENT || this == CLIENT_TIMEOUT;
        }
    }

    private final Kind kind;
    private final String sentence;

    /**
     * Creates a failure.
     *
     * @param message one sentence that is safe to show to clients
     */
    public OriginException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.sentence = message;
    }

    /** The failure in one sentence that is safe to show to clients. */
    public String sentence() {
        return sentence;
    }

    public Kind kind() {
        return kind;
    }
}
