package io.cachingproxy.cli;

import io.cachingproxy.cli.config.ByteSize;
import io.cachingproxy.cli.config.ConfigurationException;
import io.cachingproxy.cli.config.Durations;
import io.cachingproxy.cli.config.OriginUrl;
import io.cachingproxy.cli.config.PolicyName;
import io.cachingproxy.cli.requests.LogFormat;
import io.cachingproxy.http.AddressRanges;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/**
 * The command {@code caching-proxy}: runs the proxy until a stop signal, or clears a cache.
 *
 * <p>Exit codes: 0 success, 1 failure, 2 wrong usage, 3 out of memory; the last three with one line on stderr.
 */
@Command(
        name = "caching-proxy",
        description = "An HTTP cache in front of one origin, or of many sites.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        usageHelpAutoWidth = true,
        sortOptions = false,
        abbreviateSynopsis = true,
        footer = {
            "",
            "SIZE is a number of bytes, or such as 256MB or 1GiB; DURATION such as 500ms, 300s, 5m or 1h.",
            "An option not given is taken from the environment: CACHING_PROXY_ORIGIN for --origin, and so on;"
                    + " REDIS_URL for --redis; or else from the configuration file.",
            "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 out of memory."
        })
final class CachingProxyCommand implements Callable<Integer> {
    @Mixin
    private final Options options = new Options();

    @Option(
            names = "--clear-cache",
            description =
                    "Clear this cache: in Redis with --redis or --redis-config, else in the instance running at --admin-port.")
    private boolean clearCache;

    private final Map<String, String> environment;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /** The command line of this command and its subcommands, with defaults from the environment. */
    static CommandLine commandLine(Map<String, String> environment) {
        CommandLine command = new CommandLine(new CachingProxyCommand(environment))
                .addSubcommand(new CheckCommand(environment))
                .addSubcommand(new PurgeCommand())
                .addSubcommand(new ExplainCommand(environment))
                .addSubcommand(new DebugTokenCommand())
                .addSubcommand(new StatsCommand())
                .addSubcommand(new WarmCommand())
                .addSubcommand(new PreviewCommand())
                .addSubcommand(new AdviseCommand())
                .addSubcommand("completion", new AutoComplete.GenerateCompletion());
        configure(command, new EnvironmentDefaults(environment, FileOptions.NONE));
        HelpTopic.group(command);
        return command;
    }

    /** The command line without subcommands, with defaults from the environment and a configuration file. */
    static CommandLine commandLine(Map<String, String> environment, FileOptions file) {
        CommandLine command = new CommandLine(new CachingProxyCommand(environment));
        configure(command, new EnvironmentDefaults(environment, file));
        return command;
    }

    private static void configure(CommandLine command, EnvironmentDefaults defaults) {
        ErrorLine errors = new ErrorLine(defaults);
        command.setCaseInsensitiveEnumValuesAllowed(true)
                .setDefaultValueProvider(defaults)
                .setParameterExceptionHandler(errors)
                .setExecutionExceptionHandler(errors)
                .registerConverter(URI.class, converter(OriginUrl::parse))
                .registerConverter(RedisAddress.Url.class, converter(RedisAddress::parse))
                .registerConverter(AddressRanges.class, converter(AddressRanges::parse))
                .registerConverter(PolicyName.class, converter(PolicyName::parse))
                .registerConverter(LogFormat.class, converter(LogFormat::parse))
                .registerConverter(Port.class, converter(Port::parse))
                .registerConverter(ByteSize.class, converter(ByteSize::parse))
                .registerConverter(Duration.class, converter(Durations::parse));
    }

    private static <T> ITypeConverter<T> converter(Function<String, T> parse) {
        return text -> {
            try {
                return parse.apply(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        };
    }

    private CachingProxyCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    Options options() {
        return options;
    }

    @Override
    public Integer call() throws Failure, ConfigurationException, InterruptedException {
        List<String> args = spec.commandLine().getParseResult().originalArgs();
        Launch launch = new Launch(environment, args, spec.commandLine().getErr());
        if (clearCache) {
            clear(launch.read(options).options());
        } else if (options.isCheckConfig() && options.config().isPresent()) {
            CheckCommand.run(launch, spec.commandLine());
        } else {
            serve(launch.plan(options));
        }
        return CommandLine.ExitCode.OK;
    }

    private void clear(Options all) throws Failure {
        Logging.off();
        Clearing.Target target = all.clearing();
        all.clearingWarnings().forEach(this::warn);
        target.clear();
        spec.commandLine().getOut().println("Cache cleared");
    }

    private void serve(Launch.Plan plan) throws Failure, InterruptedException {
        plan.warnings().forEach(this::warn);
        NameCache.shorten(plan.settings().routes());
        Lines out = Lines.out(spec);
        Instance instance = Instance.start(plan);
        ServiceManager manager = new ServiceManager(environment);
        Thread stop = new Thread(
                () -> {
                    manager.stopping();
                    instance.stop(out::println);
                },
                "stop");
        Runtime.getRuntime().addShutdownHook(stop);
        out.println(instance.toString());
        manager.ready(instance.toString());
        instance.awaitStop();
    }

    private void warn(String message) {
        ErrorLine.warn(spec.commandLine(), message);
    }
}
