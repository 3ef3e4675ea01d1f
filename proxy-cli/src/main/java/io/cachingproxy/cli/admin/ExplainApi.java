package io.cachingproxy.cli.admin;

import io.cachingproxy.Explanation;
import io.cachingproxy.HttpCache;
import io.cachingproxy.cli.requests.Redaction;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.jetty.Examination;
import io.cachingproxy.jetty.Examination.Received;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.policy.Trail;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Explains how the cache handles a request and its response; forwards nothing through the cache, and stores nothing. */
public final class ExplainApi implements AdminRoutes.Group {
    /** The path that explains. */
    public static final String PATH = "/api/explain";

    private static final int LONGEST = 256 * 1024;

    private final HttpCache cache;
    private final Examination proxy;
    private final Redaction redaction;

    /**
     * @param proxy receives and forwards the requests
     * @param redaction of the URLs
     */
    public ExplainApi(HttpCache cache, Examination proxy, Redaction redaction) {
        this.redaction = redaction;
        this.cache = cache;
        this.proxy = proxy;
    }

    /** An explanation, and the response that it explains, if there is one. */
    public record Explained(Explanation explanation, Optional<ResponseHead> response) {}

    @Override
    public void addTo(AdminRoutes routes) {
        routes.post(PATH, LONGEST, this::explain);
    }

    private void explain(AdminExchange exchange, String text) {
        ExplainRequest asked;
        try {
            asked = ExplainRequest.parse(text);
        } catch (IllegalArgumentException wrong) {
            throw new AdminExchange.Refused(400, "Nothing explained: " + wrong.getMessage());
        }
        explain(asked).whenComplete((explained, failure) -> {
            if (failure == null) {
                exchange.json(200, ExplanationJson.of(explained.explanation(), explained.response(), redaction));
            } else {
                exchange.text(502, "Nothing explained: " + reason(failure));
            }
        });
    }

    /** Explains a request. The stage fails with a message of one line if the origin does not answer. */
    public CompletionStage<Explained> explain(ExplainRequest asked) {
        Received received = proxy.receive(asked.head());
        return explained(received, Optional.empty()).thenCompose(before -> {
            if (received.refused().isPresent()) {
                return CompletableFuture.completedFuture(new Explained(
                        refused(before.explanation(), received.refused().getAsInt()), Optional.empty()));
            }
            boolean isAnswered = before.explanation().reuse().result() == Explanation.Result.ANSWERED;
            if (asked.fetch() && !isAnswered) {
                return proxy.fetch(received).thenCompose(head -> explained(received, Optional.of(head)));
            }
            return asked.response().isPresent()
                    ? explained(received, asked.response())
                    : CompletableFuture.completedFuture(before);
        });
    }

    private CompletionStage<Explained> explained(Received received, Optional<ResponseHead> response) {
        return cache.explain(received.request(), received.client(), response.orElse(null))
                .thenApply(explanation -> new Explained(explanation, response));
    }

    private static Explanation refused(Explanation before, int status) {
        Explanation.Step step = new Explanation.Step(Reason.REFUSED, Trail.Effect.APPLIED, "the answer is " + status);
        return new Explanation(
                before.request(),
                before.site(),
                before.policy(),
                before.rules(),
                before.key(),
                before.variants(),
                before.omitted(),
                new Explanation.Verdict(Explanation.Result.ANSWERED, Reason.REFUSED, List.of(step), null, List.of()),
                null);
    }

    private static String reason(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage()).lines().findFirst().orElse("");
    }
}
