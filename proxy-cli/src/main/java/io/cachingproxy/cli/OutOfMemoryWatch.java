package io.cachingproxy.cli;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Halts the process when an {@link OutOfMemoryError} is seen: an uncaught one, or one that is logged by whoever caught it,
 * such as a thread pool, also as the cause of another exception. After one, nobody knows which threads are missing or what
 * is half done; whoever supervises the process can start it again.
 *
 * <p>{@code -XX:+ExitOnOutOfMemoryError} ends the process from inside the JVM, with the same exit code, also where nobody
 * logs the error, but not where memory outside the heap is exhausted.
 */
final class OutOfMemoryWatch extends UnsynchronizedAppenderBase<ILoggingEvent> {
    /** The same as with {@code -XX:+ExitOnOutOfMemoryError}. */
    static final int EXIT_CODE = 3;

    private static final int DEEPEST_CAUSE = 50;

    private static final byte[] SHORT_LINE =
            "ERROR OutOfMemoryWatch: out of memory, exiting\n".getBytes(StandardCharsets.US_ASCII);

    /** Given up in order to end: what the JDK does for that takes a little memory, too. */
    private static final int RESERVE = 256 * 1024;

    private static final int TRIES = 1000;

    @SuppressWarnings("unused") // it is only there to be given up
    private volatile byte @Nullable [] reserve = new byte[RESERVE];

    private final OutputStream stderr = new FileOutputStream(FileDescriptor.err);

    private OutOfMemoryWatch() {}

    /** Watches all threads and all logs of this process from here on. */
    static void begin() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        OutOfMemoryWatch watch = new OutOfMemoryWatch();
        watch.setContext(context);
        watch.setName("out of memory");
        watch.start();
        loadShutdown();
        for (Logger logger : context.getLoggerList()) {
            if (logger.getName().equals(Logger.ROOT_LOGGER_NAME) || !logger.isAdditive()) {
                watch.attachTo(logger);
            }
        }
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> {
            watch.look(failure);
            context.getLogger(OutOfMemoryWatch.class).error("thread {} died", thread.getName(), failure);
        });
    }

    /** Has the JDK load what it needs to end the process, while there is memory for it. */
    private static void loadShutdown() {
        Thread hook = new Thread(() -> {});
        Runtime.getRuntime().addShutdownHook(hook);
        Runtime.getRuntime().removeShutdownHook(hook);
    }

    /** In front of the others, which need memory. */
    private void attachTo(Logger logger) {
        List<Appender<ILoggingEvent>> others = new ArrayList<>();
        logger.iteratorForAppenders().forEachRemaining(others::add);
        others.forEach(logger::detachAppender);
        logger.addAppender(this);
        others.forEach(logger::addAppender);
    }

    @Override
    protected void append(ILoggingEvent event) {
        if (event.getThrowableProxy() instanceof ThrowableProxy logged) {
            look(logged.getThrowable());
        }
    }

    private void look(@Nullable Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < DEEPEST_CAUSE; depth++) {
            if (cause instanceof OutOfMemoryError error) {
                halt(error);
            }
            cause = cause.getCause();
        }
    }

    /** Without shutdown hooks, which may need memory, too. */
    private void halt(OutOfMemoryError error) {
        reserve = null;
        try {
            stderr.write(line(error));
        } catch (IOException | RuntimeException | Error unsaid) {
            // The exit code says it.
        }
        for (int tries = 0; tries < TRIES; tries++) {
            try {
                Runtime.getRuntime().halt(EXIT_CODE);
            } catch (OutOfMemoryError again) {
                reserve = null;
            }
        }
    }

    private static byte[] line(OutOfMemoryError error) {
        try {
            StackTraceElement[] trace = error.getStackTrace();
            return (Instant.now().truncatedTo(ChronoUnit.MILLIS) + " ERROR OutOfMemoryWatch: out of memory ("
                            + error.getMessage() + ") in thread "
                            + Thread.currentThread().getName()
                            + (trace.length == 0 ? "" : " at " + trace[0]) + ": exiting with " + EXIT_CODE + "\n")
                    .getBytes(StandardCharsets.UTF_8);
        } catch (OutOfMemoryError again) {
            return SHORT_LINE;
        }
    }
}
