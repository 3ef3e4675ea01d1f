package io.cachingproxy.policy;

import io.cachingproxy.http.Headers;
import io.cachingproxy.key.Selection;

/** The storage decision: how the origin's response is handled (RFC 9111 §3, §4.3.3). */
public sealed interface Outcome {
    Reason reason();

    /**
     * The response is sent to the client and stored.
     *
     * @param headers the header fields to be stored (RFC 9111 §3.1)
     */
    record Store(Headers headers, Selection selection, Freshness freshness) implements Outcome {
        @Override
        public Reason reason() {
            return Reason.STORED;
        }
    }

    /**
     * The stored response was validated, and is sent to the client.
     *
     * @param stays whether it replaces the previous version in the store; else the origin has forbidden storing it, and
     *     it is removed
     */
    record Freshen(StoredResponse freshened, boolean stays) implements Outcome {
        public Freshen(StoredResponse freshened) {
            this(freshened, true);
        }

        @Override
        public Reason reason() {
            return Reason.REVALIDATED;
        }
    }

    /** The stale stored response is sent in place of the error. */
    record ServeStale(StoredResponse stored, Reason reason) implements Outcome {}

    /** The response is sent to the client only. */
    record Relay(Reason reason) implements Outcome {}
}
