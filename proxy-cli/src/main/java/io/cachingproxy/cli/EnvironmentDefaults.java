package io.cachingproxy.cli;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;

/** Takes options that are not given from the environment: {@code CACHING_PROXY_MAX_OBJECT_SIZE} and its like. */
record EnvironmentDefaults(Map<String, String> environment) implements IDefaultValueProvider {
    private static final Set<String> ONLY_BY_HAND = Set.of("--help", "--version", "--clear-cache");

    @Override
    public @Nullable String defaultValue(ArgSpec option) {
        return variable(option).map(environment::get).orElse(null);
    }

    /** The variable that is set for this option. */
    Optional<String> variable(ArgSpec option) {
        return names(Options.name(option)).filter(this::isSet).findFirst();
    }

    private static Stream<String> names(String option) {
        if (ONLY_BY_HAND.contains(option)) {
            return Stream.empty();
        }
        String own = "CACHING_PROXY_" + option.substring(2).replace('-', '_').toUpperCase(Locale.ROOT);
        return option.equals("--redis") ? Stream.of(own, "REDIS_URL") : Stream.of(own);
    }

    // Kubernetes sets CACHING_PROXY_PORT=tcp://10.0.0.1:80 in every pod beside a service named caching-proxy.
    private boolean isSet(String variable) {
        String value = environment.getOrDefault(variable, "");
        return !value.isBlank() && !(variable.equals("CACHING_PROXY_PORT") && value.startsWith("tcp://"));
    }

    /** No values, which may be secrets. */
    @Override
    public String toString() {
        return "the environment";
    }
}
