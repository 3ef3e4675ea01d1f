package io.cachingproxy.cli.admin;

import java.util.Map;
import java.util.function.Supplier;

/** Reports what the cache would have done at shadow sites. */
public final class ShadowApi implements AdminRoutes.Group {
    private final Supplier<Map<String, Object>> report;

    /** @param report the current reports as JSON */
    public ShadowApi(Supplier<Map<String, Object>> report) {
        this.report = report;
    }

    @Override
    public void addTo(AdminRoutes routes) {
        routes.get("/api/shadow", exchange -> exchange.json(200, report.get()));
    }
}
