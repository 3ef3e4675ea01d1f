package io.cachingproxy.cli;

import io.cachingproxy.cli.config.Configuration;
import io.cachingproxy.cli.config.OriginUrl;
import io.cachingproxy.cli.config.Policies;
import io.cachingproxy.cli.config.PolicyName;
import io.cachingproxy.jetty.ListenerSettings;
import io.cachingproxy.origin.ConfiguredOrigin;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.rules.Rules;
import io.cachingproxy.rules.Site;
import io.cachingproxy.rules.Sites;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The options as given, each validated individually; {@link #settings()} and {@link #clearing()} check that they are
 * consistent.
 */
final class Options {
    @Option(
            names = "--origin",
            paramLabel = "URL",
            description = "Where responses come from: http or https, a path prefix allowed.")
    private Optional<URI> origin = Optional.empty();

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Configuration file, YAML: sites, rules, origins, and options by their names.")
    private Optional<Path> config = Optional.empty();

    @Option(
            names = "--check-config",
            description = "Check --config and run its tests, and do not serve: print errors, or what would run.")
    private boolean checkConfig;

    @Option(
            names = "--watch-config",
            description = "Reload --config when the file changes. Default: on SIGHUP and by the admin listener only.")
    private boolean watchConfig;

    @Option(names = "--port", paramLabel = "N", description = "Port to listen on; 0: a free one. Default: 8000.")
    private Port port = new Port(8000);

    @Option(names = "--host", paramLabel = "ADDR", description = "Address to listen on. Default: 127.0.0.1.")
    private String host = "127.0.0.1";

    @Mixin
    private final RedisOptions redis = new RedisOptions();

    @Mixin
    private final MemoryOptions memory = new MemoryOptions();

    @Option(names = "--policy", paramLabel = "NAME", description = "standard (default), rfc9111 or override.")
    private PolicyName policy = PolicyName.STANDARD;

    @Option(
            names = "--default-ttl",
            paramLabel = "DURATION",
            description = "With standard: how long a 200 without explicit freshness is kept. Default: 300s.")
    private Duration defaultTtl = Policy.DEFAULT_TTL;

    @Option(
            names = "--ttl",
            paramLabel = "DURATION",
            description = "With override: how long every 200 is kept. Default: 300s.")
    private Duration ttl = Policy.DEFAULT_TTL;

    @Option(
            names = "--fetch-whole",
            description =
                    "Forward a GET on a miss without the client's If-None-Match and If-Modified-Since, so that the"
                            + " response can be stored. Default: forwarded as it is.")
    private boolean fetchWhole;

    @Mixin
    private final AdminOptions admin = new AdminOptions();

    @Mixin
    private final AccessLogOptions accessLog = new AccessLogOptions();

    @Mixin
    private final ConnectionOptions connections = new ConnectionOptions();

    /** The routes of the last read. */
    private Settings.@Nullable Routes routes;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /** The long name of an option. */
    static String name(ArgSpec option) {
        return ((OptionSpec) option).longestName();
    }

    /** The configuration file, if any. */
    Optional<Path> config() {
        return config;
    }

    boolean isWatchConfig() {
        return watchConfig;
    }

    boolean isCheckConfig() {
        return checkConfig;
    }

    /** Whether the unnamed origin is given. */
    boolean hasOrigin() {
        return origin.isPresent();
    }

    /** Whether an option is given by flag or environment variable, which take precedence over the file. */
    boolean isGivenElsewhere(String option) {
        return given(option) || defaults().variable(spec.findOption(option)).isPresent();
    }

    /** The settings of the proxy, without a configuration file. */
    Settings settings() {
        return settings(Optional.empty());
    }

    /** The settings of the proxy, with the sites of a configuration file. */
    Settings settings(Optional<Configuration> configuration) {
        Settings.Routes routes = routes(configuration);
        List<ListenerSettings> listeners = connections.listeners(listeners(configuration), host, port);
        Settings settings = new Settings(
                routes,
                listeners,
                admin.admin(new Port(listeners.get(0).port())),
                new Settings.Logged(accessLog.settings(), accessLog.redact()),
                policy(),
                new Settings.Storage(memory.memory(), memory.maxObject(), redis.redis()),
                connections.connections(routes.urls()));
        withoutEffect(false, true, configuration).findFirst().ifPresent(unused -> {
            throw wrong(unused);
        });
        return settings;
    }

    private static List<ListenerSettings> listeners(Optional<Configuration> configuration) {
        return configuration.map(Configuration::listeners).orElse(List.of());
    }

    private Settings.Routes routes(Optional<Configuration> configuration) {
        Settings.Routes known = routes;
        if (known == null) {
            known = read(configuration);
            routes = known;
        }
        return known;
    }

    private Settings.Routes read(Optional<Configuration> configuration) {
        if (checkConfig && configuration.isEmpty()) {
            throw wrong("--check-config checks a configuration file: write --config FILE");
        }
        Optional<ConfiguredOrigin> unnamed =
                origin.map(url -> ConfiguredOrigin.of(url)).or(() -> configuration.flatMap(Configuration::onlyOrigin));
        Sites sites = configuration
                .map(it -> it.compiled(new Policies(policy(), this::policy)))
                .orElseGet(() -> Sites.of(Site.everything(policy(), Rules.NONE)));
        Settings.Routes read = new Settings.Routes(
                unnamed,
                configuration.map(Configuration::configuredOrigins).orElse(Map.of()),
                sites,
                configuration.map(Configuration::usedOrigins).orElse(Set.of()));
        if (unnamed.isEmpty() && read.usesUnnamed()) {
            throw wrong("Missing --origin URL, such as --origin https://example.org"
                    + configuration.map(it -> ", or origins in " + it.file()).orElse(""));
        }
        return read;
    }

    private Policy policy() {
        return policy(policy);
    }

    private Policy policy(PolicyName name) {
        Policy chosen = name.policy(defaultTtl, ttl);
        return fetchWhole ? chosen.fetchingWhole() : chosen;
    }

    /** Warnings about options that do not prevent a start. */
    List<String> warnings() {
        return warnings(Optional.empty());
    }

    /** The same for options with the sites of a configuration file. */
    List<String> warnings(Optional<Configuration> configuration) {
        List<String> names = spec.options().stream().map(Options::name).toList();
        return Stream.of(
                        withoutEffect(false, false, configuration),
                        defaults().unknown(names).stream(),
                        memory.warnings().stream())
                .flatMap(it -> it)
                .toList();
    }

    /** The cache to clear: Redis if given, otherwise the running instance. */
    Clearing.Target clearing() {
        Optional<Settings.Redis> shared = redis.redis();
        if (shared.isPresent()) {
            return Clearing.redis(shared.get());
        }
        return Clearing.instance(admin.admin(port)
                .filter(listener -> listener.port().number() != 0)
                .orElseThrow(() -> wrong("--clear-cache needs --redis, or the --admin-port of a running instance")));
    }

    /**
     * Warnings about flags without effect when clearing. Environment variables are ignored, since they are meant for the
     * serving instances.
     */
    List<String> clearingWarnings() {
        return withoutEffect(true, true, Optional.empty()).toList();
    }

    /**
     * Options without effect, one sentence each: either those given by flag, or those given by environment variable or
     * file.
     */
    private Stream<String> withoutEffect(boolean clearing, boolean byHand, Optional<Configuration> configuration) {
        OptionEffect.Combination combination = combination(clearing, configuration);
        return spec.options().stream()
                .filter(option -> given(name(option)) == byHand)
                .filter(option -> byHand || defaults().source(option).isPresent())
                .flatMap(option -> OptionEffect.missing(name(option), combination).stream()
                        .map(why -> EnvironmentDefaults.source(spec, name(option)) + " has no effect " + why));
    }

    private OptionEffect.Combination combination(boolean clearing, Optional<Configuration> configuration) {
        Set<PolicyName> policies = EnumSet.of(policy);
        configuration.ifPresent(it -> policies.addAll(it.policies()));
        return new OptionEffect.Combination(
                clearing,
                config.isPresent(),
                !listeners(configuration).isEmpty(),
                clearing || routes(configuration).usesUnnamed(),
                policies,
                redis.redis().isPresent(),
                admin.isOn(),
                accessLog.isOn(),
                connections.hasDebugSecret(),
                accessLog.isFile(),
                clearing || routes(configuration).urls().stream().anyMatch(OriginUrl::isSecure),
                connections.originProtocol(),
                connections.hasMinRate());
    }

    private boolean given(String option) {
        return spec.commandLine().getParseResult().hasMatchedOption(option);
    }

    private EnvironmentDefaults defaults() {
        return (EnvironmentDefaults) spec.defaultValueProvider();
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
