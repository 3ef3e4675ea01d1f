package io.cachingproxy.cli;

import org.jspecify.annotations.Nullable;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/** Handles the first SIGINT (Ctrl-C) until it is closed; a second one ends the process as usual. */
final class Interrupt implements AutoCloseable {
    private static final Signal SIGNAL = new Signal("INT");

    private final @Nullable SignalHandler before;
    private volatile boolean received;

    private Interrupt(Runnable action) {
        SignalHandler replaced = null;
        try {
            replaced = Signal.handle(SIGNAL, signal -> {
                received = true;
                restore();
                action.run();
            });
        } catch (IllegalArgumentException none) {
            // java -Xrs leaves the signal to the JVM.
        }
        before = replaced;
    }

    /** Runs {@code action} on the first SIGINT, in a separate thread. */
    static Interrupt on(Runnable action) {
        return new Interrupt(action);
    }

    /** Whether the signal was received. */
    boolean isReceived() {
        return received;
    }

    private void restore() {
        Signal.handle(SIGNAL, before == null ? SignalHandler.SIG_DFL : before);
    }

    @Override
    public void close() {
        if (before != null) {
            restore();
        }
    }
}
