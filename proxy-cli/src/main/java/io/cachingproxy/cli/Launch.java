package io.cachingproxy.cli;

import io.cachingproxy.cli.config.Configuration;
import io.cachingproxy.cli.config.ConfigurationException;
import io.cachingproxy.cli.config.Environment;
import io.cachingproxy.cli.config.Problem;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * The input of a start: the command line, the environment, and the configuration file that they name.
 *
 * @param err the writer for usage errors
 */
record Launch(Map<String, String> environment, List<String> args, PrintWriter err) {
    /**
     * The options, including those of the configuration file.
     *
     * @param configuration empty without {@code --config}
     * @param file the file of the configuration, as it was when it was read
     */
    record Read(Options options, Optional<Configuration> configuration, Optional<FileWatch.Seen> file) {}

    /**
     * A validated start.
     *
     * @param watched the configuration file, if a change of it causes a reload
     * @param warnings problems that do not prevent the start, one sentence each
     */
    record Plan(
            Launch launch,
            Settings settings,
            Optional<Configuration> configuration,
            Optional<FileWatch.Seen> watched,
            List<String> warnings) {}

    /**
     * Reads the configuration file, if any.
     *
     * @param given the options from the command line and environment only
     * @throws ConfigurationException with all errors of the file
     */
    Read read(Options given) throws ConfigurationException {
        if (given.config().isEmpty()) {
            return new Read(given, Optional.empty(), Optional.empty());
        }
        FileWatch.Seen file = FileWatch.Seen.now(given.config().get());
        return with(
                Configuration.read(file.file(), environment::get, new KnownOptions(given.hasOrigin())),
                Optional.of(file));
    }

    private Read with(Configuration configuration, Optional<FileWatch.Seen> file) {
        try {
            return new Read(options(FileOptions.of(configuration)), Optional.of(configuration), file);
        } catch (ParameterException e) {
            String message = configuration.hidden(String.valueOf(e.getMessage()));
            throw new ParameterException(e.getCommandLine(), message, e);
        }
    }

    /**
     * Reads all options and the configuration file, and runs the tests in the file.
     *
     * @throws ConfigurationException with all errors of the file, or all tests that failed
     */
    Plan plan() throws ConfigurationException {
        return plan(options(FileOptions.NONE));
    }

    /** The same for options that are already parsed. */
    Plan plan(Options given) throws ConfigurationException {
        return plan(read(given));
    }

    /**
     * The same with {@code text} in place of the configuration file, which errors call {@code name}.
     *
     * @param variables the variables that the text may use
     * @param mayRead whether an option, given by its name, may name a file that is read
     */
    Plan planOf(String name, String text, Environment variables, BiPredicate<String, String> mayRead)
            throws ConfigurationException {
        Options given = options(FileOptions.NONE);
        KnownOptions options = new KnownOptions(given.hasOrigin(), mayRead);
        Configuration configuration = Configuration.parse(name, text, variables, options);
        return plan(with(configuration, Optional.empty()));
    }

    private Plan plan(Read read) throws ConfigurationException {
        Optional<FileWatch.Seen> watched =
                read.file().filter(any -> read.options().isWatchConfig());
        if (read.configuration().isEmpty()) {
            return new Plan(
                    this,
                    read.options().settings(),
                    Optional.empty(),
                    Optional.empty(),
                    read.options().warnings());
        }
        Configuration configuration = read.configuration().get();
        Settings settings = settings(read.options(), configuration);
        Settings.Routes routes = settings.routes();
        List<Problem> failures =
                configuration.failedTests(routes.sites(), routes.url().orElse(null));
        if (!failures.isEmpty()) {
            throw new ConfigurationException(failures);
        }
        List<String> warnings = new ArrayList<>();
        configuration.warnings().forEach(warning -> warnings.add(warning.toString()));
        warnings.addAll(read.options().warnings(read.configuration()));
        return new Plan(this, settings, Optional.of(configuration), watched, warnings);
    }

    /** The settings. Options that conflict are reported as an error at the first of them in the file. */
    private static Settings settings(Options options, Configuration configuration) throws ConfigurationException {
        try {
            return options.settings(Optional.of(configuration));
        } catch (ParameterException e) {
            String message = configuration.hidden(String.valueOf(e.getMessage()));
            List<Problem> inFile = configuration.options().entrySet().stream()
                    .filter(option -> message.matches("(?s).*--" + option.getKey() + "(?![a-z-]).*"))
                    .filter(option -> !options.isGivenElsewhere("--" + option.getKey()))
                    .map(option ->
                            new Problem(configuration.file(), option.getValue().place(), option.getKey(), message))
                    .limit(1)
                    .toList();
            if (inFile.isEmpty()) {
                throw new ParameterException(e.getCommandLine(), message, e);
            }
            throw new ConfigurationException(inFile);
        }
    }

    private Options options(FileOptions file) {
        CommandLine command = CachingProxyCommand.commandLine(environment, file).setErr(err);
        command.parseArgs(args.toArray(String[]::new));
        return ((CachingProxyCommand) command.getCommand()).options();
    }

    /** A start with {@code --config file} as the only argument. */
    static Launch ofFile(Map<String, String> environment, Path file, PrintWriter err) {
        return new Launch(environment, List.of("--config", file.toString()), err);
    }
}
