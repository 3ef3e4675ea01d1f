package io.cachingproxy.servlet;

import io.cachingproxy.CacheRequest;
import io.cachingproxy.Exchange;
import io.cachingproxy.HttpCache;
import io.cachingproxy.OriginException;
import io.cachingproxy.Step;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.Reason;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;

/**
 * Requests that block container threads while they wait for the response to another request, because they cannot be
 * parked ({@link ParkedRequest}): if that response is not usable for them, only this thread can run the chain with all
 * of its filters. An async servlet needs a further thread to continue. If it gets none for {@value #PATIENCE} ms, the
 * requests that wait for it run on their own, so that threads become free.
 */
final class Followers {
    private static final long PATIENCE = 100;

    private final ConcurrentMap<CacheKey, Set<CompletableFuture<Optional<Step>>>> waiting = new ConcurrentHashMap<>();
    private final Set<CacheKey> starved = ConcurrentHashMap.newKeySet();

    /** Waits for the next step of {@code request}, which was {@code opened}. */
    @SuppressWarnings("CollectionUndefinedEquality") // each turn is itself
    Step await(HttpCache cache, CacheRequest request, CompletableFuture<Step> opened) {
        if (opened.isDone()) {
            return opened.join();
        }
        CompletableFuture<Optional<Step>> turn = new CompletableFuture<>();
        opened.thenAccept(step -> {
            if (!turn.complete(Optional.of(step))) {
                discard(step);
            }
        });
        CacheKey key = request.key();
        waiting.compute(key, (k, turns) -> {
            Set<CompletableFuture<Optional<Step>>> all = turns == null ? ConcurrentHashMap.newKeySet() : turns;
            all.add(turn);
            return all;
        });
        if (starved.contains(key)) {
            turn.complete(Optional.empty());
        }
        try {
            return turn.join().orElseGet(() -> alone(cache, request));
        } finally {
            waiting.computeIfPresent(key, (k, turns) -> {
                turns.remove(turn);
                return turns.isEmpty() ? null : turns;
            });
        }
    }

    private static Step alone(HttpCache cache, CacheRequest request) {
        CacheRequest past = new CacheRequest(
                request.head(), request.site(), request.treatment(), request.key(), true, request.base());
        return cache.open(past).toCompletableFuture().join();
    }

    /** Releases a step that is no longer executed. */
    static void discard(Step step) {
        if (step instanceof Step.Answered answered) {
            answered.answer().content().cancel();
        } else if (step instanceof Step.Forward forward) {
            forward.exchange()
                    .onFailure(
                            new OriginException(OriginException.Kind.FAILED, "forwarded on its own meanwhile", null));
        }
    }

    /**
     * Tracks the threads needed for the response of {@code key}. No request waits for a response that bypasses the
     * cache.
     */
    Need need(CacheKey key, Exchange exchange) {
        return new Need(key, exchange.reason() != Reason.RULE && exchange.reason() != Reason.SHADOW);
    }

    /** Tracks whether a servlet that other requests wait for has the thread that it needs. */
    final class Need {
        private final CacheKey key;
        private final boolean followed;
        private int asked;
        private int served;

        private Need(CacheKey key, boolean followed) {
            this.key = key;
            this.followed = followed;
        }

        /** The servlet needs a container thread, for example for a dispatch. */
        void ask() {
            if (!followed) {
                return;
            }
            int mine;
            synchronized (this) {
                mine = ++asked;
            }
            CompletableFuture.delayedExecutor(PATIENCE, TimeUnit.MILLISECONDS).execute(() -> starve(mine));
        }

        private synchronized void starve(int mine) {
            if (served >= mine) {
                return;
            }
            starved.add(key);
            Set<CompletableFuture<Optional<Step>>> turns = waiting.get(key);
            if (turns != null) {
                turns.forEach(turn -> turn.complete(Optional.empty()));
            }
        }

        /** The servlet has its thread, or the response has ended. */
        synchronized void served() {
            served = asked;
            if (followed) {
                starved.remove(key);
            }
        }
    }
}
