package io.cachingproxy;

import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.request;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.CacheStore;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.Purge;
import io.cachingproxy.testkit.Client;
import io.cachingproxy.testkit.ForwardingStore;
import io.cachingproxy.testkit.ManualClock;
import io.cachingproxy.testkit.Messages.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** No-Vary-Search. */
class EquivalentsTest {
    private static final Response MINUTE = response(200).cacheControl("max-age=60");

    private final ManualClock clock = ManualClock.atNoon();
    private final MemoryStore shared = new MemoryStore(1 << 20, 1 << 20);
    private final Client client = node(shared);

    private Client node(CacheStore store) {
        return new Client(HttpCache.builder().clock(clock).store(store).build());
    }

    private void store(String query, String noVarySearch) {
        client.send(get("/p" + query), ruled(noVarySearch), "stored");
    }

    private static Response ruled(String noVarySearch) {
        return MINUTE.header("No-Vary-Search", noVarySearch);
    }

    private static boolean isMiss(Client client, String target) {
        return client.send(get(target)).isWaiting();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "params                  | ?a=1            | ?b=2",
                "params                  | ?a=1            | ''",
                "params=(\"utm\")        | ?id=1&utm=x     | ?id=1",
                "params=(\"utm\")        | ?id=1           | ?utm=y&id=1",
                "key-order               | ?a=1&b=2        | ?b=2&a=1",
                "params, except=(\"id\") | ?id=1&x=2       | ?y=3&id=1",
                "params=(\"a b\")        | ?id=1&a+b=x     | ?id=1&a%20b=y"
            })
    void a_query_that_differs_in_what_makes_no_difference_is_a_hit(String rule, String stored, String asked) {
        store(stored, rule);
        client.send(get("/p" + asked)).assertHit("stored");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "params=(\"utm\")        | ?id=1&utm=x     | ?id=2",
                "key-order               | ?a=1&a=2        | ?a=2&a=1",
                "params, except=(\"id\") | ?id=1           | ?id=2",
                "params=?0               | ?a=1            | ?b=2",
                "params=\"a\"            | ?a=1            | ?a=2",
                "except=(\"id\")         | ?a=1            | ?b=2",
                "params=(\"utm\"         | ?utm=1          | ?utm=2"
            })
    void one_that_makes_a_difference_is_not(String rule, String stored, String asked) {
        store(stored, rule);
        assertThat(client.send(get("/p" + asked)).isWaiting()).isTrue();
    }

    @Test
    void a_stale_equivalent_does_not_answer() {
        store("?a=1", "params");
        clock.advance(60);
        assertThat(client.send(get("/p?b=2")).isWaiting()).isTrue();
    }

    @Test
    void a_head_is_answered_by_an_equivalent_too() {
        store("?a=1", "params");
        client.send(request("HEAD").path("/p?b=2")).assertHit("");
    }

    @Test
    void another_path_has_no_part_in_it() {
        store("?a=1", "params");
        assertThat(isMiss(client, "/q?b=2")).isTrue();
        assertThat(isMiss(client, "/p/?b=2")).isTrue();
    }

    // A rule holds as long as responses say it
    @Test
    void a_rule_that_a_later_response_withdraws_is_forgotten() {
        store("?t=1", "params=(\"t\")");
        client.send(get("/p?t=2")).assertHit("stored");
        client.send(get("/p?t=2").cacheControl("no-cache"), MINUTE, "of its own");
        assertThat(isMiss(client, "/p?t=3")).isTrue();
        client.send(get("/p?t=2")).assertHit("of its own");
    }

    @ParameterizedTest
    @ValueSource(strings = {"params=(\"other\")", "key-order", "params=(\"t\"", "params=?0"})
    void so_is_one_that_it_replaces(String later) {
        store("?t=1", "params=(\"t\")");
        client.send(get("/p?u=1"), ruled(later), "later");
        assertThat(isMiss(client, "/p?t=3")).isTrue();
    }

    // RFC 9111 §4.4
    @Test
    void an_unsafe_request_makes_its_target_worthless_also_where_an_equivalent_is_stored() {
        store("?id=1&t=1", "params=(\"t\")");
        client.send(get("/p?id=2&t=1"), ruled("params=(\"t\")"), "another");
        client.send(request("POST").path("/p?id=1&t=2"), response(204), "");
        assertThat(isMiss(client, "/p?id=1&t=2")).isTrue();
        client.send(get("/p?id=2&t=2")).assertHit("another");
    }

    @Test
    void an_error_withdraws_nothing() {
        store("?t=1", "params=(\"t\")");
        client.send(get("/p?x=1"), response(404).cacheControl("max-age=60"), "none");
        client.send(get("/p?t=3")).assertHit("stored");
    }

    // What was learned says where to look, the response itself whether it answers
    @Test
    void a_response_without_the_rule_does_not_answer_by_what_was_learned_of_another() {
        store("?t=1", "params=(\"t\")");
        clock.advance(60);
        client.send(get("/p?t=1"), MINUTE, "without");
        client.send(get("/p?u=1&t=1"), ruled("params=(\"t\")"), "stored");
        assertThat(isMiss(client, "/p?t=3")).isTrue();
        client.send(get("/p?u=1&t=4")).assertHit("stored");
    }

    @Test
    void a_rule_that_a_304_takes_back_counts_no_longer() {
        client.send(get("/p?t=1"), ruled("params=(\"t\")").header("ETag", "\"1\""), "stored");
        clock.advance(60);
        client.send(get("/p?t=1"));
        client.origin()
                .last()
                .head(response(304).cacheControl("max-age=60").header("No-Vary-Search", "params=(\"other\")"))
                .complete();
        assertThat(isMiss(client, "/p?t=3")).isTrue();
    }

    @Test
    void another_node_on_the_same_store_answers_what_the_first_learned() {
        Client other = node(shared);
        store("?id=1&t=1", "params=(\"t\")");
        other.send(get("/p?id=1&t=2")).assertHit("stored");
        other.send(get("/p?t=3&id=1")).assertHit("stored");
        assertThat(isMiss(other, "/p?id=2&t=1")).isTrue();
    }

    @Test
    void what_one_node_learns_to_be_withdrawn_is_so_for_the_others() {
        Client other = node(shared);
        store("?t=1", "params=(\"t\")");
        other.send(get("/p?t=2").cacheControl("no-cache"), MINUTE, "of its own");
        assertThat(isMiss(client, "/p?t=3")).isTrue();
    }

    @Test
    void a_purge_of_the_path_takes_what_was_learned_with_it() {
        store("?t=1", "params=(\"t\")");
        shared.purge(Purge.hard(new Purge.Scope.Prefix("http://example.org/p")));
        assertThat(isMiss(client, "/p?t=3")).isTrue();
    }

    /** A store that takes a lookup elsewhere for everything, and tells which. */
    private static final class FarStore extends ForwardingStore {
        private final List<CacheKey> lookups = new ArrayList<>();

        FarStore(CacheStore store) {
            super(store);
        }

        @Override
        public CompletionStage<List<StoredResponse>> find(CacheKey key) {
            lookups.add(key);
            return super.find(key);
        }
    }

    private static int lookups(FarStore store, Client client, String target) {
        store.lookups.clear();
        client.send(get(target));
        return store.lookups.size();
    }

    @Test
    void a_store_far_away_is_asked_for_the_rule_of_a_path_once_in_a_while_and_not_without_a_query() {
        FarStore far = new FarStore(shared);
        Client node = node(far);
        assertThat(lookups(far, node, "/p")).isEqualTo(1);
        assertThat(lookups(far, node, "/p?a=1")).isEqualTo(2);
        assertThat(lookups(far, node, "/p?a=2")).isEqualTo(1);
        clock.advance(10);
        assertThat(lookups(far, node, "/p?a=3")).isEqualTo(2);
    }

    @Test
    void a_rule_that_is_learned_counts_at_once_where_there_was_none() {
        FarStore far = new FarStore(shared);
        Client node = node(far);
        node.send(get("/p?t=1"), ruled("params=(\"t\")"), "stored");
        node.send(get("/p?t=2")).assertHit("stored");
        node(far).send(get("/p?t=3")).assertHit("stored");
    }
}
