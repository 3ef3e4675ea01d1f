package io.cachingproxy.cli;

import sun.misc.Signal;

/** The signal SIGHUP, on which daemons reload their configuration. */
final class HangUp {
    private HangUp() {}

    /** Runs {@code action} on each SIGHUP, in a separate thread. Does nothing on platforms without SIGHUP. */
    static void on(Runnable action) {
        try {
            Signal.handle(new Signal("HUP"), signal -> action.run());
        } catch (IllegalArgumentException none) {
            // Windows has no SIGHUP, and java -Xrs leaves it to the JVM.
        }
    }
}
