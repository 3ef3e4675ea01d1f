package io.cachingproxy.cli;

import io.cachingproxy.cli.config.Durations;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code caching-proxy debug-token}: prints a token for the request field Cache-Debug. */
@Command(
        name = "debug-token",
        description =
                "Print a token: responses to requests with it in the field Cache-Debug say how they were decided.",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        footer = {"", "Exit codes: 0 done, 2 wrong usage."})
final class DebugTokenCommand implements Callable<Integer> {
    private static final Duration LONGEST = Duration.ofDays(30);

    @Option(
            names = "--secret-file",
            paramLabel = "FILE",
            required = true,
            description = "The file of --debug-secret-file.")
    @SuppressWarnings("NullAway.Init")
    private Path secretFile;

    @Option(
            names = "--expires",
            paramLabel = "DURATION",
            description = "How long the token is valid, at most 30 days. Default: 1h.")
    private Duration expires = Duration.ofHours(1);

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (expires.compareTo(Duration.ofSeconds(1)) < 0 || expires.compareTo(LONGEST) > 0) {
            throw wrong("--expires " + Durations.text(expires) + " is not between 1s and 30 days");
        }
        try {
            Lines.out(spec)
                    .println(DebugSecret.in(secretFile).token(Instant.now().plus(expires)));
        } catch (IllegalArgumentException e) {
            throw wrong("--secret-file: " + e.getMessage());
        }
        return CommandLine.ExitCode.OK;
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
