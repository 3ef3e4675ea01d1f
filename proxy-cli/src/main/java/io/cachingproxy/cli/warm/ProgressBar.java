package io.cachingproxy.cli.warm;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/** A progress bar on one line of a terminal, drawn at most ten times a second. Thread-safe. */
public final class ProgressBar {
    private static final int WIDTH = 24;
    private static final long INTERVAL = Duration.ofMillis(100).toNanos();
    private static final String ERASE = "\r\u001b[K";

    private final PrintWriter terminal;
    private final long began;
    private long drawn;

    /** @param now the time, in nanoseconds */
    public ProgressBar(PrintWriter terminal, long now) {
        this.terminal = terminal;
        this.began = now;
        this.drawn = now - INTERVAL;
    }

    /**
     * Draws the bar, unless it was drawn less than 100 ms ago.
     *
     * @param now the time, in nanoseconds
     */
    public synchronized void draw(Tally tally, long now) {
        if (now - drawn >= INTERVAL) {
            drawn = now;
            terminal.print(
                    ERASE + line(tally.requested(), tally.total(), tally.failed(), Duration.ofNanos(now - began)));
            terminal.flush();
        }
    }

    /** Removes the bar. */
    public synchronized void erase() {
        terminal.print(ERASE);
        terminal.flush();
    }

    /** Such as {@code [######------] 50 of 100, 50 %, 2 failed, 10.0/s, 5 s left}. */
    static String line(long done, long total, long failed, Duration elapsed) {
        int filled = total == 0 ? WIDTH : (int) (WIDTH * done / total);
        double seconds = elapsed.toMillis() / 1000.0;
        double rate = seconds == 0 ? 0 : done / seconds;
        return "[" + "#".repeat(filled) + "-".repeat(WIDTH - filled) + "] " + done + " of " + total + ", "
                + (total == 0 ? 100 : 100 * done / total) + " %, "
                + (failed == 0 ? "" : failed + " failed, ")
                + String.format(Locale.ROOT, "%.1f/s", rate)
                + (rate == 0 ? "" : ", " + Math.round((total - done) / rate) + " s left");
    }
}
