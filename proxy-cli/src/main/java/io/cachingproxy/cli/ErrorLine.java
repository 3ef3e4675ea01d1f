package io.cachingproxy.cli;

import io.cachingproxy.cli.config.ConfigurationException;
import io.cachingproxy.cli.config.Suggestion;
import io.cachingproxy.cli.text.Controls;
import java.util.List;
import java.util.Objects;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Prints the error that ends the command in one line on stderr, without passwords, and selects the exit code. */
record ErrorLine(EnvironmentDefaults defaults) implements IParameterExceptionHandler, IExecutionExceptionHandler {
    @Override
    public int handleParseException(ParameterException problem, String[] args) {
        print(problem.getCommandLine(), where(problem) + problem.getMessage() + suggestion(problem) + " (try --help)");
        return CommandLine.ExitCode.USAGE;
    }

    @Override
    public int handleExecutionException(Exception problem, CommandLine command, ParseResult parsed) {
        if (problem instanceof ConfigurationException configuration) {
            // Without a prefix, so that editors can parse file, line and column.
            configuration.problems().forEach(it -> command.getErr().println(line(it.toString())));
            return CommandLine.ExitCode.USAGE;
        } else if (problem instanceof Failure failure) {
            print(command, String.valueOf(problem.getMessage()));
            return failure.exitCode();
        } else {
            print(command, "unexpected: " + problem);
            LoggerFactory.getLogger(ErrorLine.class).debug("unexpected", problem);
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    /** The environment variable with the refused value; empty if the value came from elsewhere. */
    private String where(ParameterException problem) {
        ArgSpec option = problem.getArgSpec();
        if (option == null || problem.getCommandLine().getParseResult().hasMatchedOption(Options.name(option))) {
            return "";
        }
        return defaults.variable(option)
                .filter(variable -> Objects.equals(defaults.environment().get(variable), problem.getValue()))
                .map(variable -> variable + ": ")
                .orElse("");
    }

    private static String suggestion(ParameterException problem) {
        return problem instanceof UnmatchedArgumentException unmatched
                ? unmatched.getUnmatched().stream()
                        .filter(argument -> argument.startsWith("-"))
                        .findFirst()
                        .map(argument -> Suggestion.question(argument.replaceFirst("=.*", ""), names(problem)))
                        .orElse("")
                : "";
    }

    private static List<String> names(ParameterException problem) {
        return problem.getCommandLine().getCommandSpec().options().stream()
                .map(Options::name)
                .toList();
    }

    /** Prints a warning on stderr. */
    static void warn(CommandLine command, String message) {
        print(command, "warning: " + message);
    }

    private static void print(CommandLine command, String message) {
        command.getErr().println("caching-proxy: " + line(message));
    }

    /** In one line, without user info, and with {@link Controls} escaped. */
    static String line(String message) {
        String line = Controls.escaped(message.strip().replaceAll("\\s*\\R\\s*", " "));
        return line.replaceAll("://.*@", "://***@").replaceAll("[^\\s'*]+@", "***@"); // user info, in a URL or alone
    }
}
