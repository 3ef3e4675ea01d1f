package io.cachingproxy;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cachingproxy.http.Body;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.http.fields.SearchVariance;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.key.Selection;
import io.cachingproxy.policy.Freshness;
import io.cachingproxy.policy.Receipt;
import io.cachingproxy.policy.StaleUse;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.CacheStore;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Finds stored responses for equivalent URLs, whose queries differ only in ways that No-Vary-Search declares
 * insignificant.
 *
 * <p>The index is kept in the store, so that all nodes of a shared store have it: the rule of the latest response under
 * each path, and the URL stored last under each normalised query. It is only a hint. The No-Vary-Search field of each
 * response decides whether it may be reused, so an outdated index costs at most a miss. A response stored without a
 * valid rule, or with a different one, withdraws the previous rule of its path.
 *
 * <p>The rule of a path is looked up while the store is asked for the URL. With a remote store, it is looked up only
 * for URLs with a query, and the absence of a rule is remembered for {@link #REMEMBERED}.
 */
final class Equivalents {
    /** Method of the keys of the index; clients cannot have responses cached under it. */
    private static final String INDEX = "NO-VARY-SEARCH";

    private static final String FIELD = "No-Vary-Search";
    private static final String STORED = "Content-Location";
    private static final Duration REMEMBERED = Duration.ofSeconds(10);
    private static final Duration LIFETIME = Duration.ofDays(7);
    private static final int MAX_PATHS = 10_000;
    private static final CompletionStage<List<StoredResponse>> NOTHING = CompletableFuture.completedFuture(List.of());

    private final CacheStore store;
    private final InstantSource clock;
    private final Cache<CacheKey, Boolean> withoutRule;

    Equivalents(CacheStore store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
        this.withoutRule = Caffeine.newBuilder()
                .maximumSize(MAX_PATHS)
                .expireAfterWrite(REMEMBERED)
                .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
                .executor(Runnable::run)
                .build();
    }

    /**
     * The stored responses for a key.
     *
     * @param own stored under the key itself
     * @param equivalent stored for an equivalent URL; looked up only if {@code own} is empty
     */
    record Found(List<StoredResponse> own, List<StoredResponse> equivalent) {}

    CompletionStage<Found> find(CacheKey key) {
        CompletionStage<List<StoredResponse>> own = store.find(key);
        if (!key.method().equals("GET") || isFoundAlready(own)) {
            return own.thenApply(found -> new Found(found, List.of()));
        }
        CompletionStage<List<StoredResponse>> rules = rules(key);
        return own.thenCompose(found -> found.isEmpty()
                ? rules.thenCompose(known -> equivalent(key, known)).thenApply(others -> new Found(List.of(), others))
                : CompletableFuture.completedFuture(new Found(found, List.of())));
    }

    private static boolean isFoundAlready(CompletionStage<List<StoredResponse>> own) {
        CompletableFuture<List<StoredResponse>> found = own.toCompletableFuture();
        return found.isDone() && !found.join().isEmpty();
    }

    /** The index entry for the path of {@code key}: the rule, or nothing. */
    private CompletionStage<List<StoredResponse>> rules(CacheKey key) {
        CacheKey index = ruleKey(key);
        List<StoredResponse> here = store.findHere(index);
        if (here != null) {
            return CompletableFuture.completedFuture(here);
        }
        if (query(key).isEmpty() || withoutRule.getIfPresent(index) != null) {
            return NOTHING;
        }
        return store.find(index).thenApply(found -> {
            if (found.isEmpty()) {
                withoutRule.put(index, Boolean.TRUE);
            }
            return found;
        });
    }

    private CompletionStage<List<StoredResponse>> equivalent(CacheKey key, List<StoredResponse> rules) {
        SearchVariance rule = rules.isEmpty() ? null : variance(rules.get(0));
        return rule == null
                ? NOTHING
                : store.find(queryKey(key, rule)).thenCompose(found -> {
                    String other = found.isEmpty()
                            ? null
                            : found.get(0).head().headers().first(STORED);
                    return other == null ? NOTHING : answering(key, other);
                });
    }

    /** The responses stored under {@code pathAndQuery} whose own No-Vary-Search allows them to answer {@code key}. */
    private CompletionStage<List<StoredResponse>> answering(CacheKey key, String pathAndQuery) {
        Target target = key.target();
        CacheKey other = key.with(new Target(target.scheme(), target.authority(), pathAndQuery));
        if (other.equals(key) || !other.target().path().equals(target.path())) {
            return NOTHING;
        }
        return store.find(other)
                .thenApply(found -> found.stream()
                        .filter(response -> answers(response, query(other), query(key)))
                        .toList());
    }

    private static boolean answers(StoredResponse response, String stored, String asked) {
        SearchVariance rule = variance(response);
        return rule != null && rule.normalised(stored).equals(rule.normalised(asked));
    }

    private static @Nullable SearchVariance variance(StoredResponse response) {
        return SearchVariance.of(response.head().headers());
    }

    /**
     * Updates the index from a response that is being stored under {@code key}: adds its rule, or removes an obsolete
     * one.
     */
    void learn(CacheKey key, ResponseHead response) {
        if (!key.method().equals("GET") || response.status() < 200 || response.status() > 299) {
            return;
        }
        SearchVariance rule = SearchVariance.of(response.headers());
        rules(key).thenAccept(known -> {
            SearchVariance before = known.isEmpty() ? null : variance(known.get(0));
            if (rule == null && before != null) {
                store.invalidate(ruleKey(key));
            } else if (rule != null) {
                remember(key, rule, rule.equals(before), response.headers().all(FIELD));
            }
        });
    }

    /** Removes the index entry of {@code key}, whose equivalent URLs were invalidated by an unsafe request. */
    void forget(CacheKey key) {
        rules(key).thenAccept(known -> {
            SearchVariance rule = known.isEmpty() ? null : variance(known.get(0));
            if (rule != null) {
                store.invalidate(queryKey(key, rule));
            }
        });
    }

    private void remember(CacheKey key, SearchVariance rule, boolean isKnown, List<String> lines) {
        if (!isKnown) {
            Headers.Builder headers = Headers.builder(lines.size());
            lines.forEach(line -> headers.add(FIELD, line));
            put(ruleKey(key), headers.build());
            withoutRule.invalidate(ruleKey(key));
        }
        put(queryKey(key, rule), Headers.of(STORED, key.target().pathAndQuery()));
    }

    private void put(CacheKey key, Headers headers) {
        Receipt receipt = new Receipt(clock.instant(), Duration.ZERO);
        Freshness freshness = new Freshness(receipt, LIFETIME, true, false, false, StaleUse.UNSTATED, 0);
        store.fill(key)
                .commit(new StoredResponse(new ResponseHead(200, headers), Selection.ANY, freshness, Body.EMPTY));
    }

    private static CacheKey ruleKey(CacheKey key) {
        return indexKey(key, "");
    }

    private static CacheKey queryKey(CacheKey key, SearchVariance rule) {
        String normalised = URLEncoder.encode(rule.normalised(query(key)), StandardCharsets.UTF_8);
        return indexKey(key, "?" + normalised);
    }

    private static CacheKey indexKey(CacheKey key, String query) {
        Target target = key.target();
        Target indexed = new Target(target.scheme(), target.authority(), target.path() + query);
        return new CacheKey(INDEX, indexed, null, key.parts());
    }

    private static String query(CacheKey key) {
        Target target = key.target();
        int path = target.path().length();
        return path == target.pathAndQuery().length()
                ? ""
                : target.pathAndQuery().substring(path + 1);
    }
}
