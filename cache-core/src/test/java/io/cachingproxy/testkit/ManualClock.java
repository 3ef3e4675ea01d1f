package io.cachingproxy.testkit;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that stands still until the test sets or advances it, in either direction. */
public final class ManualClock implements InstantSource {
    private volatile Instant now;

    public ManualClock(Instant start) {
        now = start;
    }

    /** A clock at noon of a fixed day. */
    public static ManualClock atNoon() {
        return new ManualClock(Instant.parse("2026-03-04T12:00:00Z"));
    }

    @Override
    public Instant instant() {
        return now;
    }

    public void advance(Duration by) {
        now = now.plus(by);
    }

    public void advance(long seconds) {
        advance(Duration.ofSeconds(seconds));
    }

    public void set(Instant to) {
        now = to;
    }
}
