package io.cachingproxy.cli;

import io.cachingproxy.cli.config.ConfigurationException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The command {@code caching-proxy check}: validates a configuration file and runs its tests, without starting the
 * proxy.
 */
@Command(
        name = "check",
        description =
                "Check a configuration file and run its tests: print all errors and exit 2, or a summary of what would run.",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true)
final class CheckCommand implements Callable<Integer> {
    private static final String SCHEMA = "configuration.schema.json";

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "The configuration file, YAML.")
    private Optional<Path> file = Optional.empty();

    @Option(names = "--schema", description = "Print the JSON Schema of configuration files, for editors.")
    private boolean schema;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    private final Map<String, String> environment;

    CheckCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() throws ConfigurationException, IOException {
        if (schema == file.isPresent()) {
            throw new ParameterException(spec.commandLine(), "check takes a FILE, or --schema");
        }
        if (schema) {
            out().println(schema());
        } else {
            CommandLine command = spec.commandLine();
            run(Launch.ofFile(environment, file.orElseThrow(), command.getErr()), command);
        }
        return CommandLine.ExitCode.OK;
    }

    /** Prints a summary of the configuration, and warnings. */
    static void run(Launch launch, CommandLine command) throws ConfigurationException {
        Launch.Plan plan = launch.plan();
        plan.warnings().forEach(warning -> ErrorLine.warn(command, warning));
        Summary.of(plan).forEach(Lines.out(command.getCommandSpec())::println);
    }

    /** The JSON Schema of configuration files. */
    static String schema() throws IOException {
        try (InputStream resource = CheckCommand.class.getResourceAsStream(SCHEMA)) {
            if (resource == null) {
                throw new IOException(SCHEMA + " is not in the jar");
            }
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8).strip();
        }
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
