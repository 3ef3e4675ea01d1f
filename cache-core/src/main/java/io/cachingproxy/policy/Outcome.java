package io.cachingproxy.policy;

import io.cachingproxy.http.Headers;
import io.cachingproxy.key.Selection;

/** What is done with the origin's response (RFC 9111 §3, §4.3.3). */
public sealed interface Outcome {
    Reason reason();

    /**
     * The response goes to the client and into the store.
     *
     * @param headers those to be stored (RFC 9111 §3.1)
     */
    record Store(Headers headers, Selection selection, Freshness freshness) implements Outcome {
        @Override
        public Reason reason() {
            return Reason.STORED;
        }
    }

    /**
     * The stored response was validated, and answers the client.
     *
     * @param stays whether it replaces its old self in the store; else the origin has said that it must not be stored, and
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

    /** The stale stored response answers in place of the error. */
    record ServeStale(StoredResponse stored, Reason reason) implements Outcome {}

    /** The response goes to the client only. */
    record Relay(Reason reason) implements Outcome {}
}
