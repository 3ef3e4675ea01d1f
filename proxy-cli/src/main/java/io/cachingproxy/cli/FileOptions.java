package io.cachingproxy.cli;

import io.cachingproxy.cli.config.Configuration;
import io.cachingproxy.cli.config.Problem;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.ArgSpec;

/**
 * Command-line options that the configuration file sets.
 *
 * @param file the name of the file
 * @param options the options by name, without dashes
 */
record FileOptions(String file, Map<String, Configuration.Option> options) {
    static final FileOptions NONE = new FileOptions("", Map.of());

    static FileOptions of(Configuration configuration) {
        return new FileOptions(configuration.file(), configuration.options());
    }

    /** The value of an option in the file; empty if the file does not set it, or sets it to an empty value. */
    Optional<String> value(ArgSpec option) {
        String name = Options.name(option);
        Configuration.Option given = options.get(name.replaceFirst("^--", ""));
        if (given == null || given.text().isBlank()) {
            return Optional.empty();
        }
        return name.equals("--redis") ? redis(given.text()) : Optional.of(given.text());
    }

    /** The value of {@code --redis}, which may also be given without a value. */
    private static Optional<String> redis(String text) {
        return switch (text) {
            case "true" -> Optional.of(RedisAddress.LOCAL);
            case "false" -> Optional.empty();
            default -> Optional.of(text);
        };
    }

    /** The place of the option in the file: {@code file:line:column: name}. */
    Optional<String> source(ArgSpec option) {
        String name = Options.name(option).replaceFirst("^--", "");
        return value(option).map(any -> {
            Configuration.Option given = options.get(name);
            return given == null ? name : new Problem(file, given.place(), "", name).toString();
        });
    }

    /** Without values, which may be secrets. */
    @Override
    public String toString() {
        return file;
    }
}
