package io.cachingproxy.cli;

import io.cachingproxy.HttpCache;
import io.cachingproxy.cli.config.ByteSize;
import io.cachingproxy.jetty.Limits;
import io.cachingproxy.origin.OriginTimeouts;
import java.time.Duration;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Command-line options for limits and timeouts of clients and origins. */
final class LimitOptions {
    private static final long MAX_HEADER = 1 << 20;

    @Option(
            names = "--max-connections",
            paramLabel = "N",
            description = "Connections of clients; beyond, idle ones make room. Default: 16384.")
    private int connections = Limits.DEFAULT.clients().connections();

    @Option(
            names = "--idle-timeout",
            paramLabel = "DURATION",
            description = "How long a connection of a client may be silent. Default: 60s.")
    private Duration idle = Limits.DEFAULT.clients().idle();

    @Option(
            names = "--min-rate",
            paramLabel = "SIZE",
            description = "What a client that is waited for sends at least a second; 0: anything. Default: 240.")
    private ByteSize minRate = new ByteSize(Limits.DEFAULT.clients().bytesPerSecond());

    @Option(
            names = "--min-rate-after",
            paramLabel = "DURATION",
            description = "How long a client may be slower than that. Default: 10s.")
    private Duration gracePeriod = Limits.DEFAULT.clients().gracePeriod();

    @Option(
            names = "--max-request-header",
            paramLabel = "SIZE",
            description = "Header of a request; beyond: 431, 414 for the target. Default: 16KiB.")
    private ByteSize requestHeader = new ByteSize(Limits.DEFAULT.clients().headBytes());

    @Option(
            names = "--max-response-header",
            paramLabel = "SIZE",
            description = "Header of a response of the origin; beyond: 502. Default: 64KiB.")
    private ByteSize responseHeader = new ByteSize(Limits.DEFAULT.origins().headBytes());

    @Option(
            names = "--max-header-lines",
            paramLabel = "N",
            description = "Field lines of a request or response. Default: 200.")
    private int lines = Limits.DEFAULT.clients().headers();

    @Option(
            names = "--max-origin-requests",
            paramLabel = "N",
            description = "Requests at the origin at a time. Default: 1024.")
    private int originRequests = Limits.DEFAULT.origins().requests();

    @Option(
            names = "--queue",
            paramLabel = "N",
            description = "Requests that wait for one of those to end; beyond: 503. Default: 1024.")
    private int queue = Limits.DEFAULT.origins().queue();

    @Option(
            names = "--max-waiters",
            paramLabel = "N",
            description = "Requests that wait for one they have in common; the others are forwarded. Default: 4096.")
    private int waiters = HttpCache.DEFAULT_WAITERS;

    @Option(
            names = "--origin-connect-timeout",
            paramLabel = "DURATION",
            description = "Until a connection to the origin stands; then 504. Default: 5s.")
    private Duration connect = OriginTimeouts.DEFAULT.connect();

    @Option(
            names = "--origin-first-byte-timeout",
            paramLabel = "DURATION",
            description = "From the whole request to the head of the response; then 504. Default: 60s.")
    private Duration firstByte = OriginTimeouts.DEFAULT.firstByte();

    @Option(
            names = "--origin-idle-timeout",
            paramLabel = "DURATION",
            description = "How long the origin may be silent in request and body; then 504, or a cut. Default: 30s.")
    private Duration originIdle = OriginTimeouts.DEFAULT.idle();

    @Option(
            names = "--origin-timeout",
            paramLabel = "DURATION",
            description = "For the whole of a request and its response. Default: 6h.")
    private Duration total = OriginTimeouts.DEFAULT.total();

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    Limits limits() {
        int headers = positive("--max-header-lines", lines);
        return new Limits(
                new Limits.Clients(
                        header("--max-request-header", requestHeader),
                        headers,
                        positive("--max-connections", connections),
                        between("--min-rate", 0, minRate.bytes()),
                        positive("--min-rate-after", gracePeriod),
                        positive("--idle-timeout", idle)),
                new Limits.Origins(
                        header("--max-response-header", responseHeader),
                        headers,
                        positive("--max-origin-requests", originRequests),
                        positive("--queue", queue)));
    }

    boolean hasMinRate() {
        return minRate.bytes() > 0;
    }

    int waiters() {
        return between("--max-waiters", 0, waiters);
    }

    OriginTimeouts timeouts() {
        return new OriginTimeouts(
                positive("--origin-connect-timeout", connect),
                positive("--origin-first-byte-timeout", firstByte),
                positive("--origin-idle-timeout", originIdle),
                positive("--origin-timeout", total));
    }

    private int header(String option, ByteSize size) {
        if (size.bytes() < 1024 || size.bytes() > MAX_HEADER) {
            throw wrong(option + " is between 1KiB and 1MiB");
        }
        return (int) size.bytes();
    }

    private int positive(String option, int number) {
        return between(option, 1, number);
    }

    private int between(String option, int least, long number) {
        if (number < least || number > Integer.MAX_VALUE) {
            throw wrong(option + " is at least " + least + " and at most " + Integer.MAX_VALUE);
        }
        return (int) number;
    }

    private Duration positive(String option, Duration time) {
        if (time.toMillis() == 0) {
            throw wrong(option + " is at least 1ms");
        }
        return time;
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
