package io.cachingproxy.testkit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import redis.embedded.core.ExecutableProvider;

/** The {@code redis-server} binaries that tests run on. */
public enum RedisBinary {
    /** The binary in the jar of embedded-redis: Redis 6.2. */
    EMBEDDED,

    /** The binary in {@code REDIS_SERVER}, else the first {@code redis-server} or {@code valkey-server} on the PATH. */
    INSTALLED;

    /** The path of the binary; skips the test where there is none. */
    String path() {
        if (this == EMBEDDED) {
            return Embedded.FILE.getAbsolutePath();
        }
        Optional<String> installed = installed();
        Assumptions.assumeTrue(installed.isPresent(), "no redis-server or valkey-server on the PATH");
        return installed.orElseThrow();
    }

    private static Optional<String> installed() {
        String given = System.getenv("REDIS_SERVER");
        if (given != null && !given.isBlank()) {
            return Optional.of(given);
        }
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .flatMap(
                        directory -> Stream.of(Path.of(directory, "redis-server"), Path.of(directory, "valkey-server")))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    private static final class Embedded {
        static final File FILE = extracted();

        private static File extracted() {
            try {
                return ExecutableProvider.newJarResourceProvider().get();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
