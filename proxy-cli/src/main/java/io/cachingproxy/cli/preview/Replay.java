package io.cachingproxy.cli.preview;

import io.cachingproxy.Answer;
import io.cachingproxy.CacheRequest;
import io.cachingproxy.Exchange;
import io.cachingproxy.HttpCache;
import io.cachingproxy.cli.config.Interruption;
import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.key.KeyBase;
import io.cachingproxy.metrics.HttpCacheMetrics.Result;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.rules.Sites;
import io.cachingproxy.store.MemoryStore;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A cache of its own, without the contents of responses, that is asked what was recorded, at the recorded times. The
 * decisions are those of {@link HttpCache}.
 */
final class Replay implements AutoCloseable {
    private static final long MEMORY = 64 << 20;

    /**
     * How the cache answers a request.
     *
     * @param key the URL in the cache key; null if no site has the host
     * @param kept whether the answer is from the store, or is stored
     * @param notStored why the response is not stored; null if it is, or is from the store
     */
    record Outcome(
            Result result,
            @Nullable String key,
            boolean kept,
            @Nullable Reason notStored) {}

    private final HttpCache cache;
    private final @Nullable KeyBase only;
    private Instant now = Instant.EPOCH;

    Replay(Sites sites, @Nullable KeyBase only) {
        this.only = only;
        this.cache = HttpCache.builder()
                .sites(sites)
                .store(new MemoryStore(MEMORY, MEMORY))
                .clock((InstantSource) () -> now)
                .executor(Runnable::run)
                .build();
    }

    /** The outcome of each request, in order. */
    static List<Outcome> of(List<Recorded> recorded, Sites sites, @Nullable KeyBase only) {
        try (Replay replay = new Replay(sites, only)) {
            List<Outcome> outcomes = new ArrayList<>(recorded.size());
            for (Recorded each : recorded) {
                Interruption.check();
                outcomes.add(replay.outcome(each));
            }
            return outcomes;
        }
    }

    private Outcome outcome(Recorded recorded) {
        if (recorded.time().isAfter(now)) {
            now = recorded.time();
        }
        CacheRequest request = WholeRequest.of(cache.resolve(recorded.request(), recorded::client, only));
        Answer answer = cache.serve(
                        request,
                        Content.empty(),
                        (forward, body, exchange) -> respond(exchange, recorded.response()),
                        (status, headers) -> {})
                .toCompletableFuture()
                .join();
        read(answer.content());
        return new Outcome(
                Result.of(answer.status()),
                request.site() == null ? null : request.key().target().url(),
                answer.status().hit()
                        || answer.status().stored()
                        || answer.status().collapsed(),
                answer.status().hit() ? null : answer.status().detail());
    }

    private static void respond(Exchange exchange, ResponseHead recorded) {
        int status = recorded.status() == 206 || recorded.status() == 304 ? 200 : recorded.status();
        exchange.onHead(new ResponseHead(status, recorded.headers().without(Set.of("content-range"))));
        exchange.onComplete(Headers.EMPTY);
    }

    private static void read(Content content) {
        try {
            Chunk chunk = content.read();
            while (chunk != null && !chunk.isEnd()) {
                chunk.release();
                chunk = content.read();
            }
            if (chunk == null) {
                content.cancel();
            }
        } catch (IOException broken) {
            content.cancel();
        }
    }

    @Override
    public void close() {
        cache.close();
    }
}
