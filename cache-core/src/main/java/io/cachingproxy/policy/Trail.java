package io.cachingproxy.policy;

/** Receives the steps of a decision in the order in which they are made, for its explanation. */
public interface Trail {
    /** Receives nothing. */
    Trail NONE = new Trail() {
        @Override
        public void step(Reason reason, Effect effect) {}

        @Override
        public void passedOver(StoredResponse stored, Reason why) {}

        @Override
        public void selected(StoredResponse stored) {}
    };

    /** What a step contributes to the decision. */
    enum Effect {
        /** The condition does not hold. */
        PASSED,
        /** The condition holds. */
        APPLIED,
        /** The condition holds, but the {@code ttl} of a rule takes precedence. */
        OVERRIDDEN
    }

    /** The condition of {@code reason} was checked. */
    void step(Reason reason, Effect effect);

    /** A stored response does not answer the request. */
    void passedOver(StoredResponse stored, Reason why);

    /** A stored response was selected for the request; its freshness is that under the current rules. */
    void selected(StoredResponse stored);

    /** The condition of {@code reason} does not hold. */
    default void passed(Reason reason) {
        step(reason, Effect.PASSED);
    }
}
