package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/** What a command line did that ended at once: in this process, with an environment of its own. */
record CommandLineRun(int exitCode, String out, String err) {
    static CommandLineRun of(String... args) {
        return in(Map.of(), args);
    }

    static CommandLineRun in(Map<String, String> environment, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = CachingProxyCommand.commandLine(environment)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true));
        return new CommandLineRun(command.execute(args), out.toString(), err.toString());
    }

    /** The settings that the options come to. */
    static Settings settings(Map<String, String> environment, String... args) {
        CommandLine command = CachingProxyCommand.commandLine(environment);
        command.parseArgs(args);
        return ((CachingProxyCommand) command.getCommand()).options().settings();
    }

    /** What the command line is warned of before it serves. */
    static List<String> warnings(Map<String, String> environment, String... args) {
        CommandLine command = CachingProxyCommand.commandLine(environment);
        command.parseArgs(args);
        Options options = ((CachingProxyCommand) command.getCommand()).options();
        options.settings();
        return options.warnings();
    }

    void assertWrongUsage(String complaint) {
        assertThat(exitCode).isEqualTo(2);
        assertOneLine(complaint);
    }

    void assertFailed(String complaint) {
        assertThat(exitCode).isEqualTo(1);
        assertOneLine(complaint);
    }

    /** As an error of a configuration file: without a prefix. */
    void assertConfigurationError(String line) {
        assertThat(err.lines()).containsExactly(line);
        assertThat(out).isEmpty();
        assertThat(exitCode).isEqualTo(2);
    }

    private void assertOneLine(String complaint) {
        assertThat(err.lines()).hasSize(1);
        assertThat(err).startsWith("caching-proxy: ").contains(complaint);
        assertThat(out).isEmpty();
    }
}
