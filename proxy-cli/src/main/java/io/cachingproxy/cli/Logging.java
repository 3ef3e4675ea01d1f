package io.cachingproxy.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import org.slf4j.LoggerFactory;

/**
 * The default logging configuration, in code because that starts fastest: to stderr, INFO and above from the proxy,
 * only problems from libraries. {@code -Dlogback.configurationFile} replaces this configuration.
 */
public final class Logging extends ContextAwareBase implements Configurator {
    private static final String PATTERN = "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %logger{0}: %msg%n";

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        if (System.getProperty("logback.configurationFile") != null) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        context.getLogger("ROOT").addAppender(stderr(context));
        context.getLogger("ROOT").setLevel(Level.WARN);
        context.getLogger("io.cachingproxy").setLevel(Level.INFO);
        // Redisson logs each failed command with its stack trace, and RedisStore logs an outage of Redis once: these
        // events go to OutOfMemoryWatch only.
        context.getLogger("org.redisson").setLevel(Level.ERROR);
        context.getLogger("org.redisson").setAdditive(false);
        context.getLogger("io.netty").setLevel(Level.ERROR);
        // Would log each malformed Host in full, so that clients could fill the log, and passwords get into it.
        context.getLogger("org.eclipse.jetty.http.HttpParser").setLevel(Level.ERROR);
        context.getLogger("org.eclipse.jetty.util.HostPort").setLevel(Level.ERROR);
        context.getLogger("org.eclipse.jetty.server.ProxyConnectionFactory").setLevel(Level.ERROR);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** Turns logging off, for commands that print their own result line. */
    static void off() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.getLoggerList().forEach(logger -> logger.setLevel(Level.OFF));
    }

    private static ConsoleAppender<ILoggingEvent> stderr(LoggerContext context) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(PATTERN);
        encoder.start();
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setName("stderr");
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        return appender;
    }
}
