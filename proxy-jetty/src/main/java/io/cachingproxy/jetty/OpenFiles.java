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
 * The limit of the operating system on open files (nofile), of which each connection takes one. A process at that limit
 * can accept nobody, not even to make room, so fewer connections are taken where it is too low.
 *
 * @param most how many there may be
 * @param open how many there are
 */
record OpenFiles(long most, long open) {
    private static final Logger LOG = LoggerFactory.getLogger(OpenFiles.class);
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final Path OPEN = Path.of("/proc/self/fd");

    /** What the store, the admin listener, certificates and jars may take. */
    private static final int RESERVE = 64;

    /** The share of the rest that is kept for connections to the origin, as its divisor. */
    private static final int ORIGIN = 4;

    /** Of this process. On Linux from /proc, since Java's own way would take a tenth of the start. */
    static OpenFiles now() {
        try (Stream<String> limits = Files.lines(LIMITS);
                Stream<Path> open = Files.list(OPEN)) {
            long most = limits.filter(line -> line.startsWith("Max open files"))
                    .flatMap(line -> Arrays.stream(line.split(" +")))
                    .filter(word -> word.matches("\\d{1,18}")) // else unlimited
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

    /** These limits, or lower ones that the process can keep, which are logged. */
    Limits fit(Limits wanted) {
        long free = most - open - RESERVE;
        if (wanted.connections() + (long) wanted.originRequests() <= free) {
            return wanted;
        }
        int origin = (int) Math.max(1, Math.min(wanted.originRequests(), free / ORIGIN));
        int clients = (int) Math.max(1, Math.min(wanted.connections(), free - origin));
        LOG.warn(
                "The process may open {} files (ulimit -n): {} client connections (--max-connections {}) and {} requests at"
                        + " the origin (--max-origin-requests {}) at a time",
                most,
                clients,
                wanted.connections(),
                origin,
                wanted.originRequests());
        return wanted.withConnections(clients).withOriginRequests(origin, wanted.queue());
    }
}
