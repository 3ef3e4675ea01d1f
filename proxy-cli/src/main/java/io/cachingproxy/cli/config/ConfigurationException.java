package io.cachingproxy.cli.config;

import java.util.List;
import java.util.stream.Collectors;

/** All errors of a configuration file, or its failed tests; the message has a line for each. */
public final class ConfigurationException extends Exception {
    private static final long serialVersionUID = 1;
    private final transient List<Problem> problems;

    public ConfigurationException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** The errors in the order of the file; at least one. */
    public List<Problem> problems() {
        return problems;
    }
}
