package io.cachingproxy.origin.balance;

/**
 * The retry budget of an origin: a share of its requests, so that retries do not multiply the load of an origin that
 * fails as a whole. Guarded by the lock of its {@link ServerPool}.
 */
final class RetryBudget {
    private static final double FIRST = 100;
    private static final double MOST = 1_000;

    private final double perRequest;
    private double saved;

    RetryBudget(int percent) {
        perRequest = percent / 100.0;
        saved = percent == 0 ? 0 : FIRST;
    }

    /** Counts a request that is not a retry. */
    void request() {
        saved = Math.min(MOST, saved + perRequest);
    }

    /** Takes one retry from the budget; false if the budget is spent. */
    boolean take() {
        if (saved < 1) {
            return false;
        }
        saved--;
        return true;
    }
}
