package io.cachingproxy.cli.admin;

import java.util.concurrent.atomic.AtomicBoolean;

/** Reports liveness, and readiness until the proxy stops. Needs no token. */
public final class HealthApi implements AdminRoutes.Group {
    static final String PATH = "/health/";

    private final AtomicBoolean stopping = new AtomicBoolean();

    /** The proxy is not ready from now on. */
    public void stopping() {
        stopping.set(true);
    }

    @Override
    public void addTo(AdminRoutes routes) {
        routes.get(PATH + "live", exchange -> exchange.text(200, "OK"));
        routes.get(
                PATH + "ready",
                exchange -> exchange.text(stopping.get() ? 503 : 200, stopping.get() ? "Stopping" : "OK"));
    }
}
