package io.cachingproxy.policy;

/** The reuse decision: how a request is handled, before it is forwarded (RFC 9111 §4). */
public sealed interface Decision {
    Reason reason();

    /** A fresh stored response is the answer. */
    record Hit(StoredResponse stored) implements Decision {
        @Override
        public Reason reason() {
            return Reason.FRESH;
        }
    }

    /**
     * A stale stored response is the answer, as the origin, the client or a rule permits.
     *
     * @param refresh whether it is to be revalidated in the background (RFC 5861 §3)
     */
    record Stale(StoredResponse stored, boolean refresh, Reason reason) implements Decision {}

    /** The stored response must be revalidated at the origin before reuse (RFC 9111 §4.3). */
    record Revalidate(StoredResponse stored, Reason reason) implements Decision {}

    /** The beginning of the response is stored; the rest is requested from the origin (RFC 9111 §3.4). */
    record Complete(StoredResponse stored) implements Decision {
        @Override
        public Reason reason() {
            return Reason.PARTIAL;
        }
    }

    /** No stored response matches: the request is forwarded, and the response may be stored and shared. */
    record Miss(Reason reason) implements Decision {}

    /** The cache does not handle this kind of request: it is forwarded, and its response is not shared. */
    record Bypass(Reason reason) implements Decision {}

    /** The request must not be forwarded and no stored response may answer it: 504 (RFC 9111 §5.2.1.7). */
    record Unsatisfiable(Reason reason) implements Decision {}
}
