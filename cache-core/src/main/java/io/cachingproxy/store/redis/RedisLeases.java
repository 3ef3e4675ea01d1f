package io.cachingproxy.store.redis;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.store.FillLeases;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Leases as keys in Redis that expire; not asked for while Redis takes longer than a third of the deadline to answer, since
 * the lookup before has taken its part of it. Their holder renews them three times while they would last; those who wait are
 * woken by the message that the entry was stored or removed, or that the lease was given back, and when Redis is not
 * reachable any more.
 */
final class RedisLeases implements FillLeases {
    private static final Duration LASTS = Duration.ofMillis(1800);
    private static final Duration RENEWED = LASTS.dividedBy(3);
    private static final int MAX_RENEWALS = 100;
    private static final int MAX_WAITING = 10_000;

    private final RedisLink link;
    private final KeyNames names;
    private final String node;
    private final Duration deadline;
    private final ScheduledExecutorService background;
    private final Map<CacheKey, CompletableFuture<Boolean>> waiting = new ConcurrentHashMap<>();

    RedisLeases(RedisLink link, KeyNames names, String node, Duration deadline, ScheduledExecutorService background) {
        this.link = link;
        this.names = names;
        this.node = node;
        this.deadline = deadline;
        this.background = background;
        link.onOpened(this::wakeUnreachable);
    }

    @Override
    public CompletionStage<Lease> ask(CacheKey key) {
        if (waiting.size() >= MAX_WAITING || !link.isQuick(names.lease(key))) {
            return ALONE.ask(key);
        }
        String token = RedisStore.newId();
        CompletableFuture<Boolean> over = wake(key); // before asking: the message may be faster than the answer
        return link.call(
                        names.lease(key),
                        deadline,
                        () -> link.number(Script.LEASE, List.of(names.lease(key)), token, LASTS.toMillis()))
                .handle((heldForMillis, failure) -> {
                    if (failure != null || heldForMillis == 0) {
                        forget(key, over);
                        return failure == null ? held(key, token) : new Held(() -> {});
                    }
                    return elsewhere(key, over, heldForMillis);
                });
    }

    private CompletableFuture<Boolean> wake(CacheKey key) {
        return waiting.computeIfAbsent(key, k -> new CompletableFuture<>());
    }

    private Lease elsewhere(CacheKey key, CompletableFuture<Boolean> over, long millis) {
        CompletableFuture<Boolean> bounded = over.copy().completeOnTimeout(false, millis, TimeUnit.MILLISECONDS);
        bounded.thenRun(() -> forget(key, over));
        return new Elsewhere(bounded);
    }

    private void forget(CacheKey key, CompletableFuture<Boolean> over) {
        waiting.remove(key, over);
        over.complete(false);
    }

    private Lease held(CacheKey key, String token) {
        AtomicBoolean released = new AtomicBoolean();
        renewLater(key, token, released, MAX_RENEWALS);
        return new Held(() -> {
            if (released.compareAndSet(false, true)) {
                byte[] message = new Change.LeaseOver(node, key).bytes();
                tell(Script.RELEASE, key, token, names.changes(), message);
            }
        });
    }

    private void renewLater(CacheKey key, String token, AtomicBoolean released, int left) {
        try {
            background.schedule(() -> renew(key, token, released, left), RENEWED.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closed) {
            released.set(true);
        }
    }

    private void renew(CacheKey key, String token, AtomicBoolean released, int left) {
        if (!released.get() && left > 0) {
            tell(Script.RENEW, key, token, LASTS.toMillis());
            renewLater(key, token, released, left - 1);
        }
    }

    private void tell(Script script, CacheKey key, Object... arguments) {
        var told = link.call(
                names.lease(key),
                deadline.multipliedBy(10),
                () -> link.number(script, List.of(names.lease(key)), arguments));
        told.exceptionally(failure -> 0L); // the lease runs out by itself
    }

    /** Whether requests here wait for another node. */
    boolean areAwaited() {
        return !waiting.isEmpty();
    }

    /** Something happened to the entry, or its lease is over. */
    void wakeUp(CacheKey key) {
        CompletableFuture<Boolean> over = waiting.remove(key);
        if (over != null) {
            over.complete(true);
        }
    }

    /** A server is not reachable any more: whoever waits for a lease there would wait in vain. */
    private void wakeUnreachable() {
        for (CacheKey key : waiting.keySet()) {
            if (!link.isOpen(names.lease(key))) {
                wakeUp(key);
            }
        }
    }

    void wakeAll() {
        List.copyOf(waiting.keySet()).forEach(this::wakeUp);
    }
}
