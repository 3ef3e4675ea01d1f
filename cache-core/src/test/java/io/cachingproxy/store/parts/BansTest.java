package io.cachingproxy.store.parts;

import static io.cachingproxy.testkit.StoredResponses.key;
import static io.cachingproxy.testkit.StoredResponses.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Hosts;
import io.cachingproxy.http.Target;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.Purge;
import io.cachingproxy.store.Purge.Scope;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BansTest {
    private static final CacheKey ELSEWHERE = CacheKey.ofGet(new Target("http", "other.example", "/"));

    private final Bans bans = new Bans();
    private final StoredResponse response = response("Cache-Tag", "t");

    @Test
    void a_purge_holds_for_what_began_before_it_only() {
        bans.add(Purge.hard(new Scope.Tag("t")), 5);
        assertThat(bans.apply(key("/"), response, 4)).isNull();
        assertThat(bans.apply(key("/"), response, 5)).isSameAs(response);
    }

    @Test
    void a_purge_of_one_origin_leaves_what_others_stored_under_the_same_tag_or_group() {
        StoredResponse grouped = response("Cache-Tag", "t", "Cache-Groups", "\"g\"");
        String own = key("/").target().origin();
        for (Scope scope : List.of(new Scope.Tag(own, "t"), new Scope.Group(own, "g"), new Scope.All(own))) {
            assertThat(left(scope, key("/"), grouped)).isNull();
            assertThat(left(scope, ELSEWHERE, grouped)).isSameAs(grouped);
        }
        for (Scope scope : List.of(new Scope.Tag("t"), new Scope.Group(null, "g"), new Scope.All())) {
            assertThat(left(scope, key("/"), grouped)).isNull();
            assertThat(left(scope, ELSEWHERE, grouped)).isNull();
        }
    }

    @Test
    void a_list_that_overflows_with_purges_of_the_hosts_of_a_site_leaves_other_sites_alone() {
        Hosts own = Hosts.of(List.of("other.example"), List.of());
        StoredResponse plain = response();
        for (int i = 1; i <= 60_000; i++) {
            bans.add(Purge.hard(new Scope.OfHosts(own, new Scope.Tag("x" + i))), i);
        }
        assertThat(bans.apply(ELSEWHERE, plain, 0)).isNull();
        assertThat(bans.apply(key("/"), plain, 0)).isSameAs(plain);
    }

    private static @Nullable StoredResponse left(Scope scope, CacheKey key, StoredResponse response) {
        Bans one = new Bans();
        one.add(Purge.hard(scope), 5);
        return one.apply(key, response, 4);
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
        bans.add(Purge.soft(new Scope.Tag("t"), response.freshness().receipt().at()), 5);
        StoredResponse once = bans.apply(key("/"), response, 1);
        assertThat(once).isNotNull().isNotEqualTo(response);
        assertThat(bans.apply(key("/"), once, 1)).isEqualTo(once);
    }

    @Test
    void a_list_that_overflows_with_purges_of_one_origin_leaves_the_others_alone() {
        String own = key("/").target().origin();
        StoredResponse plain = response();
        for (int i = 1; i <= 100_000; i++) {
            Scope scope = i % 2 == 0 ? new Scope.Tag(own, "x" + i) : new Scope.Prefix(own + "/x" + i);
            bans.add(Purge.hard(scope), i);
        }
        assertThat(bans.apply(key("/"), plain, 1)).isNull();
        assertThat(bans.apply(key("/"), plain, 99_998)).isSameAs(plain);
        assertThat(bans.apply(key("/x99999"), plain, 99_998)).isNull();
        assertThat(bans.apply(ELSEWHERE, plain, 1)).isSameAs(plain);
    }

    @Test
    void a_list_that_overflows_with_purges_of_very_many_origins_errs_on_the_side_of_gone() {
        for (int i = 1; i <= 100_000; i++) {
            bans.add(Purge.hard(new Scope.All("http://" + i)), i);
        }
        assertThat(bans.apply(ELSEWHERE, response(), 1)).isNull();
        assertThat(bans.apply(ELSEWHERE, response, 99_999)).isSameAs(response);
    }

    @Test
    void a_list_that_overflows_errs_on_the_side_of_gone() {
        for (int i = 1; i <= 100_000; i++) {
            bans.add(Purge.hard(new Scope.Tag("x" + i)), i);
        }
        assertThat(bans.apply(key("/"), response, 1)).isNull();
        assertThat(bans.apply(key("/"), response, 99_999)).isSameAs(response);
        assertThat(bans.apply(key("/"), response("Cache-Tag", "x100000"), 99_999))
                .isNull();
    }

    @Test
    void purges_that_were_applied_to_all_responses_can_be_forgotten() {
        for (int i = 1; i <= 6_000; i++) {
            bans.add(Purge.hard(new Scope.Prefix("http://example.org/" + "x".repeat(i % 10))), i);
            bans.add(Purge.hard(new Scope.Tag("x" + i)), i);
        }
        assertThat(bans.isLong()).isTrue();
        bans.add(Purge.hard(new Scope.Tag("t")), 6_001);
        bans.forget(6_000);
        assertThat(bans.isLong()).isFalse();
        assertThat(bans.apply(key("/"), response("Cache-Tag", "x9"), 1)).isNotNull();
        assertThat(bans.apply(key("/"), response, 1)).isNull();
        assertThat(bans.latest()).isEqualTo(6_001);
    }
}
