package io.cachingproxy.cli.config;

import java.util.Set;

/** The command-line options, each of which is also a key of the configuration file. */
public interface CommandOptions {
    /** The names of the options, without leading dashes. */
    Set<String> names();

    /**
     * Validates the value of an option.
     *
     * @throws IllegalArgumentException if the value is invalid; the message is one sentence
     */
    void check(String name, String text);

    /** Whether the command line or the environment sets the unnamed origin, for sites that name none. */
    boolean hasOrigin();
}
