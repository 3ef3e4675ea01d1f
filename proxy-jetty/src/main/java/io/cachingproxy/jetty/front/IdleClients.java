package io.cachingproxy.jetty.front;

import java.time.Duration;
import org.eclipse.jetty.server.ServerConnector;

/** Closes idle connections early while a listener is at its limit of connections. Jetty's connection limit does not. */
public final class IdleClients implements Runnable {
    private static final Duration IDLE_IF_FULL = Duration.ofSeconds(2);

    private final ServerConnector connector;

    /** The connections of {@code connector}, except those with a pending write. */
    public IdleClients(ServerConnector connector) {
        this.connector = connector;
    }

    @Override
    public void run() {
        if (connector.isRunning() && !connector.isAccepting()) {
            connector.getConnectedEndPoints().stream()
                    .filter(client -> !SlowClients.isWrittenTo(client))
                    .forEach(client -> client.setIdleTimeout(IDLE_IF_FULL.toMillis()));
        }
    }
}
