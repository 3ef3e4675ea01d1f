package io.cachingproxy.jetty.front;

import java.time.Duration;
import java.util.function.Predicate;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ServerConnector;

/** Closes idle connections early while a listener is at its limit of connections. Jetty's connection limit does not. */
public final class IdleClients implements Runnable {
    private static final Duration IDLE_IF_FULL = Duration.ofSeconds(2);

    private final ServerConnector connector;
    private final Predicate<EndPoint> mayBeIdle;

    /** @param mayBeIdle the connections that this is about; those with a pending write never are */
    public IdleClients(ServerConnector connector, Predicate<EndPoint> mayBeIdle) {
        this.connector = connector;
        this.mayBeIdle = mayBeIdle;
    }

    @Override
    public void run() {
        if (connector.isRunning() && !connector.isAccepting()) {
            connector.getConnectedEndPoints().stream()
                    .filter(client -> mayBeIdle.test(client) && !SlowClients.isWrittenTo(client))
                    .forEach(client -> client.setIdleTimeout(IDLE_IF_FULL.toMillis()));
        }
    }
}
