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
 * Halts the process on an {@link OutOfMemoryError} that is uncaught, or that is logged after a catch, for example by a
 * thread pool, also as the cause of another exception. After such an error the process is in an unknown state, with
 * missing threads or incomplete operations; its supervisor can restart it.
 *
 * <p>{@code -XX:+ExitOnOutOfMemoryError} ends the process from inside the JVM with the same exit code, even if the
 * error is not logged, but not if memory outside the heap is exhausted.
 */
final class OutOfMemoryWatch extends UnsynchronizedAppenderBase<ILoggingEvent> {
    /** The exit code of {@code -XX:+ExitOnOutOfMemoryError}. */
    static final int EXIT_CODE = 3;

    private static final int DEEPEST_CAUSE = 50;

    private static final byte[] SHORT_LINE =
            "ERROR OutOfMemoryWatch: out of memory, exiting\n".getBytes(StandardCharsets.US_ASCII);

    /** Size in bytes of the memory that is freed before the exit, since the exit itself needs a little memory. */
    private static final int RESERVE = 256 * 1024;

    private static final int TRIES = 1000;

    @SuppressWarnings("unused") // only held to be freed
    private volatile byte @Nullable [] reserve = new byte[RESERVE];

    private final OutputStream stderr = new FileOutputStream(FileDescriptor.err);

    private OutOfMemoryWatch() {}

    /** Starts watching all threads and loggers of this process. */
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

    /** Loads the JDK classes that the exit needs, while memory is available. */
    private static void loadShutdown() {
        Thread hook = new Thread(() -> {});
        Runtime.getRuntime().addShutdownHook(hook);
        Runtime.getRuntime().removeShutdownHook(hook);
    }

    /** Attaches this appender before all others, which need memory. */
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

    /** Halts the process without shutdown hooks, which may also need memory. */
    private void halt(OutOfMemoryError error) {
        reserve = null;
        try {
            stderr.write(line(error));
        } catch (IOException | RuntimeException | Error unsaid) {
            // The exit code reports the error.
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
