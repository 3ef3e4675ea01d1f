package io.cachingproxy.cli.admin;

import io.cachingproxy.Purging;
import io.cachingproxy.jetty.events.Redaction;
import io.cachingproxy.store.Confirmation;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Clears the cache and purges responses. */
public final class CacheApi implements AdminRoutes.Group {
    /** The path that clears the cache. */
    public static final String CLEAR = "/cache/clear";

    /** The beginning of the answer when the cache is cleared. */
    public static final String CLEARED = "Cache cleared";

    private static final String NOT_CLEARED = "Not confirmed by Redis: cleared on this instance only."
            + " The rest is cleared when Redis answers, as long as this process runs";

    private final Supplier<CompletionStage<?>> clearing;
    private final Purging purging;
    private final Redaction redaction;

    /**
     * @param clearing clears the cache, or fails
     * @param redaction of the URLs in answers
     */
    public CacheApi(Supplier<CompletionStage<?>> clearing, Purging purging, Redaction redaction) {
        this.clearing = clearing;
        this.purging = purging;
        this.redaction = redaction;
    }

    @Override
    public void addTo(AdminRoutes routes) {
        routes.post(CLEAR, this::clear);
        routes.delete("/cache", this::clear);
        routes.post("/cache/purge", this::purge);
    }

    private void clear(AdminExchange exchange) {
        clearing.get().whenComplete((done, failure) -> {
            if (failure == null) {
                exchange.text(200, CLEARED);
            } else {
                exchange.text(202, NOT_CLEARED);
            }
        });
    }

    private void purge(AdminExchange exchange) {
        PurgeRequest wanted;
        try {
            wanted = PurgeRequest.of(exchange.query(), purging, redaction);
        } catch (PurgeRequest.Unclear | AdminExchange.Refused e) {
            throw new AdminExchange.Refused(400, "Nothing purged: " + e.getMessage());
        }
        wanted.purge(purging).whenComplete((purged, never) -> {
            boolean confirmed = purged == Confirmation.CONFIRMED;
            exchange.text(confirmed ? 200 : 202, lines(wanted) + (confirmed ? "" : Purging.PENDING));
        });
    }

    /** A line for each scope. */
    private String lines(PurgeRequest wanted) {
        String done = wanted.soft() ? "Made stale: " : "Purged: ";
        return wanted.shown(redaction).stream().map(what -> done + what + '\n').collect(Collectors.joining());
    }
}
