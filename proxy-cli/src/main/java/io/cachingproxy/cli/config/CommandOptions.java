package io.cachingproxy.cli.config;

import java.util.Set;

/** The options of the command line, each of which is a key of the file too. */
public interface CommandOptions {
    /** Their names without dashes in front. */
    Set<String> names();

    /**
     * Checks a value.
     *
     * @throws IllegalArgumentException in one sentence, what is wrong with it
     */
    void check(String name, String text);

    /** Whether the command line or the environment gives an origin: sites without one go there. */
    boolean hasOrigin();
}
