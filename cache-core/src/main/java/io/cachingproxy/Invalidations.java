package io.cachingproxy;

import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.parts.Invalidation;
import io.cachingproxy.rules.Site;
import io.cachingproxy.store.CacheStore;
import io.cachingproxy.store.Purge;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

/** Removes the stored responses that unsafe requests invalidate (RFC 9111 §4.4, RFC 9875 §3). */
final class Invalidations {
    private static final CompletableFuture<Void> NONE = CompletableFuture.completedFuture(null);

    private final CacheStore store;
    private final Coalescing coalescing;
    private final Equivalents equivalents;

    Invalidations(CacheStore store, Coalescing coalescing, Equivalents equivalents) {
        this.store = store;
        this.coalescing = coalescing;
        this.equivalents = equivalents;
    }

    /** Removes the responses that {@code request} invalidates; completes when the store has removed them. */
    CompletableFuture<Void> apply(CacheRequest request, ResponseHead response) {
        Site site = request.site();
        if (request.head().isSafe() || site == null) {
            return NONE;
        }
        Stream<CompletionStage<?>> urls = Invalidation.targets(request.atOrigin(), response).stream()
                .flatMap(target -> request.keyTargets(target).stream())
                .distinct()
                .map(target -> remove(site, target));
        Set<Target> own = site.rules().keyTargetsBelow(request.atOrigin().target());
        Stream<CompletionStage<?>> groups = Invalidation.groups(request.head(), response).stream()
                .flatMap(group -> own.stream().map(target -> Purge.Scope.Group.of(target, group)))
                .distinct()
                .map(scope -> store.purge(Purge.hard(scope)));
        return CompletableFuture.allOf(Stream.concat(urls, groups)
                .map(CompletionStage::toCompletableFuture)
                .toArray(CompletableFuture<?>[]::new));
    }

    private CompletionStage<?> remove(Site site, Target target) {
        CacheKey key = CacheKey.ofGet(target);
        CompletionStage<?> removed = site.rules().addsToKeys()
                ? store.purge(Purge.hard(new Purge.Scope.Url(target))) // the keys are unknown
                : store.invalidate(key);
        coalescing.overtaken(key);
        equivalents.forget(key);
        return removed;
    }
}
