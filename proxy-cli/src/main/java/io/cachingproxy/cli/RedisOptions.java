package io.cachingproxy.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Command-line options of the shared store, Redis. */
final class RedisOptions {
    @Option(
            names = "--redis",
            paramLabel = "URL",
            arity = "0..1",
            fallbackValue = RedisAddress.LOCAL,
            description = "Share the cache in Redis; without URL: " + RedisAddress.LOCAL + ".")
    private Optional<RedisAddress.Url> url = Optional.empty();

    @Option(names = "--redis-config", paramLabel = "FILE", description = "The same, described by a Redisson YAML file.")
    private Optional<Path> config = Optional.empty();

    @Option(
            names = "--redis-prefix",
            paramLabel = "NAME",
            description = "What all keys in Redis begin with. Default: cp.")
    private String prefix = "cp";

    @Option(
            names = "--redis-deadline",
            paramLabel = "DURATION",
            description = "How long a request waits for Redis. Default: 50ms.")
    private Duration deadline = Duration.ofMillis(50);

    @Option(
            names = "--no-redis-leases",
            description = "Let each instance ask the origin for itself, where several miss the same at once.")
    private boolean noLeases;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /** The settings of the shared store; empty if none is configured. */
    Optional<Settings.Redis> redis() {
        return address().map(address -> {
            Settings.Redis redis = new Settings.Redis(address, prefix, deadline, !noLeases);
            try {
                Stores.check(redis);
                return redis;
            } catch (IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
            }
        });
    }

    /** The address of the shared store; flags take precedence over environment variables. */
    private Optional<RedisAddress> address() {
        boolean byHand = given("--redis") || given("--redis-config");
        Optional<RedisAddress> one =
                url.filter(it -> !byHand || given("--redis")).map(RedisAddress.class::cast);
        Optional<RedisAddress> other =
                config.filter(it -> !byHand || given("--redis-config")).map(RedisAddress.ConfigFile::new);
        if (one.isPresent() && other.isPresent()) {
            throw new ParameterException(spec.commandLine(), "--redis and --redis-config exclude each other");
        }
        return Stream.of(one, other).flatMap(Optional::stream).findFirst();
    }

    private boolean given(String option) {
        return spec.commandLine().getParseResult().hasMatchedOption(option);
    }
}
