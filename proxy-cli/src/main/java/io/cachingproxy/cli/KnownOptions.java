package io.cachingproxy.cli;

import io.cachingproxy.cli.config.CommandOptions;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** The options that a configuration file may set, each validated in the same way as on the command line. */
final class KnownOptions implements CommandOptions {
    private static final Set<String> ONLY_BY_HAND =
            Set.of("--help", "--version", "--clear-cache", "--config", "--check-config");

    private static final Pattern PREFIX = Pattern.compile("^Invalid value for option '[^']*'(?: \\([^)]*\\))?: ");

    private final CommandLine command = CachingProxyCommand.commandLine(Map.of());
    private final boolean hasOrigin;
    private final BiPredicate<String, String> mayRead;

    /** The options of a file of the operator. */
    KnownOptions(boolean hasOrigin) {
        this(hasOrigin, (name, file) -> true);
    }

    /** @param mayRead whether the option of this name may name that file, which is read */
    KnownOptions(boolean hasOrigin, BiPredicate<String, String> mayRead) {
        this.hasOrigin = hasOrigin;
        this.mayRead = mayRead;
    }

    @Override
    public Set<String> names() {
        Set<String> names = new TreeSet<>();
        for (OptionSpec option : command.getCommandSpec().options()) {
            if (!ONLY_BY_HAND.contains(Options.name(option))) {
                names.add(Options.name(option).substring(2));
            }
        }
        return names;
    }

    @Override
    public void check(String name, String text) {
        OptionSpec option = command.getCommandSpec().findOption("--" + name);
        boolean flag = option.arity().max() == 0;
        boolean truth = text.equals("true") || text.equals("false");
        if (flag && !truth) {
            throw new IllegalArgumentException("'" + text + "' is neither true nor false");
        }
        if (flag || text.isBlank() || (truth && name.equals("redis"))) {
            return;
        }
        if (Arrays.asList(option.auxiliaryTypes()).contains(Path.class) && !mayRead.test(name, text)) {
            throw new IllegalArgumentException(
                    "names another file than the configuration in use: files that content sent"
                            + " to the admin API names are not read");
        }
        try {
            command.parseArgs("--" + name + "=" + text);
        } catch (ParameterException e) {
            Matcher prefix = PREFIX.matcher(String.valueOf(e.getMessage()));
            throw new IllegalArgumentException(prefix.replaceFirst(""), e);
        }
    }

    @Override
    public boolean hasOrigin() {
        return hasOrigin;
    }
}
