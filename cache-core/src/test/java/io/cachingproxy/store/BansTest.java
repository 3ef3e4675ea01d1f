package io.cachingproxy.store;

import static io.cachingproxy.store.Responses.key;
import static io.cachingproxy.store.Responses.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.Purge.Scope;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class BansTest {
    private final Bans bans = new Bans();
    private final StoredResponse response = response("Cache-Tag", "t");

    @Test
    void a_purge_holds_for_what_began_before_it_only() {
        bans.add(Purge.hard(new Scope.Tag("t")), 5);
        assertThat(bans.apply(key("/"), response, 4)).isNull();
        assertThat(bans.apply(key("/"), response, 5)).isSameAs(response);
    }

    @Test
    void a_purge_is_news_once() {
        assertThat(bans.add(Purge.hard(new Scope.All()), 5)).isTrue();
        assertThat(bans.add(Purge.hard(new Scope.All()), 5)).isFalse();
        assertThat(bans.add(Purge.soft(new Scope.All(), Instant.EPOCH), 4)).isTrue();
        assertThat(bans.add(Purge.hard(new Scope.All()), 6)).isTrue();
    }

    @Test
    void an_older_purge_heard_later_does_not_weaken_a_newer_one() {
        bans.add(Purge.hard(new Scope.Tag("t")), 9);
        bans.add(Purge.hard(new Scope.Tag("t")), 3);
        assertThat(bans.apply(key("/"), response, 8)).isNull();
    }

    @Test
    void applying_twice_is_applying_once() {
        bans.add(Purge.soft(new Scope.Tag("t"), response.freshness().receivedAt()), 5);
        StoredResponse once = bans.apply(key("/"), response, 1);
        assertThat(once).isNotNull().isNotEqualTo(response);
        assertThat(bans.apply(key("/"), once, 1)).isEqualTo(once);
    }

    @Test
    void a_list_that_overflows_errs_on_the_side_of_gone() {
        for (int i = 1; i <= 20_000; i++) {
            bans.add(Purge.hard(new Scope.Tag("x" + i)), i);
        }
        assertThat(bans.apply(key("/"), response, 1)).isNull();
        assertThat(bans.apply(key("/"), response, 19_999)).isSameAs(response);
        assertThat(bans.apply(key("/"), response("Cache-Tag", "x20000"), 19_999))
                .isNull();
    }
}
