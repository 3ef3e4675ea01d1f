package io.cachingproxy.cli.config;

import org.jspecify.annotations.Nullable;

/** The environment variables that a configuration may use. */
@FunctionalInterface
public interface Environment {
    /**
     * No variables, for content of people who may not know their values: what a configuration does with a value, such as a
     * test that fails, tells them about it.
     */
    Environment WITHHELD = name -> {
        throw new IllegalArgumentException("the environment variable " + name
                + " is not available to content that is sent to an admin API without a token:"
                + " use --admin-token-file, or check the file on disk");
    };

    /**
     * The value of a variable; null if it is not set.
     *
     * @throws IllegalArgumentException if its value may not be used
     */
    @Nullable
    String value(String name);
}
