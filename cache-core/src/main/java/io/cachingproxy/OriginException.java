package io.cachingproxy;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The origin gave no usable response: {@link Kind} says which way. */
public final class OriginException extends IOException {
    private static final long serialVersionUID = 1L;

    /** How the origin failed, by the status that the client gets for it. */
    public enum Kind {
        /** Not reachable, closed the connection, broke the protocol (RFC 9110 §15.6.3). */
        FAILED(502),
        /** Did not answer in time (RFC 9110 §15.6.5). */
        TIMEOUT(504),
        /** Has so many requests before it that this one was not sent (RFC 9110 §15.6.4). */
        BUSY(503),
        /** The request itself broke off; the origin is not to blame (RFC 9110 §15.5.1). */
        CLIENT(400);

        private final int status;

        Kind(int status) {
            this.status = status;
        }

        public int status() {
            return status;
        }
    }

    private final Kind kind;
    private final String sentence;

    /** A failure in one sentence that may be shown to anyone. */
    public OriginException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.sentence = message;
    }

    /** What happened, in words for anyone. */
    public String sentence() {
        return sentence;
    }

    public Kind kind() {
        return kind;
    }
}
