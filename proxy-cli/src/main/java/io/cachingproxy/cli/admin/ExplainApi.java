package io.cachingproxy.cli.admin;

import io.cachingproxy.CacheRequest;
import io.cachingproxy.HttpCache;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.key.KeyBase;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Explains how the cache handles a request and its response; forwards nothing through the cache, and stores nothing. */
public final class ExplainApi implements AdminRoutes.Group {
    /** The path that explains. */
    public static final String PATH = "/api/explain";

    private final HttpCache cache;
    private final @Nullable KeyBase only;
    private final Function<CacheRequest, CompletionStage<ResponseHead>> origin;

    /**
     * @param only the base URL of the only origin; ignored if the cache has several sites
     * @param origin requests a response from the origin; the stage fails with a message of one line
     */
    public ExplainApi(
            HttpCache cache, @Nullable KeyBase only, Function<CacheRequest, CompletionStage<ResponseHead>> origin) {
        this.cache = cache;
        this.only = only;
        this.origin = origin;
    }

    @Override
    public void addTo(AdminRoutes routes) {
        routes.post(PATH, exchange -> exchange.body(text -> explain(exchange, text)));
    }

    private void explain(AdminExchange exchange, String text) {
        ExplainRequest asked;
        try {
            asked = ExplainRequest.parse(text);
        } catch (IllegalArgumentException wrong) {
            throw new AdminExchange.Refused(400, "Nothing explained: " + wrong.getMessage());
        }
        CacheRequest request = cache.resolve(asked.head(), () -> null, only);
        CompletionStage<Optional<ResponseHead>> response = asked.fetch() && request.site() != null
                ? origin.apply(request).thenApply(Optional::of)
                : CompletableFuture.completedFuture(asked.response());
        response.whenComplete((head, failure) -> {
            if (failure != null) {
                exchange.text(502, "Nothing explained: " + reason(failure));
            } else {
                cache.explain(request, null, head.orElse(null)).whenComplete((explanation, broken) -> {
                    if (broken == null) {
                        exchange.json(200, ExplanationJson.of(explanation, head));
                    } else {
                        exchange.text(500, "Internal error: " + reason(broken));
                    }
                });
            }
        });
    }

    private static String reason(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }
}
