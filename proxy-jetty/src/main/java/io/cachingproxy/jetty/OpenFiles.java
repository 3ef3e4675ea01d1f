package io.cachingproxy.jetty;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operating system's limit on open files (nofile); each connection takes one. A process at that limit cannot accept
 * connections, and does not close idle ones early, so the limit of connections is lowered to fit.
 *
 * @param most the limit on open files
 * @param open the number of open files now
 */
record OpenFiles(long most, long open) {
    private static final Logger LOG = LoggerFactory.getLogger(OpenFiles.class);
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final Path OPEN = Path.of("/proc/self/fd");

    /** Number of files reserved for the store, certificates and jars. */
    private static final int RESERVE = 64;

    /** Divisor of the share of the remaining files that is reserved for origin connections. */
    private static final int ORIGIN = 4;

    /** The values of this process. On Linux from /proc, because the JDK's API would take a tenth of the startup time. */
    static OpenFiles now() {
        try (Stream<String> limits = Files.lines(LIMITS);
                Stream<Path> open = Files.list(OPEN)) {
            long most = limits.filter(line -> line.startsWith("Max open files"))
                    .flatMap(line -> Arrays.stream(line.split(" +")))
                    .filter(word -> word.matches("\\d{1,18}")) // otherwise the limit is "unlimited"
                    .mapToLong(Long::parseLong)
                    .findFirst()
                    .orElse(Long.MAX_VALUE);
            return new OpenFiles(most, open.count());
        } catch (IOException elsewhere) {
            return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                    ? new OpenFiles(unix.getMaxFileDescriptorCount(), unix.getOpenFileDescriptorCount())
                    : new OpenFiles(Long.MAX_VALUE, 0);
        }
    }

    /**
     * The given limits, lowered to the limit on open files if necessary, which is logged.
     *
     * @param others number of connections of other listeners of the process
     */
    Limits fit(Limits wanted, int others) {
        long free = most - open - RESERVE - others;
        if (wanted.clients().connections() + (long) wanted.origins().requests() <= free) {
            return wanted;
        }
        int origin = (int) Math.max(1, Math.min(wanted.origins().requests(), free / ORIGIN));
        int clients = (int) Math.max(1, Math.min(wanted.clients().connections(), free - origin));
        LOG.warn(
                "The process may open {} files (ulimit -n): {} client connections (--max-connections {}) and {} requests at"
                        + " the origin (--max-origin-requests {}) at a time",
                most,
                clients,
                wanted.clients().connections(),
                origin,
                wanted.origins().requests());
        return wanted.withConnections(clients)
                .withOriginRequests(origin, wanted.origins().queue());
    }
}
