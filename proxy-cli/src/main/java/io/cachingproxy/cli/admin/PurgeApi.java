package io.cachingproxy.cli.admin;

import io.cachingproxy.Purging;
import io.cachingproxy.jetty.events.Redaction;
import io.cachingproxy.store.Confirmation;
import io.cachingproxy.store.redis.RedisNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Purges what a JSON document names, and answers with a receipt. The number of entries is counted before the purge, in
 * the memory of this process only.
 */
public final class PurgeApi implements AdminRoutes.Group {
    /** The path. */
    public static final String PATH = "/api/purge";

    /** Limit of a request in bytes. */
    static final int LONGEST = 1024 * 1024;

    private final Purging purging;
    private final boolean shared;
    private final Nodes nodes;
    private final Redaction redaction;

    /**
     * @param shared whether the store is shared with other instances
     * @param nodes the instances
     * @param redaction of the URLs in receipts
     */
    public PurgeApi(Purging purging, boolean shared, Nodes nodes, Redaction redaction) {
        this.purging = purging;
        this.shared = shared;
        this.nodes = nodes;
        this.redaction = redaction;
    }

    @Override
    public void addTo(AdminRoutes routes) {
        routes.post(
                PATH,
                LONGEST,
                (exchange, body) -> exchange.elsewhere(
                        () -> answer(exchange, request(() -> PurgeRequest.of(body, purging, redaction)))));
    }

    /** Parses a purge request; an error is answered 400. */
    private static PurgeRequest request(Supplier<PurgeRequest> parse) {
        try {
            return parse.get();
        } catch (PurgeRequest.Unclear | JsonBody.Invalid e) {
            throw new AdminExchange.Refused(400, "Nothing purged: " + e.getMessage());
        }
    }

    private void answer(AdminExchange exchange, PurgeRequest wanted) {
        Map<String, Object> receipt = receipt(wanted);
        if (wanted.dryRun()) {
            exchange.json(200, receipt);
            return;
        }
        wanted.purge(purging).thenCompose(this::confirmed).whenComplete((confirmed, never) -> {
            receipt.put("confirmed", confirmed.byRedis());
            receipt.put("nodes", confirmed.nodes());
            exchange.receipt(confirmed.byRedis() ? 200 : 202, receipt);
        });
    }

    private Map<String, Object> receipt(PurgeRequest wanted) {
        Map<String, Object> receipt = new LinkedHashMap<>();
        receipt.put("purged", wanted.shown(redaction));
        receipt.put("soft", wanted.soft());
        receipt.put("dry-run", wanted.dryRun());
        wanted.count(purging).ifPresent(count -> receipt.put("entries", count));
        receipt.put(
                "counted",
                shared ? "near copies of this instance; entries that are only in Redis are not counted" : "all");
        return receipt;
    }

    private record Confirmed(boolean byRedis, List<Map<String, Object>> nodes) {}

    /** Which instances have applied the purge; those that are not known to run are not listed. */
    private CompletionStage<Confirmed> confirmed(Confirmation purged) {
        boolean confirmed = purged == Confirmation.CONFIRMED;
        CompletionStage<List<RedisNode>> known = confirmed
                ? nodes.purged().get()
                : CompletableFuture.completedFuture(nodes.list().get());
        return known.thenApply(list -> new Confirmed(
                confirmed,
                list.stream()
                        .filter(node -> !node.gone())
                        .map(node -> node(node, node.here() || (confirmed && node.purged())))
                        .toList()));
    }

    private static Map<String, Object> node(RedisNode node, boolean confirmed) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", node.id());
        json.put("name", node.name());
        json.put("this", node.here());
        json.put("confirmed", confirmed);
        return json;
    }
}
