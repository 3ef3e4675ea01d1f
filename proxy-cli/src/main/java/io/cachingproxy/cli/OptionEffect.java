package io.cachingproxy.cli;

import io.cachingproxy.cli.config.PolicyName;
import io.cachingproxy.origin.OriginProtocol;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A condition without which options have no effect. {@link #TABLE} has all conditions; an option without a row always
 * has an effect.
 *
 * @param options the options that need the condition; empty: all options that {@code --clear-cache} does not use
 * @param holds the condition
 * @param otherwise why there is no effect, after "has no effect"
 */
record OptionEffect(Set<String> options, Predicate<Combination> holds, String otherwise) {
    private static final Set<String> CLEARING = Set.of(
            "--clear-cache",
            "--config",
            "--redis",
            "--redis-config",
            "--redis-prefix",
            "--port",
            "--admin-port",
            "--admin-host",
            "--admin-token-file",
            "--no-admin");

    private static final List<OptionEffect> TABLE = List.of(
            of(it -> !it.clearing(), "with --clear-cache"),
            of(it -> it.policies().contains(PolicyName.OVERRIDE), "without --policy override", "--ttl"),
            of(it -> it.policies().contains(PolicyName.STANDARD), "without --policy standard", "--default-ttl"),
            of(
                    Combination::redis,
                    "without --redis or --redis-config",
                    "--redis-prefix",
                    "--redis-deadline",
                    "--no-redis-leases"),
            of(
                    Combination::admin,
                    "without an admin listener (--no-admin)",
                    "--admin-host",
                    "--admin-port",
                    "--admin-token-file",
                    "--admin-read-token-file",
                    "--admin-tls-cert",
                    "--admin-tls-key"),
            of(
                    it -> !it.clearing() || !it.redis(),
                    "with --clear-cache for a cache in Redis",
                    "--port",
                    "--admin-host",
                    "--admin-port",
                    "--admin-token-file"),
            of(Combination::accessLog, "without --access-log", "--access-log-format", "--access-log-sample"),
            of(Combination::accessLogFile, "without a file in --access-log", "--access-log-max"),
            of(
                    it -> it.admin() || it.accessLog() || it.debug(),
                    "without --access-log and an admin listener",
                    "--redact"),
            of(Combination::secureOrigin, "with an http --origin", "--origin-ca"),
            of(
                    it -> it.secureOrigin() || it.protocol() != OriginProtocol.AUTO,
                    "as auto with an http --origin: HTTP/2 is h2c there",
                    "--origin-protocol"),
            of(Combination::file, "without --config", "--check-config", "--watch-config"),
            of(
                    it -> !it.listeners(),
                    "where the file has listeners",
                    "--port",
                    "--host",
                    "--tls-cert",
                    "--tls-key",
                    "--proxy-protocol"),
            of(Combination::unnamedOrigin, "where every site has an origin of its own", "--origin"),
            of(Combination::minRate, "with --min-rate 0", "--min-rate-after"));

    /**
     * The combination of options that the conditions test.
     *
     * @param clearing whether the cache is cleared instead of served from
     * @param policies the policies of the sites and rules
     * @param file whether there is a configuration file
     * @param listeners whether the file has listeners
     * @param unnamedOrigin whether a site uses the unnamed origin
     * @param redis whether Redis is the shared store
     * @param admin whether there is an admin listener
     * @param accessLog whether there is an access log
     * @param debug whether there is a secret of debug tokens
     * @param accessLogFile whether the access log is a file
     * @param secureOrigin whether an origin uses TLS
     * @param minRate whether a minimum rate is set, so that slow clients are cut off
     */
    record Combination(
            boolean clearing,
            boolean file,
            boolean listeners,
            boolean unnamedOrigin,
            Set<PolicyName> policies,
            boolean redis,
            boolean admin,
            boolean accessLog,
            boolean debug,
            boolean accessLogFile,
            boolean secureOrigin,
            OriginProtocol protocol,
            boolean minRate) {}

    private static OptionEffect of(Predicate<Combination> holds, String otherwise, String... options) {
        return new OptionEffect(Set.of(options), holds, otherwise);
    }

    private boolean concerns(String option) {
        return options.isEmpty() ? !CLEARING.contains(option) : options.contains(option);
    }

    /**
     * Why {@code option} has no effect in this combination, as in "without --policy override"; empty if it has an
     * effect.
     */
    static Optional<String> missing(String option, Combination combination) {
        return TABLE.stream()
                .filter(row -> row.concerns(option) && !row.holds.test(combination))
                .map(OptionEffect::otherwise)
                .findFirst();
    }

    /** All options in the table. */
    static Set<String> named() {
        Set<String> named = new HashSet<>(CLEARING);
        TABLE.forEach(row -> named.addAll(row.options));
        return named;
    }
}
