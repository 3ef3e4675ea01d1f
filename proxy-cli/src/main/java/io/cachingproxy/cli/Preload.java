package io.cachingproxy.cli;

import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * Loads, on a second core and while the command line is read, the classes that take longest to initialize.
 */
final class Preload implements Runnable {
    private static final List<String> CLASSES = List.of(
            "org.eclipse.jetty.http.MimeTypes", // asks for all locales
            "org.eclipse.jetty.util.BlockingArrayQueue",
            "com.github.benmanes.caffeine.cache.Caffeine",
            "org.eclipse.jetty.client.HttpClient",
            "org.eclipse.jetty.server.ServerConnector");

    /** Jetty would start JMX to find out how large references are, which takes a tenth of the start. */
    private static final String REFERENCES_PER_CACHE_LINE = "org.eclipse.jetty.util.referencesPerCacheLine";

    /** The thread that loads: to be joined before these classes are used, which two threads must not initialize. */
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
