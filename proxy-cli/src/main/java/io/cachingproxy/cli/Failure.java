package io.cachingproxy.cli;

/** What ends the command with exit code 1; the message is the one line that is said about it. */
final class Failure extends Exception {
    private static final long serialVersionUID = 1;

    Failure(String message, Throwable cause) {
        super(message, cause);
    }

    Failure(String message) {
        super(message);
    }

    /** The innermost message of {@code problem}, which says most in fewest words. */
    static String reason(Throwable problem) {
        Throwable root = problem;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = root.getMessage();
        return message == null || message.isBlank() ? root.getClass().getSimpleName() : message;
    }
}
