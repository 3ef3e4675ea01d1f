package io.cachingproxy.store.parts;

import io.cachingproxy.http.Hosts;
import io.cachingproxy.http.fields.CacheGroups;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.Purge;
import io.cachingproxy.store.Purge.Scope;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The list of purges, as bans that are checked at each hit: so the cost of a purge does not depend on the number of
 * stored responses, and purges apply to fills in progress. Each purge has a number; it applies to responses whose fill
 * began at a smaller one.
 *
 * <p>The list is bounded. A store that can visit all its responses applies the list to them when it {@linkplain #isLong()
 * is long}, and then {@linkplain #forget forgets} it. When the list is full, its older half is folded into one purge of
 * each origin concerned, which removes all earlier responses of that origin.
 */
public final class Bans {
    private static final Logger LOG = LoggerFactory.getLogger(Bans.class);
    private static final int LONG = 5_000;
    private static final int MAX = 50_000;

    private final Map<Scope, Ban> bans = new ConcurrentHashMap<>();
    private final ConcurrentSkipListSet<Integer> prefixLengths = new ConcurrentSkipListSet<>();
    private final Set<Hosts> hosts = ConcurrentHashMap.newKeySet();
    private final AtomicLong latest = new AtomicLong();
    private final AtomicLong floor = new AtomicLong();

    /** The numbers of the latest hard and soft purge of one scope, 0 if there was none. */
    private record Ban(long hard, long soft, Instant staleFrom) {
        private static final Ban NONE = new Ban(0, 0, Instant.MIN);

        Ban plus(@Nullable Instant from, long number) {
            return from == null
                    ? new Ban(Math.max(hard, number), soft, staleFrom)
                    : number > soft ? new Ban(hard, number, from) : this;
        }

        long latest() {
            return Math.max(hard, soft);
        }
    }

    /** The number of the latest purge. */
    public long latest() {
        return latest.get();
    }

    /** Adds a purge; returns whether it changed the list. */
    public boolean add(Purge purge, long number) {
        Ban before = bans.getOrDefault(purge.scope(), Ban.NONE);
        if (purge.scope() instanceof Scope.Prefix prefix) {
            prefixLengths.add(prefix.url().length());
        } else if (purge.scope() instanceof Scope.OfHosts site) {
            hosts.add(site.hosts());
        }
        bans.merge(
                purge.scope(),
                Ban.NONE.plus(purge.staleFrom(), number),
                (old, added) -> old.plus(purge.staleFrom(), number));
        if (bans.size() > MAX) {
            fold();
        }
        latest.accumulateAndGet(number, Math::max);
        return number > (purge.staleFrom() == null ? before.hard() : before.soft());
    }

    /** Whether the list should be applied to all responses and forgotten. */
    public boolean isLong() {
        return bans.size() >= LONG;
    }

    /** Forgets the purges up to this number, which have been applied to all responses. */
    public synchronized void forget(long number) {
        bans.values().removeIf(ban -> ban.latest() <= number);
        Set<Integer> lengths = new HashSet<>();
        Set<Hosts> sites = new HashSet<>();
        for (Scope scope : bans.keySet()) {
            if (scope instanceof Scope.Prefix prefix) {
                lengths.add(prefix.url().length());
            } else if (scope instanceof Scope.OfHosts site) {
                sites.add(site.hosts());
            }
        }
        prefixLengths.retainAll(lengths);
        hosts.retainAll(sites);
    }

    private synchronized void fold() {
        LOG.warn(
                "More than {} purges of different URLs and tags are remembered:"
                        + " the older half now purges all earlier responses of its sites",
                MAX);
        List<Map.Entry<Scope, Ban>> oldest = bans.entrySet().stream()
                .sorted(Comparator.comparingLong(entry -> entry.getValue().latest()))
                .limit(MAX / 2)
                .toList();
        long origins =
                oldest.stream().map(entry -> entry.getKey().whole()).distinct().count();
        oldest.forEach(entry -> {
            Scope wider = origins > MAX / 4 ? new Scope.All() : entry.getKey().whole();
            boolean everything = wider.equals(new Scope.All());
            long number = entry.getValue().latest();
            if (everything) {
                floor.accumulateAndGet(number, Math::max);
            } else if (!wider.equals(entry.getKey())) {
                bans.merge(wider, Ban.NONE.plus(null, number), (old, added) -> old.plus(null, number));
            }
            if (everything || !wider.equals(entry.getKey())) {
                bans.remove(entry.getKey(), entry.getValue());
            }
        });
    }

    /**
     * Applies the purges to a response: returns it unchanged, made stale, or null if it was purged.
     *
     * @param begun the number at which its fill began
     */
    public @Nullable StoredResponse apply(CacheKey key, StoredResponse response, long begun) {
        if (begun >= latest.get()) {
            return response;
        }
        if (begun < floor.get()) {
            return null;
        }
        String origin = key.target().origin();
        StoredResponse left = applyWide(Function.identity(), response, begun);
        for (Hosts site : hosts) {
            if (left != null && site.contains(key.target().authority())) {
                left = applyWide(scope -> new Scope.OfHosts(site, scope), left, begun);
            }
        }
        left = left == null ? null : apply(new Scope.All(origin), left, begun);
        left = left == null ? null : apply(new Scope.Url(key.target()), left, begun);
        String url = key.target().url();
        for (int length : prefixLengths) {
            if (left == null || length > url.length()) {
                break;
            }
            left = apply(new Scope.Prefix(url.substring(0, length)), left, begun);
        }
        for (String tag : response.tags()) {
            left = left == null ? null : apply(new Scope.Tag(origin, tag), left, begun);
        }
        for (String group : CacheGroups.of(response.head().headers())) {
            left = left == null ? null : apply(new Scope.Group(origin, group), left, begun);
        }
        return left;
    }

    /**
     * Applies the purges of all, tags and groups of several origins.
     *
     * @param within restricts such a scope to the hosts of one site
     */
    private @Nullable StoredResponse applyWide(Function<Scope, Scope> within, StoredResponse response, long begun) {
        StoredResponse left = apply(within.apply(new Scope.All()), response, begun);
        for (String tag : response.tags()) {
            left = left == null ? null : apply(within.apply(new Scope.Tag(tag)), left, begun);
        }
        for (String group : CacheGroups.of(response.head().headers())) {
            left = left == null ? null : apply(within.apply(new Scope.Group(null, group)), left, begun);
        }
        return left;
    }

    /**
     * The number from which purges apply to a response that was validated: a soft purge before the validation no longer
     * applies, a hard one still does.
     *
     * @param begun the number at which the fill of {@code found} began
     * @param since the latest purge when the validation began
     */
    public long validated(CacheKey key, StoredResponse found, long begun, long since) {
        return apply(key, found, begun) == null ? begun : Math.max(begun, since);
    }

    private @Nullable StoredResponse apply(Scope scope, StoredResponse response, long begun) {
        Ban ban = bans.get(scope);
        if (ban == null) {
            return response;
        }
        if (begun < ban.hard()) {
            return null;
        }
        return begun < ban.soft()
                ? response.freshened(response.head(), response.freshness().expired(ban.staleFrom()))
                : response;
    }
}
