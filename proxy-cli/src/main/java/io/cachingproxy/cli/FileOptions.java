package io.cachingproxy.cli;

import io.cachingproxy.cli.config.Configuration;
import io.cachingproxy.cli.config.Problem;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.ArgSpec;

/**
 * The options of the command line that the configuration file gives.
 *
 * @param file its name
 * @param options by their names without dashes
 */
record FileOptions(String file, Map<String, Configuration.Option> options) {
    static final FileOptions NONE = new FileOptions("", Map.of());

    static FileOptions of(Configuration configuration) {
        return new FileOptions(configuration.file(), configuration.options());
    }

    /** The value for an option, if it has one in the file; an empty one is none. */
    Optional<String> value(ArgSpec option) {
        String name = Options.name(option);
        Configuration.Option given = options.get(name.replaceFirst("^--", ""));
        if (given == null || given.text().isBlank()) {
            return Optional.empty();
        }
        return name.equals("--redis") ? redis(given.text()) : Optional.of(given.text());
    }

    /** As {@code --redis} takes no value, too. */
    private static Optional<String> redis(String text) {
        return switch (text) {
            case "true" -> Optional.of(RedisAddress.LOCAL);
            case "false" -> Optional.empty();
            default -> Optional.of(text);
        };
    }

    /** Where the file has the option: {@code file:line:column: name}. */
    Optional<String> source(ArgSpec option) {
        String name = Options.name(option).replaceFirst("^--", "");
        return value(option).map(any -> {
            Configuration.Option given = options.get(name);
            return given == null ? name : new Problem(file, given.place(), "", name).toString();
        });
    }

    /** No values, which may be secrets. */
    @Override
    public String toString() {
        return file;
    }
}
