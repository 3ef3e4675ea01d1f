package io.cachingproxy.cli;

import java.io.Console;

/** Whether a user watches. */
final class Terminal {
    private Terminal() {}

    /** Whether stdin and stdout are a terminal. */
    static boolean isInteractive() {
        Console console = System.console();
        return console != null && isTerminal(console);
    }

    /** Since Java 22 there is a console without a terminal, and {@code Console.isTerminal} tells them apart. */
    private static boolean isTerminal(Console console) {
        try {
            return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException before22) {
            return true;
        } catch (ReflectiveOperationException unknown) {
            return false;
        }
    }
}
