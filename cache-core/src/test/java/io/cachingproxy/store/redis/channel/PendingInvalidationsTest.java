package io.cachingproxy.store.redis.channel;

import static io.cachingproxy.testkit.StoredResponses.key;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.redis.near.NearCache;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PendingInvalidationsTest {
    private final CacheKey key = key("/1");
    private final PendingInvalidations owed = new PendingInvalidations(
            new NearCache(new MemoryStore(1 << 20, 1 << 10), Duration.ofDays(1), Duration.ofDays(1), () -> false));

    @Test
    void a_removal_is_owed_until_redis_was_told_of_it() {
        long ticket = owed.begin(key);
        assertThat(owed.isOwed(key)).isTrue();
        owed.told(key, ticket);
        assertThat(owed.isOwed(key)).isFalse();
    }

    @Test
    void an_earlier_removal_that_redis_heard_of_does_not_settle_a_later_one() {
        long earlier = owed.begin(key);
        long later = owed.begin(key);
        owed.told(key, earlier);
        assertThat(owed.isOwed(key)).isTrue();
        owed.told(key, later);
        assertThat(owed.isOwed(key)).isFalse();
    }

    @Test
    void beyond_a_bound_all_is_owed_until_redis_was_told_that_all_is_gone() {
        for (int i = 0; i <= 10_000; i++) {
            owed.begin(key("/" + i));
        }
        assertThat(owed.isOwed(key("/another"))).isTrue();
        owed.allTold();
        assertThat(owed.isOwed(key("/another"))).isFalse();
        assertThat(owed.isOwed(key("/1"))).isFalse();
    }

    @Test
    void the_number_of_a_key_changes_with_each_removal() {
        long before = owed.number(key);
        owed.begin(key);
        long after = owed.number(key);
        owed.gone(key);
        assertThat(after).isNotEqualTo(before);
        assertThat(owed.number(key)).isNotEqualTo(after);
    }
}
