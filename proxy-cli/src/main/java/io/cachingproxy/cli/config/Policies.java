package io.cachingproxy.cli.config;

import io.cachingproxy.policy.Policy;
import java.util.function.Function;

/**
 * What the names of policies stand for, by the options of the command line.
 *
 * @param standing where neither site nor rule names one
 */
public record Policies(Policy standing, Function<PolicyName, Policy> named) {
    /** Those of a command line without options. */
    public static final Policies DEFAULT = new Policies(
            Policy.standard(Policy.DEFAULT_TTL), name -> name.policy(Policy.DEFAULT_TTL, Policy.DEFAULT_TTL));
}
