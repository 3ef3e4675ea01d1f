package io.cachingproxy.cli;

import io.cachingproxy.cli.text.Controls;
import java.io.PrintWriter;
import picocli.CommandLine.Model.CommandSpec;

/** Prints lines for a terminal. They may have text from servers and files: {@link Controls} are escaped. */
record Lines(PrintWriter writer) {
    /** The standard output of a command. */
    static Lines out(CommandSpec command) {
        return new Lines(command.commandLine().getOut());
    }

    /** The standard error of a command. */
    static Lines err(CommandSpec command) {
        return new Lines(command.commandLine().getErr());
    }

    void println(String line) {
        writer.println(Controls.escaped(line));
    }
}
