package io.cachingproxy.cli;

import sun.misc.Signal;

/** The signal SIGHUP, on which daemons read their configuration again. */
final class HangUp {
    private HangUp() {}

    /** Runs {@code action} on each SIGHUP, in a thread of its own; does nothing where there is no such signal. */
    static void on(Runnable action) {
        try {
            Signal.handle(new Signal("HUP"), signal -> action.run());
        } catch (IllegalArgumentException none) {
            // Windows has no SIGHUP, and java -Xrs leaves it to the JVM.
        }
    }
}
