package io.cachingproxy.cli.config;

import java.util.concurrent.CancellationException;

/** Ends the reading of a file, and what is done with it, once its thread is interrupted. */
public final class Interruption {
    private Interruption() {}

    /**
     * Checks between two steps of bounded work.
     *
     * @throws CancellationException if the thread is interrupted
     */
    public static void check() {
        if (Thread.currentThread().isInterrupted()) {
            throw new CancellationException("interrupted");
        }
    }
}
