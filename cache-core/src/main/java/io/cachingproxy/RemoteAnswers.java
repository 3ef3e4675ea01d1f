package io.cachingproxy;

import io.cachingproxy.http.Content;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.fields.ContentRange;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.policy.parts.Partial;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Answers with stored responses whose bodies are remote and may be lost. If the body fails before anything was sent,
 * the request is treated as a miss; if it fails later, the rest is fetched from the origin.
 */
final class RemoteAnswers {
    private RemoteAnswers() {}

    /** The answer, once the first piece of its content has arrived; the origin's answer if that fails. */
    static CompletionStage<Answer> begun(
            HttpCache cache, CacheRequest request, Origin origin, Answer answer, StoredResponse stored) {
        RemoteContent.Rest rest = given -> rest(cache, request, origin, answer.head(), stored, given);
        return RemoteContent.begun(answer.content(), rest)
                .handle((content, gone) -> gone == null
                        ? CompletableFuture.completedFuture(new Answer(answer.head(), content, answer.status()))
                        : cache.serving().fetch(request, origin))
                .thenCompose(either -> either);
    }

    /**
     * The rest of the body from the origin, after the bytes already sent; fails if the origin's response may be a
     * different one.
     */
    private static CompletionStage<Content> rest(
            HttpCache cache,
            CacheRequest request,
            Origin origin,
            ResponseHead answered,
            StoredResponse stored,
            long given) {
        ContentRange missing = request.head().isGet() ? Partial.missing(stored, answered, given) : null;
        if (missing == null) {
            return CompletableFuture.failedFuture(
                    new IOException("the stored response cannot be continued from the origin"));
        }
        return cache.forward(request.with(Partial.forBytes(request.head(), stored, missing)), Content.empty(), origin)
                .thenCompose(answer -> {
                    if (Partial.has(answer.head(), stored, missing)) {
                        return CompletableFuture.completedFuture(answer.content());
                    }
                    answer.content().cancel();
                    return CompletableFuture.failedFuture(
                            new IOException("the origin did not send the rest of the stored response"));
                });
    }
}
