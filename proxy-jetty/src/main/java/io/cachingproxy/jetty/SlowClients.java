package io.cachingproxy.jetty;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.ServerConnector;

/**
 * Closes the connections of clients that send a message more slowly than anyone has to: a byte of the head now and then,
 * or of the content.
 *
 * <p>It looks at all connections once a second, and costs a request nothing. Only the time counts in which the proxy
 * waits for the rest of a message: while it waits for the origin, or for the client to ask anything at all, nobody is
 * slow. Over HTTP/2, whose messages come side by side, it is a frame that is waited for, or a head in several frames, and
 * {@link ServerContent} looks at the content of each message. Whoever sends whole frames that ask for nothing, as PING,
 * only says that the connection is alive.
 *
 * <p>Who reads slowly is seen only in steps, since the system takes megabytes ahead of the client and asks for more when
 * a third of them is gone. So it is not the idle time-out that a write runs into, which would cut off whoever takes less
 * than some 22 kB/s, but {@link #READING}: enough for 8 kB/s.
 */
final class SlowClients implements Runnable {
    /** How long a write may wait for the client. */
    static final Duration READING = Duration.ofMinutes(3);

    private final ServerConnector connector;
    private final long idleMillis;
    private final long readingMillis;
    private final int bytesPerSecond;
    private final Duration patience;
    private final long patienceMillis;
    private Map<EndPoint, Pace> paces = Map.of();

    SlowClients(ServerConnector connector, Limits limits) {
        this.connector = connector;
        this.bytesPerSecond = limits.bytesPerSecond();
        this.idleMillis = limits.idle().toMillis();
        this.readingMillis = Math.max(idleMillis, READING.toMillis());
        this.patience = limits.patience();
        this.patienceMillis = limits.patience().toMillis();
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
            if (inner instanceof ProxyHeaderConnection header && header.isLate(patience)) {
                client.close(new TimeoutException("no header of the PROXY protocol in time"));
                continue;
            }
            Pace pace = pace(client, outer, inner);
            if (pace.waitedMillis > patienceMillis && pace.sent * 1000 < bytesPerSecond * pace.waitedMillis) {
                client.close(new TimeoutException("slower than " + bytesPerSecond + " bytes a second"));
            } else {
                now.put(client, pace);
            }
        }
        paces = now;
    }

    /** Gives a client that is written to the time for that. */
    private void adapt(EndPoint client) {
        boolean written = isWrittenTo(client);
        if (written && client.getIdleTimeout() == idleMillis) {
            client.setIdleTimeout(readingMillis);
        } else if (!written && client.getIdleTimeout() == readingMillis) {
            client.setIdleTimeout(idleMillis);
        }
    }

    /** Whether something waits for the client to take it. */
    static boolean isWrittenTo(EndPoint client) {
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

    /** Jetty's parser notes when the first byte of a frame comes, and goes by that until a head has ended. */
    private static long message(Connection inner) {
        return inner instanceof HTTP2Connection http2
                ? http2.getSession().getParser().getBeginNanoTime()
                : inner.getMessagesIn() + inner.getMessagesOut();
    }

    /**
     * How a client gets on with a message.
     *
     * @param inner who reads the message; another one after a handshake, or once the client begins HTTP/2
     * @param message a number that changes when a request begins and when its response ends; in HTTP/2 with each frame,
     *     a head in several frames being one
     * @param base the bytes it had sent before
     * @param sent the bytes it sent since
     * @param waiting whether the proxy was waiting for more of them
     */
    private record Pace(Connection inner, long message, long base, long sent, long waitedMillis, boolean waiting) {}
}
