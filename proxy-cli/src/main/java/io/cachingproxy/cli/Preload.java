package io.cachingproxy.cli;

import java.util.List;
import org.slf4j.LoggerFactory;

/** Loads the classes with the slowest initialization on another thread, while the command line is parsed. */
final class Preload implements Runnable {
    private static final List<String> CLASSES = List.of(
            "org.eclipse.jetty.http.MimeTypes", // loads all locales
            "org.eclipse.jetty.util.BlockingArrayQueue",
            "com.github.benmanes.caffeine.cache.Caffeine",
            "org.eclipse.jetty.client.HttpClient",
            "org.eclipse.jetty.server.ServerConnector");

    /** Set to keep Jetty from starting JMX to find the size of references, which takes a tenth of the startup time. */
    private static final String REFERENCES_PER_CACHE_LINE = "org.eclipse.jetty.util.referencesPerCacheLine";

    /**
     * Starts the loading thread. Join the thread before the classes are used, since two threads must not initialize
     * them.
     */
    static Thread begin() {
        System.getProperties().putIfAbsent(REFERENCES_PER_CACHE_LINE, "16");
        Thread thread = new Thread(new Preload(), "preload");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    @Override
    public void run() {
        LoggerFactory.getILoggerFactory();
        try {
            for (String name : CLASSES) {
                Class.forName(name);
            }
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }
}
