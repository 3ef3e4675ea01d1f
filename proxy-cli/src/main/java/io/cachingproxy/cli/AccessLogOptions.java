package io.cachingproxy.cli;

import io.cachingproxy.cli.config.ByteSize;
import io.cachingproxy.cli.requests.AccessLog;
import io.cachingproxy.cli.requests.LogFormat;
import io.cachingproxy.jetty.events.Redaction;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Command-line options of the access log. */
final class AccessLogOptions {
    private static final ByteSize DEFAULT_MAX = new ByteSize(100 << 20);

    @Option(
            names = "--access-log",
            paramLabel = "FILE",
            description = "Log each request to this file; -: to stdout. Default: no access log.")
    private Optional<String> file = Optional.empty();

    @Option(names = "--access-log-format", paramLabel = "NAME", description = "combined (default), json or ecs.")
    private LogFormat format = LogFormat.COMBINED;

    @Option(
            names = "--access-log-sample",
            paramLabel = "RATIO",
            description = "Share of requests that are logged, above 0 to 1; errors (5xx) always. Default: 1.")
    private double sample = 1;

    @Option(
            names = "--access-log-max",
            paramLabel = "SIZE",
            description = "Size at which the file is renamed to FILE.1, and so on to FILE.5. Default: 100MiB.")
    private ByteSize max = DEFAULT_MAX;

    @Option(
            names = "--redact",
            paramLabel = "NAME[,NAME...]",
            split = ",",
            description =
                    "Parameters of queries and paths whose values are logged and shown as ***; * matches any text."
                            + " Default: *token*, *secret*, *passw*, pwd, *api_key*, *api-key*, *apikey*, key, *signature*, sig,"
                            + " *credential*, auth, authorization, *jwt*, *session*, *sessid*, code.")
    private List<String> redact = Redaction.DEFAULT;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /** Whether there is an access log. */
    boolean isOn() {
        return file.isPresent();
    }

    /** Whether the access log is a file, which is rotated. */
    boolean isFile() {
        return file.isPresent() && !file.get().equals("-");
    }

    /** Names of parameters whose values are redacted. */
    List<String> redact() {
        return redact;
    }

    /** The settings of the access log; empty without one. */
    Optional<AccessLog.Settings> settings() {
        if (!(sample > 0 && sample <= 1)) {
            throw new ParameterException(
                    spec.commandLine(),
                    EnvironmentDefaults.source(spec, "--access-log-sample") + ": " + sample
                            + " is not above 0 and at most 1");
        }
        return file.map(name -> new AccessLog.Settings(
                name.equals("-") ? Optional.empty() : Optional.of(Path.of(name)), format, sample, max.bytes(), redact));
    }
}
