package io.cachingproxy.cli;

import io.cachingproxy.cli.config.ByteSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Command-line options for the size of the store in memory. */
final class MemoryOptions {
    private static final ByteSize LEAST_OBJECT = new ByteSize(1000);

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            description = "Memory of the cache, with Redis of the near cache; at most a third of the heap (java -Xmx)."
                    + " Default: 256MB.")
    private Optional<ByteSize> memory = Optional.empty();

    @Option(
            names = "--max-object-size",
            paramLabel = "SIZE",
            description = "Larger bodies are not stored. Default: 32MB.")
    private ByteSize maxObjectSize = ByteSize.megabytes(32);

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    ByteSize memory() {
        return size().bytes();
    }

    private MemorySize size() {
        return valid(
                "--memory", () -> MemorySize.of(memory, Runtime.getRuntime().maxMemory()));
    }

    ByteSize maxObject() {
        return valid("--max-object-size", () -> {
            if (maxObjectSize.bytes() < LEAST_OBJECT.bytes()) {
                throw new IllegalArgumentException(MemorySize.tooSmall(maxObjectSize, LEAST_OBJECT));
            }
            return maxObjectSize;
        });
    }

    /** Warnings about sizes that were reduced, with the reason. */
    List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        MemorySize size = size();
        size.warning().ifPresent(warning -> warnings.add(source("--memory") + ": " + warning));
        if (maxObjectSize.bytes() > size.bytes().bytes() && EnvironmentDefaults.isGiven(spec, "--max-object-size")) {
            warnings.add(source("--max-object-size") + ": " + maxObjectSize + " is more than the memory of "
                    + size.bytes() + ", which is the limit for bodies in memory");
        }
        return warnings;
    }

    private <T> T valid(String option, Supplier<T> value) {
        try {
            return value.get();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), source(option) + ": " + e.getMessage());
        }
    }

    private String source(String option) {
        return EnvironmentDefaults.source(spec, option);
    }
}
