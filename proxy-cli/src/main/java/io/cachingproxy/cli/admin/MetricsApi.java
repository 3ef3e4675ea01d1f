package io.cachingproxy.cli.admin;

import java.util.Map;
import java.util.function.Supplier;

/** Reports metrics in the text format of Prometheus, and a summary of them as JSON. */
public final class MetricsApi implements AdminRoutes.Group {
    /** The path of the summary. */
    public static final String STATS = "/api/stats";

    private final Supplier<String> prometheus;
    private final Supplier<Map<String, Object>> stats;

    /**
     * @param prometheus all metrics
     * @param stats the summary
     */
    public MetricsApi(Supplier<String> prometheus, Supplier<Map<String, Object>> stats) {
        this.prometheus = prometheus;
        this.stats = stats;
    }

    @Override
    public void addTo(AdminRoutes routes) {
        routes.get(
                "/metrics",
                exchange -> exchange.write(200, "text/plain; version=0.0.4; charset=utf-8", prometheus.get()));
        routes.get(STATS, exchange -> exchange.json(200, stats.get()));
    }
}
