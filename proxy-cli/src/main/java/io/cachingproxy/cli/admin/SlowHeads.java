package io.cachingproxy.cli.admin;

import io.cachingproxy.net.Sockets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.NanoTime;
import org.eclipse.jetty.util.thread.Invocable.InvocationType;

/**
 * Shares the connections of the listener fairly. While it has as many as it may have, and further clients wait, those
 * connections are closed that have waited for the head of a request longer than {@link #PATIENCE}, whether they are idle
 * or send the head slowly: every client has the same time for its request, and none keeps others waiting.
 *
 * <p>A connection with a request in progress is not closed: {@link WaitingRequests} leaves connections to others.
 */
final class SlowHeads extends Handler.Wrapper implements Runnable {
    /** How often the connections are checked. */
    static final Duration EVERY = Duration.ofMillis(50);

    /** Time for the head of a request, and for a TLS handshake before it, while other clients wait. */
    private static final Duration PATIENCE = Duration.ofMillis(250);

    private static final Long BUSY = Long.MAX_VALUE;

    private final ServerConnector connector;

    /** Since when each connection has waited for a request ({@link System#nanoTime}), or {@link #BUSY}. */
    private final Map<EndPoint, Long> waiting = new ConcurrentHashMap<>();

    SlowHeads(ServerConnector connector, Handler handler) {
        super(handler);
        this.connector = connector;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        EndPoint client =
                Sockets.of(request.getConnectionMetaData().getConnection().getEndPoint());
        waiting.put(client, BUSY);
        Callback ending = Callback.from(
                InvocationType.NON_BLOCKING,
                () -> {
                    waiting.put(client, NanoTime.now());
                    callback.succeeded();
                },
                failure -> {
                    waiting.put(client, NanoTime.now());
                    callback.failed(failure);
                });
        return super.handle(request, response, ending);
    }

    @Override
    public void run() {
        Set<EndPoint> connected = Set.copyOf(connector.getConnectedEndPoints());
        waiting.keySet().retainAll(connected);
        long now = NanoTime.now();
        for (EndPoint client : connected) {
            Long since = waiting.computeIfAbsent(client, any -> now);
            boolean isLate = !since.equals(BUSY) && NanoTime.elapsed(since, now) > PATIENCE.toNanos();
            if (isLate && connector.isRunning() && !connector.isAccepting()) {
                client.close(new TimeoutException("no request in time, and other clients wait"));
            }
        }
    }
}
