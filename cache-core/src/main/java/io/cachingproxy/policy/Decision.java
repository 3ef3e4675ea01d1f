package io.cachingproxy.policy;

/** What is done with a request, before anything is forwarded (RFC 9111 §4). */
public sealed interface Decision {
    Reason reason();

    /** A fresh stored response answers. */
    record Hit(StoredResponse stored) implements Decision {
        @Override
        public Reason reason() {
            return Reason.FRESH;
        }
    }

    /**
     * A stale stored response answers, because someone permitted it.
     *
     * @param refresh whether it is to be validated in the background (RFC 5861 §3)
     */
    record Stale(StoredResponse stored, boolean refresh, Reason reason) implements Decision {}

    /** The stored response answers if the origin says that it still may (RFC 9111 §4.3). */
    record Revalidate(StoredResponse stored, Reason reason) implements Decision {}

    /** The beginning is stored, and answers together with the rest, which is forwarded for (RFC 9111 §3.4). */
    record Complete(StoredResponse stored) implements Decision {
        @Override
        public Reason reason() {
            return Reason.PARTIAL;
        }
    }

    /** Nothing stored matches: the request is forwarded, and the response may be stored and shared. */
    record Miss(Reason reason) implements Decision {}

    /** The request is not one that the cache answers: it is forwarded, for this client alone. */
    record Bypass(Reason reason) implements Decision {}

    /** The request must not be forwarded and nothing stored may answer it: 504 (RFC 9111 §5.2.1.7). */
    record Unsatisfiable(Reason reason) implements Decision {}
}
