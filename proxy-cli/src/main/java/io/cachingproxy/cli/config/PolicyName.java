package io.cachingproxy.cli.config;

import io.cachingproxy.policy.Policy;
import java.time.Duration;

/** The name of a policy in {@code --policy}. */
public enum PolicyName {
    STANDARD,
    RFC9111,
    OVERRIDE;

    public static PolicyName parse(String text) {
        for (PolicyName name : values()) {
            if (name.name().equalsIgnoreCase(text)) {
                return name;
            }
        }
        throw new IllegalArgumentException("'" + text + "' is not a policy: standard, rfc9111 or override");
    }

    public Policy policy(Duration defaultTtl, Duration ttl) {
        return switch (this) {
            case STANDARD -> Policy.standard(defaultTtl);
            case RFC9111 -> Policy.rfc9111();
            case OVERRIDE -> Policy.override(ttl);
        };
    }

    /** The name with the default TTL: {@code standard (default TTL 300s)}. */
    public static String described(Policy policy) {
        if (policy.defaultTtl().isZero()) {
            return policy.name();
        }
        return policy.name() + (policy.override() ? " (TTL " : " (default TTL ") + Durations.text(policy.defaultTtl())
                + ")";
    }
}
