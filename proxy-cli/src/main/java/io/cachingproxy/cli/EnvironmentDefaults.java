package io.cachingproxy.cli;

import io.cachingproxy.cli.config.Suggestion;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Default values of options that the command line does not give: from environment variables such as {@code
 * CACHING_PROXY_MAX_OBJECT_SIZE}, otherwise from the configuration file.
 */
record EnvironmentDefaults(Map<String, String> environment, FileOptions file) implements IDefaultValueProvider {
    private static final String PREFIX = "CACHING_PROXY_";
    private static final Set<String> ONLY_BY_HAND = Set.of(
            "--help",
            "--version",
            "--clear-cache",
            "--check-config",
            "--schema",
            "--url",
            "--prefix",
            "--tag",
            "--group",
            "--all",
            "--soft",
            "--dry-run",
            "--file",
            "--sitemap",
            "--proxy",
            "--rate",
            "--concurrency",
            "--header",
            "--json");

    /** Variables that Kubernetes sets in every pod if a service has a name that begins with caching-proxy. */
    private static final Pattern SERVICE_LINK =
            Pattern.compile(PREFIX + "(.+_)?(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT_\\d+_(TCP|UDP|SCTP)(_[A-Z]+)?)");

    private static final Pattern SERVICE_URL = Pattern.compile("(tcp|udp|sctp)://.*");

    @Override
    public @Nullable String defaultValue(ArgSpec option) {
        if (!option.isOption()) {
            return null;
        }
        return variable(option)
                .map(environment::get)
                .or(() -> file.value(option))
                .orElse(null);
    }

    /** The environment variable that sets this option, if any. */
    Optional<String> variable(ArgSpec option) {
        return names(Options.name(option)).filter(this::isSet).findFirst();
    }

    /** The environment variable or the place in the file that sets this option, if any. */
    Optional<String> source(ArgSpec option) {
        return variable(option).or(() -> file.source(option));
    }

    /**
     * The source of {@code option}: the flag, the environment variable or the place in the file; the flag if the option
     * was not given.
     */
    static String source(CommandSpec spec, String option) {
        CommandSpec command = spec.commandLine().getCommandSpec(); // the spec of a nested mixin has no provider
        return spec.commandLine().getParseResult().hasMatchedOption(option)
                ? option
                : ((EnvironmentDefaults) command.defaultValueProvider())
                        .source(command.findOption(option))
                        .orElse(option);
    }

    /** Whether {@code option} was given by flag, environment variable or file. */
    static boolean isGiven(CommandSpec spec, String option) {
        return !source(spec, option).equals(option)
                || spec.commandLine().getParseResult().hasMatchedOption(option);
    }

    /** Errors about variables that begin with {@code CACHING_PROXY_} but belong to no option. */
    List<String> unknown(Collection<String> options) {
        List<String> known =
                options.stream().flatMap(EnvironmentDefaults::names).distinct().toList();
        return environment.keySet().stream()
                .filter(variable -> variable.startsWith(PREFIX) && isSet(variable) && !known.contains(variable))
                .filter(variable -> !SERVICE_LINK.matcher(variable).matches())
                .sorted()
                .map(variable -> variable + " is no option's variable" + Suggestion.question(variable, known))
                .toList();
    }

    private static Stream<String> names(String option) {
        if (ONLY_BY_HAND.contains(option)) {
            return Stream.empty();
        }
        String own = PREFIX + option.substring(2).replace('-', '_').toUpperCase(Locale.ROOT);
        return option.equals("--redis") ? Stream.of(own, "REDIS_URL") : Stream.of(own);
    }

    // Kubernetes sets CACHING_PROXY_PORT=tcp://10.0.0.1:80 in every pod if a service is named caching-proxy,
    // and CACHING_PROXY_ADMIN_PORT if a service is named caching-proxy-admin.
    private boolean isSet(String variable) {
        String value = environment.getOrDefault(variable, "");
        return !value.isBlank()
                && !(variable.endsWith("_PORT") && SERVICE_URL.matcher(value).matches());
    }

    /** Without values, which may be secrets. */
    @Override
    public String toString() {
        return "the environment and the configuration file";
    }
}
