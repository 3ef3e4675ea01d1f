package io.cachingproxy.store.redis.near;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Responses that this node has committed and that Redis has not yet accepted or refused. Lookups on this node find them
 * immediately, regardless of the latency of Redis. Removals and purges that become known meanwhile apply to them.
 */
public final class PendingCommits {
    private final Map<CacheKey, List<Pending>> commits = new ConcurrentHashMap<>();

    /** A pending response. */
    public static final class Pending {
        private final StoredResponse response;
        private final UnaryOperator<@Nullable StoredResponse> left;
        private volatile boolean refused;

        private Pending(StoredResponse response, UnaryOperator<@Nullable StoredResponse> left) {
            this.response = response;
            this.left = left;
        }

        private @Nullable StoredResponse standing() {
            return refused ? null : left.apply(response);
        }
    }

    /**
     * Adds a response.
     *
     * @param left applies removals and purges to it; null if it was removed
     */
    public Pending add(CacheKey key, StoredResponse response, UnaryOperator<@Nullable StoredResponse> left) {
        Pending pending = new Pending(response, left);
        commits.merge(key, List.of(pending), (before, added) -> {
            List<Pending> all = new ArrayList<>(added);
            all.addAll(before);
            return List.copyOf(all);
        });
        return pending;
    }

    /** Ends a pending response: Redis has accepted or refused it, or is unreachable. */
    public void end(CacheKey key, Pending ended, boolean refused) {
        ended.refused = refused;
        commits.computeIfPresent(key, (k, all) -> {
            List<Pending> left =
                    all.stream().filter(pending -> pending != ended).toList();
            return left.isEmpty() ? null : left;
        });
    }

    /**
     * The pending responses under {@code key}, newest first; to be read before Redis is asked, so that none is missed.
     */
    List<Pending> of(CacheKey key) {
        return commits.isEmpty() ? List.of() : commits.getOrDefault(key, List.of());
    }

    /** The responses found, with pending ones in place of those with the same selection. */
    static List<StoredResponse> over(List<Pending> pending, List<StoredResponse> found) {
        if (pending.isEmpty()) {
            return found;
        }
        List<StoredResponse> all = new ArrayList<>();
        pending.stream().map(Pending::standing).filter(Objects::nonNull).forEach(newer -> add(all, newer));
        found.forEach(older -> add(all, older));
        return List.copyOf(all);
    }

    private static void add(List<StoredResponse> all, StoredResponse older) {
        if (all.stream().noneMatch(newer -> newer.selection().equals(older.selection()))) {
            all.add(older);
        }
    }
}
