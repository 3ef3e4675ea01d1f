package io.cachingproxy.origin.balance;

/** A server with what is known of its health and load. Guarded by its pool. */
final class Member {
    /** The share of its weight that a server has when it comes back, with slow start. */
    private static final double FIRST_SHARE = 0.1;

    final OriginSettings.Server server;
    final int index;
    boolean draining;
    int underWay;
    int failuresInARow;

    /** What smooth weighted round-robin owes it. */
    double owed;

    private boolean down;
    private int passesInARow;
    private int failedChecksInARow;
    private boolean ejected;
    private long ejectedUntil;
    private boolean warming;
    private long backSince;

    Member(OriginSettings.Server server, int index) {
        this.server = server;
        this.index = index;
    }

    boolean isDown() {
        return down;
    }

    boolean isEjected(long now) {
        if (ejected && now - ejectedUntil >= 0) {
            ejected = false;
            returned(now);
        }
        return ejected;
    }

    long ejectedUntil() {
        return ejectedUntil;
    }

    /** No requests until then. The next failure after that ejects again. */
    void eject(long until) {
        ejected = true;
        ejectedUntil = until;
        failuresInARow--;
    }

    boolean isAvailable(long now) {
        return !draining && !down && !isEjected(now);
    }

    /** Whether a check has changed anything. */
    boolean checked(boolean passed, OriginSettings.Check check, long now) {
        passesInARow = passed ? passesInARow + 1 : 0;
        failedChecksInARow = passed ? 0 : failedChecksInARow + 1;
        if (down && passesInARow >= check.passes()) {
            down = false;
            ejected = false;
            failuresInARow = 0;
            returned(now);
            return true;
        }
        if (!down && failedChecksInARow >= check.fails()) {
            down = true;
            return true;
        }
        return false;
    }

    void returned(long now) {
        warming = true;
        backSince = now;
    }

    /** Its weight now: less, while it starts slowly. */
    double weight(long now, long slowStartNanos) {
        if (warming) {
            long back = now - backSince;
            if (back < slowStartNanos) {
                return server.weight() * Math.max(FIRST_SHARE, (double) back / slowStartNanos);
            }
            warming = false;
        }
        return server.weight();
    }
}
