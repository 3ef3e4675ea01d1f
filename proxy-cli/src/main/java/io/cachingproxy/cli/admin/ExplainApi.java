package io.cachingproxy.cli.admin;

import com.fasterxml.jackson.databind.JsonNode;
import io.cachingproxy.Explanation;
import io.cachingproxy.HttpCache;
import io.cachingproxy.cli.requests.RecentRequests;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.jetty.Examination;
import io.cachingproxy.jetty.Examination.Received;
import io.cachingproxy.jetty.events.Redaction;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.policy.Trail;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** Explains how the cache handles a request and its response; forwards nothing through the cache, and stores nothing. */
public final class ExplainApi implements AdminRoutes.Group {
    /** The path that explains. */
    public static final String PATH = "/api/explain";

    private static final int LONGEST = 256 * 1024;
    private static final int MOST_FETCHES = 8;
    private static final Duration FETCH = Duration.ofSeconds(10);

    private final HttpCache cache;
    private final Examination proxy;
    private final RecentRequests recent;
    private final Function<CacheKey, Optional<ResponseHead>> responses;
    private final Redaction redaction;
    private final Duration longestFetch;

    /** Permits of explanations with {@code fetch}, each returned when the fetch has ended. */
    private final Semaphore fetches = new Semaphore(MOST_FETCHES);

    /**
     * Without recent requests.
     *
     * @param proxy receives and forwards the requests
     * @param redaction of the URLs
     */
    public ExplainApi(HttpCache cache, Examination proxy, Redaction redaction) {
        this(cache, proxy, new RecentRequests(redaction, InstantSource.system()), key -> Optional.empty(), redaction);
    }

    /**
     * @param proxy receives and forwards the requests
     * @param recent the requests that can be explained by their id
     * @param responses the last response of the origin by the key of the request, as far as it is known
     * @param redaction of the URLs
     */
    public ExplainApi(
            HttpCache cache,
            Examination proxy,
            RecentRequests recent,
            Function<CacheKey, Optional<ResponseHead>> responses,
            Redaction redaction) {
        this(cache, proxy, recent, responses, redaction, FETCH);
    }

    /** @param longestFetch time in which the listener answers a request with {@code fetch} */
    ExplainApi(
            HttpCache cache,
            Examination proxy,
            RecentRequests recent,
            Function<CacheKey, Optional<ResponseHead>> responses,
            Redaction redaction,
            Duration longestFetch) {
        this.cache = cache;
        this.proxy = proxy;
        this.recent = recent;
        this.responses = responses;
        this.redaction = redaction;
        this.longestFetch = longestFetch;
    }

    /** An explanation, and the response that it explains, if there is one. */
    public record Explained(Explanation explanation, Optional<ResponseHead> response) {}

    @Override
    public void addTo(AdminRoutes routes) {
        routes.post(PATH, LONGEST, this::explain);
    }

    private void explain(AdminExchange exchange, String text) {
        CompletionStage<Explained> stage;
        try {
            JsonNode json = JsonBody.read(text);
            OptionalLong id = ExplainRequest.id(json);
            stage = id.isPresent() ? explain(id.getAsLong()) : answered(exchange, ExplainRequest.parse(json));
        } catch (IllegalArgumentException wrong) {
            throw new AdminExchange.Refused(400, "Nothing explained: " + wrong.getMessage());
        }
        stage.whenComplete((explained, failure) -> {
            if (failure == null) {
                exchange.json(200, ExplanationJson.of(explained.explanation(), explained.response(), redaction));
            } else {
                exchange.text(502, "Nothing explained: " + complaint(failure));
            }
        });
    }

    /**
     * Explains a request of a client. The number and the duration of fetches are limited, and a fetch is cancelled when
     * its client leaves.
     */
    private CompletionStage<Explained> answered(AdminExchange exchange, ExplainRequest asked) {
        if (!asked.fetch()) {
            return explain(asked);
        }
        if (!fetches.tryAcquire()) {
            throw AdminExchange.Refused.later(
                    "at most " + MOST_FETCHES + " explanations can wait for the response of an origin");
        }
        CompletableFuture<Void> abandoned = new CompletableFuture<>();
        CompletionStage<Explained> fetched;
        try {
            fetched = explain(asked, abandoned);
        } catch (RuntimeException | Error failure) {
            fetches.release();
            throw failure;
        }
        ClientWatch client = ClientWatch.begin(exchange, () -> abandoned.complete(null));
        return fetched.whenComplete((explained, failure) -> fetches.release())
                .toCompletableFuture()
                .copy() // a timeout of the stage itself would skip the release
                .orTimeout(longestFetch.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((explained, failure) -> {
                    client.end();
                    if (failure != null) { // the time is over, or the fetch has failed anyway
                        abandoned.complete(null);
                    }
                });
    }

    /** Explains a request. The stage fails with a message of one line if the origin does not answer. */
    public CompletionStage<Explained> explain(ExplainRequest asked) {
        return explain(asked, new CompletableFuture<>());
    }

    /** @param abandoned cancels the fetch when it completes */
    private CompletionStage<Explained> explain(ExplainRequest asked, CompletionStage<?> abandoned) {
        Received received = proxy.receive(asked.head());
        return explained(received, Optional.empty()).thenCompose(before -> {
            if (received.refused().isPresent()) {
                return CompletableFuture.completedFuture(new Explained(
                        refused(before.explanation(), received.refused().getAsInt()), Optional.empty()));
            }
            boolean isAnswered = before.explanation().reuse().result() == Explanation.Result.ANSWERED;
            if (asked.fetch() && !isAnswered) {
                return proxy.fetch(received, abandoned).thenCompose(head -> explained(received, Optional.of(head)));
            }
            return asked.response().isPresent()
                    ? explained(received, asked.response())
                    : CompletableFuture.completedFuture(before);
        });
    }

    private CompletionStage<Explained> explain(long id) {
        RecentRequests.Received sent = recent.find(id)
                .orElseThrow(() -> new AdminExchange.Refused(
                        404,
                        "Nothing explained: request " + id + " is not recorded. The last " + RecentRequests.KEPT
                                + " are, unless the proxy refused them, or their header fields exceed 2 KiB"));
        Received received = proxy.received(sent.head(), sent.client());
        return explained(received, responses.apply(received.request().key()));
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

    private String complaint(Throwable failure) {
        return failure.getCause() instanceof TimeoutException // of this stage: those of the origin have a message
                ? "the origin has not answered within " + longestFetch.toSeconds() + " s"
                : reason(failure);
    }

    private static String reason(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage()).lines().findFirst().orElse("");
    }
}
