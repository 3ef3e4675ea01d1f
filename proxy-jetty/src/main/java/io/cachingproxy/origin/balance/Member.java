package io.cachingproxy.origin.balance;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** The health and load of one server, or of one address of it. Guarded by the lock of its {@link ServerPool}. */
final class Member {
    /** The share of its weight with which a returning server begins its slow start. */
    private static final double FIRST_SHARE = 0.1;

    final OriginSettings.Server server;
    final int index;
    /** The address that was looked up; null: the server as configured. */
    final @Nullable InetAddress address;

    boolean draining;
    /** Whether the name has no longer this address, so that the member is removed once it is not used. */
    boolean leaving;

    /** Share of the weight of the server. */
    double share = 1;

    int underWay;
    int failuresInARow;

    /** Current weight of the server in smooth weighted round-robin. */
    double owed;

    private boolean down;
    private int passesInARow;
    private int failedChecksInARow;
    private boolean ejected;
    private long ejectedUntil;
    private boolean warming;
    private long backSince;

    private final Runnable onReturn;

    /** @param onReturn called when the period of an ejection is over */
    Member(OriginSettings.Server server, int index, @Nullable InetAddress address, Runnable onReturn) {
        this.server = server;
        this.index = index;
        this.address = address;
        this.onReturn = onReturn;
    }

    Member copy() {
        Member copy = new Member(server, index, address, () -> {});
        copy.takeOver(this);
        return copy;
    }

    ServerAddress where() {
        return new ServerAddress(server.url(), address);
    }

    /** Takes over the health of the same server, as far as these settings have health checks and ejection. */
    void continueFrom(Member earlier, OriginSettings settings) {
        takeOver(earlier);
        if (settings.check().isEmpty()) {
            down = false;
        }
        if (settings.eject().failures() == 0) {
            ejected = false;
        }
    }

    private void takeOver(Member other) {
        draining = other.draining;
        failuresInARow = other.failuresInARow;
        down = other.down;
        passesInARow = other.passesInARow;
        failedChecksInARow = other.failedChecksInARow;
        ejected = other.ejected;
        ejectedUntil = other.ejectedUntil;
        warming = other.warming;
        backSince = other.backSince;
    }

    boolean isDown() {
        return down;
    }

    boolean isEjected(long now) {
        if (ejected && now - ejectedUntil >= 0) {
            ejected = false;
            returned(now);
            onReturn.run();
        }
        return ejected;
    }

    long ejectedUntil() {
        return ejectedUntil;
    }

    /** Ejects the server until that time. The first failure afterwards ejects the server again. */
    void eject(long until) {
        ejected = true;
        ejectedUntil = until;
        failuresInARow--;
    }

    boolean isAvailable(long now) {
        return !leaving && !draining && !down && !isEjected(now);
    }

    /** Records the result of a health check; true if the availability of the server changed. */
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

    /** Effective weight now: reduced during slow start. */
    double weight(long now, long slowStartNanos) {
        if (warming) {
            long back = now - backSince;
            if (back < slowStartNanos) {
                return server.weight() * share * Math.max(FIRST_SHARE, (double) back / slowStartNanos);
            }
            warming = false;
        }
        return server.weight() * share;
    }
}
