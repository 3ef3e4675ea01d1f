package io.cachingproxy.cli.config;

import io.cachingproxy.policy.Policy;
import java.util.function.Function;

/**
 * The policies by name, configured by the command-line options.
 *
 * @param byDefault the policy of sites that name none
 */
public record Policies(Policy byDefault, Function<PolicyName, Policy> named) {
    /** The policies without command-line options. */
    public static final Policies DEFAULT = new Policies(
            Policy.standard(Policy.DEFAULT_TTL), name -> name.policy(Policy.DEFAULT_TTL, Policy.DEFAULT_TTL));
}
