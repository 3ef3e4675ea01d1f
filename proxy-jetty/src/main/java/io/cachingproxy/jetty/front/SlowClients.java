package io.cachingproxy.jetty.front;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.ServerConnector;

/**
 * Closes the connections of slow clients, which send the head or content of a request below the minimum rate
 * (slowloris).
 *
 * <p>All connections are checked once a second, at no cost per request. Only the time that the proxy waits for the rest
 * of a message counts, not the time that it waits for the origin or for the beginning of a request. Over HTTP/2, whose
 * messages are multiplexed, the unit is a frame, or a head in several frames, and {@link ServerContent} checks the
 * content of each message. Complete frames that request nothing, such as PING, only keep the connection alive.
 *
 * <p>A slow reader is visible only in steps, since the operating system buffers megabytes ahead of the client and
 * accepts more when a third of them has been read. The idle timeout would therefore cut off clients that read at less
 * than some 22 kB/s; writes have the timeout {@link #READING} instead, which suffices for 8 kB/s.
 */
public final class SlowClients implements Runnable {
    /** Timeout of a write that waits for the client to read. */
    public static final Duration READING = Duration.ofMinutes(3);

    private final ServerConnector connector;
    private final long idleMillis;
    private final long readingMillis;
    private final MinimumRate rate;
    private Map<EndPoint, Pace> paces = Map.of();

    /**
     * The connections of {@code connector}.
     *
     * @param idle the idle timeout of a connection
     * @param rate the minimum rate of a request
     */
    public SlowClients(ServerConnector connector, Duration idle, MinimumRate rate) {
        this(connector, idle, READING, rate);
    }

    /**
     * The same with another timeout of writes.
     *
     * @param reading the timeout of a write that waits for the client to read; at least {@code idle}
     */
    public SlowClients(ServerConnector connector, Duration idle, Duration reading, MinimumRate rate) {
        this.connector = connector;
        this.idleMillis = idle.toMillis();
        this.readingMillis = Math.max(idleMillis, reading.toMillis());
        this.rate = rate;
    }

    @Override
    public void run() {
        Map<EndPoint, Pace> now = new HashMap<>();
        for (EndPoint client : connector.getConnectedEndPoints()) {
            adapt(client);
            Connection outer = client.getConnection();
            Connection inner =
                    outer instanceof SslConnection tls ? tls.getSslEndPoint().getConnection() : outer;
            if (inner == null) {
                continue;
            }
            if (inner instanceof ProxyHeaderConnection header && header.isLate(rate.gracePeriod())) {
                client.close(new TimeoutException("no header of the PROXY protocol in time"));
                continue;
            }
            Pace pace = pace(client, outer, inner);
            if (rate.isMissed(pace.sent, TimeUnit.MILLISECONDS.toNanos(pace.waitedMillis))) {
                client.close(new TimeoutException("slower than " + rate.bytesPerSecond() + " bytes a second"));
            } else {
                now.put(client, pace);
            }
        }
        paces = now;
    }

    /** Applies the write timeout to connections with a pending write, and the idle timeout to all others. */
    private void adapt(EndPoint client) {
        boolean written = isWrittenTo(client);
        if (written && client.getIdleTimeout() == idleMillis) {
            client.setIdleTimeout(readingMillis);
        } else if (!written && client.getIdleTimeout() == readingMillis) {
            client.setIdleTimeout(idleMillis);
        }
    }

    /** Whether a write waits for the client to read. */
    public static boolean isWrittenTo(EndPoint client) {
        return client instanceof AbstractEndPoint point
                && point.getWriteFlusher().isPending();
    }

    private Pace pace(EndPoint client, Connection outer, Connection inner) {
        boolean waiting = client.isFillInterested();
        long message = message(inner);
        Pace before = paces.get(client);
        if (before == null || before.inner != inner || before.message != message) {
            return new Pace(inner, message, outer.getBytesIn(), 0, 0, waiting);
        }
        long sent = outer.getBytesIn() - before.base;
        boolean waited = sent > 0 && waiting && before.waiting;
        long waitedMillis = before.waitedMillis + (waited ? Periodic.MILLIS : 0);
        return new Pace(inner, message, before.base, sent, waitedMillis, waiting);
    }

    /**
     * The identity of the current message. In HTTP/2: the time of the first byte of a frame, which Jetty's parser keeps
     * until a head has ended.
     */
    private static long message(Connection inner) {
        return inner instanceof HTTP2Connection http2
                ? http2.getSession().getParser().getBeginNanoTime()
                : inner.getMessagesIn() + inner.getMessagesOut();
    }

    /**
     * The progress of a client in sending one message.
     *
     * @param inner the connection that reads the message; changes after a handshake, or when the client starts HTTP/2
     * @param message a number that changes when a request begins and when its response ends; in HTTP/2 with each frame,
     *     where a head in several frames counts as one
     * @param base the number of bytes received before the message
     * @param sent the number of bytes received since
     * @param waiting whether the proxy is waiting for more bytes
     */
    private record Pace(Connection inner, long message, long base, long sent, long waitedMillis, boolean waiting) {}
}
