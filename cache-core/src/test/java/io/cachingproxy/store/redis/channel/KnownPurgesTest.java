package io.cachingproxy.store.redis.channel;

import static io.cachingproxy.testkit.StoredResponses.key;
import static io.cachingproxy.testkit.StoredResponses.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.Purge;
import io.cachingproxy.store.Purge.Scope;
import io.cachingproxy.store.redis.near.NearCache;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class KnownPurgesTest {
    private static final long STAMP = 7;

    private final CacheKey key = key("/docs/1");
    private final StoredResponse response = response("Cache-Tag", "news", "Cache-Groups", "\"one\"");
    private final NearCache near =
            new NearCache(new MemoryStore(1 << 20, 1 << 10), Duration.ofDays(1), Duration.ofDays(1), () -> false);
    private final KnownPurges purges = new KnownPurges(near);

    private boolean isLeftBy(Scope scope) {
        Purge purge = Purge.hard(scope);
        purges.begin(purge);
        boolean left = purges.apply(key, response, STAMP) != null;
        purges.forget(purge);
        assertThat(purges.apply(key, response, STAMP)).isSameAs(response);
        return left;
    }

    @Test
    void a_purge_holds_for_what_it_means_before_redis_has_it() {
        assertThat(isLeftBy(new Scope.All())).isFalse();
        assertThat(isLeftBy(new Scope.Url(key.target()))).isFalse();
        assertThat(isLeftBy(new Scope.Prefix("http://origin.example:8080/docs/")))
                .isFalse();
        assertThat(isLeftBy(new Scope.Tag("news"))).isFalse();
        assertThat(isLeftBy(Scope.Group.of(key.target(), "one"))).isFalse();
    }

    @Test
    void a_purge_leaves_what_it_does_not_mean() {
        assertThat(isLeftBy(new Scope.Url(key("/docs/").target()))).isTrue();
        assertThat(isLeftBy(new Scope.Prefix("http://origin.example:8080/documents")))
                .isTrue();
        assertThat(isLeftBy(new Scope.Tag("new"))).isTrue();
        assertThat(isLeftBy(Scope.Group.of(key.target(), "two"))).isTrue();
        assertThat(isLeftBy(new Scope.Group("https://origin.example:8080", "one")))
                .isTrue();
    }

    @Test
    void a_soft_purge_makes_stale_before_redis_has_it() {
        Instant then = response.freshness().receipt().at().plusSeconds(1);
        purges.begin(Purge.soft(new Scope.All(), then));
        StoredResponse left = purges.apply(key, response, STAMP);
        assertThat(response.isFresh(then)).isTrue();
        assertThat(left).isNotNull();
        assertThat(left.isFresh(then)).isFalse();
    }

    @Test
    void what_is_stored_after_a_purge_that_redis_has_stays() {
        Purge purge = Purge.hard(new Scope.All());
        purges.begin(purge);
        purges.told(purge, STAMP, 0);
        assertThat(purges.apply(key, response, STAMP - 1)).isNull();
        assertThat(purges.apply(key, response, STAMP)).isSameAs(response);
    }

    @Test
    void nothing_is_complete_beyond_a_purge_that_is_still_on_its_way() {
        Purge purge = Purge.hard(new Scope.Tag("other"));
        purges.begin(purge);
        purges.told(purge, 9, 8);
        assertThat(purges.complete()).isZero();
        purges.learn(Purge.hard(new Scope.Url(key.target())), 8);
        purges.completeUpTo(8);
        assertThat(purges.complete()).isEqualTo(8);
        assertThat(purges.apply(key, response, purges.validated(key, response, STAMP, purges.complete())))
                .isNull();
    }

    @Test
    void each_purge_that_becomes_known_is_news_once() {
        long before = purges.news();
        Purge purge = Purge.hard(new Scope.All());
        purges.learn(purge, 8);
        long after = purges.news();
        purges.learn(purge, 8);
        assertThat(after).isGreaterThan(before);
        assertThat(purges.news()).isEqualTo(after);
    }
}
