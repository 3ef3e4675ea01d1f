package io.cachingproxy.jetty.front;

import io.cachingproxy.Answer;
import io.cachingproxy.OriginException;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.jetty.events.Redaction;
import io.cachingproxy.net.JettyHeaders;
import io.cachingproxy.net.TraceParent;
import io.cachingproxy.policy.Reason;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The error log: one line for each failure that a client sees. Origin failures are at WARN; client failures are at
 * DEBUG, so that clients cannot fill the log. Each kind of failure has at most ten lines in ten seconds; the next line
 * has the number of lines left out.
 *
 * <p>A line has the method and the path without secrets, never the query. The only request fields in a line are
 * X-Request-Id and the trace id of traceparent, if well-formed. A request without X-Request-Id gets an id for the line.
 */
public final class FaultLog {
    private static final Logger LOG = LoggerFactory.getLogger(FaultLog.class);
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._:/+=@-]{1,128}");
    private static final int LONGEST = 200;

    /**
     * A request, as lines show it.
     *
     * @param path the path, with or without the query; null: unknown
     * @param headers supplies the fields of the request, for its ids
     */
    public record Subject(String method, @Nullable String path, Supplier<Headers> headers) {
        static Subject of(Request request) {
            return new Subject(
                    request.getMethod(), request.getHttpURI().getPath(), () -> JettyHeaders.of(request.getHeaders()));
        }
    }

    private final Map<OriginException.Kind, Throttle> throttles = new EnumMap<>(OriginException.Kind.class);
    private final Throttle bodies;
    private final Throttle unwritten;

    private final Redaction redaction;

    /** With the default {@link Redaction}. */
    public FaultLog(LongSupplier nanoTime) {
        this(nanoTime, Redaction.BY_DEFAULT);
    }

    /**
     * @param nanoTime a monotonic clock in nanoseconds, such as {@link System#nanoTime}
     * @param redaction of the paths
     */
    public FaultLog(LongSupplier nanoTime, Redaction redaction) {
        this.redaction = redaction;
        for (OriginException.Kind kind : OriginException.Kind.values()) {
            throttles.put(kind, new Throttle(nanoTime));
        }
        bodies = new Throttle(nanoTime);
        unwritten = new Throttle(nanoTime);
    }

    /** The error log of the server that received {@code request}. */
    static FaultLog of(Request request) {
        return of(request.getConnectionMetaData().getConnector().getServer());
    }

    /** The error log of a server. */
    public static FaultLog of(Server server) {
        FaultLog log = server.getBean(FaultLog.class);
        return log == null ? new FaultLog(System::nanoTime) : log;
    }

    /** Logs an exchange with the origin that failed without further retry, before or during the response. */
    public void origin(RequestHead request, OriginException fault) {
        String path = request.target().pathAndQuery();
        String what = fault.sentence() + reason(fault.getCause());
        error(fault.getCause());
        if (fault.kind().isOfClient()) {
            client(new Subject(request.method(), path, request::headers), what);
            return;
        }
        Throttle throttle = throttles.get(fault.kind());
        int omitted = throttle == null ? 0 : throttle.take();
        if (omitted >= 0) {
            LOG.warn(
                    "{} {}: {} {}{}{}",
                    request.method(),
                    shown(path, redaction),
                    fault.kind().status(),
                    what,
                    ids(request.headers()),
                    omitted(omitted));
        }
    }

    /** Logs a stored body that could not be read to its end. */
    void storedBody(Subject request, Throwable cause) {
        error(cause);
        int omitted = bodies.take();
        if (omitted >= 0) {
            LOG.warn(
                    "{} {}: a body broke off{}{}{}",
                    request.method(),
                    shown(request.path(), redaction),
                    reason(cause),
                    ids(request.headers().get()),
                    omitted(omitted));
        }
    }

    /** Logs a response that the proxy could not write, through no fault of its client. */
    void unwritten(Subject request, Throwable cause) {
        error(cause);
        int omitted = unwritten.take();
        if (omitted >= 0) {
            LOG.warn(
                    "{} {}: 500 the response could not be written{}{}{}",
                    request.method(),
                    shown(request.path(), redaction),
                    reason(cause),
                    ids(request.headers().get()),
                    omitted(omitted));
        }
    }

    /** Logs a JVM error with its stack trace, since watchers for such errors see only the log. */
    private static void error(@Nullable Throwable cause) {
        for (Throwable each = cause; each != null; each = each.getCause()) {
            if (each instanceof VirtualMachineError) {
                LOG.error("an exchange failed", cause);
                return;
            }
        }
    }

    /** Logs a request that was refused, or whose client disconnected or was cut off. */
    public static void client(Subject request, String what) {
        if (LOG.isDebugEnabled()) {
            LOG.debug(
                    "{} {}: {}{}",
                    request.method(),
                    shown(request.path(), Redaction.BY_DEFAULT),
                    what,
                    ids(request.headers().get()));
        }
    }

    /** Logs an answer of 400 or above as a client failure if the cache itself refused the request. */
    static void answered(Subject request, Answer answer) {
        Reason detail = LOG.isDebugEnabled() ? answer.status().detail() : null;
        if (detail == Reason.REFUSED || detail == Reason.ONLY_IF_CACHED) {
            client(request, "refused with " + answer.head().status());
        }
    }

    private static String omitted(int lines) {
        return lines == 0 ? "" : "; " + lines + " more of this kind not logged before";
    }

    private static String shown(@Nullable String pathAndQuery, Redaction redaction) {
        String path = pathAndQuery == null ? "" : pathAndQuery;
        int query = path.indexOf('?');
        String bare = query < 0 ? path : path.substring(0, query);
        return redaction.redacted(bare.length() <= LONGEST ? bare : bare.substring(0, LONGEST) + "…");
    }

    /** The kind of failure, with its message if the message comes from the JDK and contains no URL. */
    private static String reason(@Nullable Throwable cause) {
        if (cause == null) {
            return "";
        }
        String message = cause.getMessage();
        boolean harmless = message != null
                && cause.getClass().getName().startsWith("java")
                && message.length() <= LONGEST
                && message.indexOf('?') < 0;
        return " (" + cause.getClass().getSimpleName() + (harmless ? ": " + message : "") + ")";
    }

    private static String ids(Headers headers) {
        String given = headers.first("X-Request-Id");
        String id = given != null && ID.matcher(given).matches()
                ? given
                : Long.toHexString(ThreadLocalRandom.current().nextLong());
        TraceParent trace = TraceParent.of(headers);
        return " [request " + id + (trace == null ? "" : ", trace " + trace.traceId()) + "]";
    }
}
