package io.cachingproxy.cli.admin;

import io.cachingproxy.Purging;
import io.cachingproxy.store.Confirmation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
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

    /** @param shared whether the store is shared with other instances */
    public PurgeApi(Purging purging, boolean shared) {
        this.purging = purging;
        this.shared = shared;
    }

    @Override
    public void addTo(AdminRoutes routes) {
        routes.post(
                PATH,
                LONGEST,
                (exchange, body) ->
                        exchange.elsewhere(() -> answer(exchange, request(() -> PurgeRequest.of(body, purging)))));
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
        wanted.purge(purging).whenComplete((purged, never) -> {
            boolean confirmed = purged == Confirmation.CONFIRMED;
            receipt.put("confirmed", confirmed);
            receipt.put("nodes", nodes(confirmed));
            exchange.receipt(confirmed ? 200 : 202, receipt);
        });
    }

    private Map<String, Object> receipt(PurgeRequest wanted) {
        Map<String, Object> receipt = new LinkedHashMap<>();
        receipt.put("purged", new ArrayList<>(wanted.scopes().keySet()));
        receipt.put("soft", wanted.soft());
        receipt.put("dry-run", wanted.dryRun());
        wanted.count(purging).ifPresent(count -> receipt.put("entries", count));
        receipt.put(
                "counted",
                shared ? "near copies of this instance; entries that are only in Redis are not counted" : "all");
        return receipt;
    }

    private Map<String, Object> nodes(boolean confirmed) {
        Map<String, Object> nodes = new LinkedHashMap<>();
        nodes.put("this", "purged");
        if (shared) {
            nodes.put(
                    "others",
                    confirmed
                            ? "Redis has acknowledged the purge and notifies them"
                            : "pending: repeated until Redis acknowledges it, as long as this process runs");
        }
        return nodes;
    }
}
