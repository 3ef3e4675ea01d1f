package io.cachingproxy.cli.admin;

import io.cachingproxy.store.redis.RedisNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/** Lists the instances that share the cache. */
public final class NodesApi implements AdminRoutes.Group {
    /** The path. */
    public static final String PATH = "/api/nodes";

    private final Nodes nodes;

    public NodesApi(Nodes nodes) {
        this.nodes = nodes;
    }

    @Override
    public void addTo(AdminRoutes routes) {
        routes.get(
                PATH,
                exchange -> exchange.json(
                        200,
                        Map.of(
                                "nodes",
                                nodes.list().get().stream().map(NodesApi::json).toList())));
    }

    private static String time(Instant time) {
        return time.truncatedTo(ChronoUnit.MILLIS).toString();
    }

    private static Map<String, Object> json(RedisNode node) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", node.id());
        json.put("name", node.name());
        json.put("version", node.version());
        json.put("started", time(node.started()));
        json.put("last-seen", time(node.lastSeen()));
        json.put("this", node.here());
        json.put("state", node.gone() ? "gone" : "running");
        return json;
    }
}
