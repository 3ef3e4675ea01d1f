package io.cachingproxy.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** An error that ends the command; the message is the line that is printed. */
final class Failure extends Exception {
    private static final long serialVersionUID = 1;

    private final int exitCode;

    private Failure(String message, @Nullable Throwable cause, int exitCode) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    Failure(String message, Throwable cause) {
        this(message, cause, CommandLine.ExitCode.SOFTWARE);
    }

    Failure(String message) {
        this(message, null, CommandLine.ExitCode.SOFTWARE);
    }

    /** A failure because of wrong usage (exit code 2). */
    static Failure wrongUsage(String message) {
        return new Failure(message, null, CommandLine.ExitCode.USAGE);
    }

    int exitCode() {
        return exitCode;
    }

    /** The message of the root cause of {@code problem}, which is the most specific. */
    static String reason(Throwable problem) {
        Throwable root = problem;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = root.getMessage();
        return message == null || message.isBlank() ? root.getClass().getSimpleName() : message;
    }
}
