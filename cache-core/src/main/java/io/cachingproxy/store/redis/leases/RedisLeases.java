package io.cachingproxy.store.redis.leases;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.store.FillLeases;
import io.cachingproxy.store.redis.channel.Change;
import io.cachingproxy.store.redis.link.KeyNames;
import io.cachingproxy.store.redis.link.Node;
import io.cachingproxy.store.redis.link.Operation;
import io.cachingproxy.store.redis.link.RedisLink;
import io.cachingproxy.store.redis.link.Script;
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
 * Leases as expiring keys in Redis. They are not used while Redis takes longer than a third of the deadline to answer,
 * because the preceding lookup has used its share of the deadline. The holder renews its lease after each third of its
 * duration. Waiting requests are woken by the message that the entry was stored or removed, or that the lease was
 * released, and when Redis becomes unreachable.
 */
public final class RedisLeases implements FillLeases {
    private static final Duration LASTS = Duration.ofMillis(1800);
    private static final Duration RENEWED = LASTS.dividedBy(3);
    private static final int MAX_RENEWALS = 100;
    private static final int MAX_WAITING = 10_000;

    private final RedisLink link;
    private final KeyNames names;
    private final String node;
    private final Duration deadline;
    private final ScheduledExecutorService background;
    /** Waiting requests by the name of the lease. */
    private final Map<String, CompletableFuture<Boolean>> waiting = new ConcurrentHashMap<>();

    public RedisLeases(Node node, ScheduledExecutorService background) {
        this.link = node.link();
        this.names = node.names();
        this.node = node.id();
        this.deadline = node.deadline();
        this.background = background;
        link.onOpened(this::wakeUnreachable);
    }

    @Override
    public CompletionStage<Lease> ask(CacheKey key, String variant) {
        String name = names.lease(key, variant);
        if (waiting.size() >= MAX_WAITING || !link.isQuick(name)) {
            return ALONE.ask(key, variant);
        }
        String token = KeyNames.newId();
        CompletableFuture<Boolean> over = wake(name); // before asking, because the message may arrive before the answer
        return link.call(
                        Operation.LEASE,
                        name,
                        deadline,
                        () -> link.number(Script.LEASE, List.of(name), token, LASTS.toMillis()))
                .handle((heldForMillis, failure) -> {
                    if (failure != null || heldForMillis == 0) {
                        forget(name, over);
                        return failure == null
                                ? held(name, token, new Change.LeaseOver(node, key, variant))
                                : new Held(() -> {});
                    }
                    return elsewhere(name, over, heldForMillis);
                });
    }

    private CompletableFuture<Boolean> wake(String name) {
        return waiting.computeIfAbsent(name, n -> new CompletableFuture<>());
    }

    private Lease elsewhere(String name, CompletableFuture<Boolean> over, long millis) {
        CompletableFuture<Boolean> bounded = over.copy().completeOnTimeout(false, millis, TimeUnit.MILLISECONDS);
        bounded.thenRun(() -> forget(name, over));
        return new Elsewhere(bounded);
    }

    private void forget(String name, CompletableFuture<Boolean> over) {
        waiting.remove(name, over);
        over.complete(false);
    }

    private Lease held(String name, String token, Change.LeaseOver over) {
        AtomicBoolean released = new AtomicBoolean();
        renewLater(name, token, released, MAX_RENEWALS);
        return new Held(() -> {
            if (released.compareAndSet(false, true)) {
                tell(Script.RELEASE, name, token, names.changes(), over.bytes());
            }
        });
    }

    private void renewLater(String name, String token, AtomicBoolean released, int left) {
        try {
            background.schedule(() -> renew(name, token, released, left), RENEWED.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closed) {
            released.set(true);
        }
    }

    private void renew(String name, String token, AtomicBoolean released, int left) {
        if (!released.get() && left > 0) {
            tell(Script.RENEW, name, token, LASTS.toMillis());
            renewLater(name, token, released, left - 1);
        }
    }

    private void tell(Script script, String name, Object... arguments) {
        var told = link.call(
                Operation.LEASE, name, deadline.multipliedBy(10), () -> link.number(script, List.of(name), arguments));
        told.exceptionally(failure -> 0L); // the lease expires
    }

    /** Whether requests on this node wait for another node. */
    public boolean areAwaited() {
        return !waiting.isEmpty();
    }

    /** Wakes the requests that wait for a change of this entry. */
    public void heard(Change change) {
        if (change instanceof Change.Stored stored) {
            wakeUp(stored.key(), "");
        } else if (change instanceof Change.Removed removed) {
            wakeUp(removed.key(), "");
        } else if (change instanceof Change.LeaseOver over) {
            wakeUp(over.key(), over.variant());
        } else if (change instanceof Change.Cleared) {
            List.copyOf(waiting.keySet()).forEach(this::wakeUp);
        }
    }

    /** Wakes the requests that wait for a variant; the empty variant also stands for changes of the whole entry. */
    private void wakeUp(CacheKey key, String variant) {
        if (areAwaited()) {
            wakeUp(names.lease(key, variant));
        }
    }

    private void wakeUp(String name) {
        CompletableFuture<Boolean> over = waiting.remove(name);
        if (over != null) {
            over.complete(true);
        }
    }

    /** Wakes the requests that wait for a lease on an unreachable server. */
    private void wakeUnreachable() {
        for (String name : waiting.keySet()) {
            if (!link.isOpen(name)) {
                wakeUp(name);
            }
        }
    }
}
