package io.cachingproxy;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Measures how long the origin takes for one request. Thread-safe. */
final class FetchTimer {
    private volatile Instant sentAt;
    private volatile @Nullable Duration toHead;
    private volatile @Nullable Duration inAll;

    FetchTimer(Instant now) {
        this.sentAt = now;
    }

    /** Starts the measurement: the request is sent now. */
    void onSent(Instant now) {
        sentAt = now;
    }

    Instant sentAt() {
        return sentAt;
    }

    /** Records the head of the response, and returns the time until it. */
    Duration onHead(Instant now) {
        Duration elapsed = elapsed(now);
        toHead = elapsed;
        return elapsed;
    }

    /** Records the end of the response or its failure; later calls have no effect. */
    void onEnd(Instant now) {
        if (inAll == null) {
            inAll = elapsed(now);
        }
    }

    /** The time since the request was sent; zero if the clock was set back meanwhile. */
    private Duration elapsed(Instant now) {
        Duration elapsed = Duration.between(sentAt, now);
        return elapsed.isNegative() ? Duration.ZERO : elapsed;
    }

    CacheListener.OriginTime measured() {
        return new CacheListener.OriginTime(toHead, inAll);
    }
}
