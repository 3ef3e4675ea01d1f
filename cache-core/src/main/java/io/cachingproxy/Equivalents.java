package io.cachingproxy;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.Target;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.key.SearchVariance;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which stored response answers a URL whose query differs only in what makes no difference (No-Vary-Search). Known of
 * the responses that passed this process; what it does not know is a plain miss.
 */
final class Equivalents {
    private static final int MAX_PATHS = 10_000;
    private static final int MAX_URLS = 100_000;
    private static final int MAX_RULES = 4;

    private final Cache<Target, Set<SearchVariance>> rules =
            Caffeine.newBuilder().maximumSize(MAX_PATHS).executor(Runnable::run).build();
    private final Cache<Equivalence, CacheKey> stored =
            Caffeine.newBuilder().maximumSize(MAX_URLS).executor(Runnable::run).build();

    /** All URLs of a path between which a rule makes no difference. */
    private record Equivalence(Target path, SearchVariance rule, String query) {}

    /** Learns from a response that is stored under {@code key}. */
    void learn(CacheKey key, Headers response) {
        SearchVariance rule = key.method().equals("GET") ? SearchVariance.of(response) : null;
        if (rule == null) {
            return;
        }
        Target path = path(key.target());
        rules.asMap().merge(path, Set.of(rule), (known, added) -> {
            Set<SearchVariance> all = new LinkedHashSet<>(known);
            return all.size() < MAX_RULES && all.add(rule) ? Set.copyOf(all) : known;
        });
        stored.put(new Equivalence(path, rule, rule.normalised(query(key.target()))), key);
    }

    /** The key of a response that answers {@code key} too; null if none is known. */
    @Nullable
    CacheKey of(CacheKey key) {
        if (rules.estimatedSize() == 0 || !key.method().equals("GET")) {
            return null;
        }
        Target path = path(key.target());
        Set<SearchVariance> known = rules.getIfPresent(path);
        if (known == null) {
            return null;
        }
        for (SearchVariance rule : known) {
            CacheKey other = stored.getIfPresent(new Equivalence(path, rule, rule.normalised(query(key.target()))));
            if (other != null && !other.equals(key)) {
                return other;
            }
        }
        return null;
    }

    private static Target path(Target target) {
        return new Target(target.scheme(), target.authority(), target.path());
    }

    private static String query(Target target) {
        return target.pathAndQuery()
                .substring(
                        Math.min(target.pathAndQuery().length(), target.path().length() + 1));
    }
}
