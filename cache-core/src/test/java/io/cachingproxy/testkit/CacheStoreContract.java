package io.cachingproxy.testkit;

import static io.cachingproxy.testkit.StoredResponses.bodies;
import static io.cachingproxy.testkit.StoredResponses.bytes;
import static io.cachingproxy.testkit.StoredResponses.find;
import static io.cachingproxy.testkit.StoredResponses.join;
import static io.cachingproxy.testkit.StoredResponses.key;
import static io.cachingproxy.testkit.StoredResponses.language;
import static io.cachingproxy.testkit.StoredResponses.random;
import static io.cachingproxy.testkit.StoredResponses.response;
import static io.cachingproxy.testkit.StoredResponses.store;
import static io.cachingproxy.testkit.StoredResponses.text;
import static io.cachingproxy.testkit.StoredResponses.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachingproxy.http.Body;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.CacheStore;
import io.cachingproxy.store.Fill;
import io.cachingproxy.store.Purge;
import io.cachingproxy.store.Purge.Scope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The contract of a {@link CacheStore} as JUnit tests. A store of one's own passes all of them:
 *
 * <pre>{@code
 * class MyStoreTest extends CacheStoreContract {
 *     @Override
 *     protected CacheStore open() {
 *         return new MyStore(MAX_OBJECT);
 *     }
 * }
 * }</pre>
 *
 * <p>Each test gets a new store and closes it.
 */
public abstract class CacheStoreContract {
    /** The longest body that the store under test takes, in bytes. */
    protected static final int MAX_OBJECT = 4 << 20;

    protected final CacheKey key = key("/a?b=c");

    @SuppressWarnings("NullAway.Init")
    protected CacheStore store;

    /** An empty store, which takes bodies up to {@link #MAX_OBJECT}, ready to be used. */
    protected abstract CacheStore open();

    @BeforeEach
    void openStore() {
        store = open();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    @Test
    void nothing_is_found_in_an_empty_store() {
        assertThat(find(store, key)).isEmpty();
    }

    @Test
    void what_was_committed_is_found_whole() throws IOException {
        StoredResponse response = response(language("de"), "Content-Type", "text/plain", "ETag", "\"1\"", "X", "ä");
        store(store, key, response, "hello");
        StoredResponse found = find(store, key).get(0);
        assertThat(found.head()).isEqualTo(response.head());
        assertThat(found.selection()).isEqualTo(response.selection());
        assertThat(found.freshness()).isEqualTo(response.freshness());
        assertThat(text(found)).isEqualTo("hello");
    }

    @Test
    void a_body_of_length_0_is_stored() {
        assertThat(join(store.fill(key).commit(response()))).isTrue();
        assertThat(find(store, key).get(0).body().length()).isZero();
        assertThat(bodies(store, key)).containsExactly("");
    }

    @Test
    void what_was_written_is_invisible_until_committed() {
        Fill fill = store.fill(key);
        fill.write(utf8("hel"));
        assertThat(find(store, key)).isEmpty();
        fill.write(utf8("lo"));
        assertThat(join(fill.commit(response()))).isTrue();
        assertThat(bodies(store, key)).containsExactly("hello");
    }

    @Test
    void a_discarded_fill_leaves_nothing() {
        Fill fill = store.fill(key);
        fill.write(utf8("hello"));
        fill.discard();
        assertThat(join(fill.commit(response()))).isFalse();
        assertThat(find(store, key)).isEmpty();
    }

    @Test
    void a_body_that_is_too_large_is_refused() {
        Fill fill = store.fill(key);
        boolean taken = true;
        for (int sent = 0; sent <= MAX_OBJECT; sent += 1 << 16) {
            taken &= fill.write(ByteBuffer.allocate(1 << 16));
        }
        assertThat(taken).isFalse();
        assertThat(fill.write(ByteBuffer.allocate(1))).isFalse();
        assertThat(join(fill.commit(response()))).isFalse();
        assertThat(find(store, key)).isEmpty();
    }

    @Test
    void a_large_body_comes_back_byte_for_byte_and_in_any_part() throws IOException {
        byte[] sent = random(1_000_003);
        storeInPieces(sent, 37_411);
        Body body = find(store, key).get(0).body();
        assertThat(body.length()).isEqualTo(sent.length);
        assertThat(bytes(body.read())).isEqualTo(sent);
        for (int[] part :
                new int[][] {{0, 1}, {262_143, 2}, {262_144, 262_144}, {1, 999_000}, {1_000_002, 1}, {5, 0}}) {
            assertThat(bytes(body.read(part[0], part[1])))
                    .isEqualTo(Arrays.copyOfRange(sent, part[0], part[0] + part[1]));
        }
    }

    private void storeInPieces(byte[] sent, int piece) {
        Fill fill = store.fill(key);
        for (int at = 0; at < sent.length; at += piece) {
            assertThat(fill.write(ByteBuffer.wrap(sent, at, Math.min(piece, sent.length - at))))
                    .isTrue();
        }
        assertThat(join(fill.commit(response()))).isTrue();
    }

    @Test
    void a_part_outside_the_body_cannot_be_read() {
        store(store, key, "hello");
        Body body = find(store, key).get(0).body();
        assertThatThrownBy(() -> body.read(3, 3)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> body.read(-1, 1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void many_readers_read_one_body_independently() throws IOException {
        byte[] sent = random(700_000);
        storeInPieces(sent, 100_000);
        Body body = find(store, key).get(0).body();
        Content abandoned = body.read();
        abandoned.demand(() -> {});
        abandoned.cancel();
        assertThat(abandoned.read()).isSameAs(Content.END);
        assertThat(bytes(body.read())).isEqualTo(sent);
        assertThat(bytes(body.read())).isEqualTo(sent);
    }

    @Test
    void an_invalidated_key_is_not_found_and_others_are() {
        store(store, key, "old");
        store(store, key("/other"), "other");
        join(store.invalidate(key));
        assertThat(find(store, key)).isEmpty();
        assertThat(bodies(store, key("/other"))).containsExactly("other");
    }

    @Test
    void invalidation_removes_all_variants() {
        store(store, key, response(language("de")), "hallo");
        store(store, key, response(language("en")), "hello");
        join(store.invalidate(key));
        assertThat(find(store, key)).isEmpty();
    }

    @Test
    void a_fill_begun_before_an_invalidation_is_refused() {
        Fill fill = store.fill(key);
        fill.write(utf8("old"));
        join(store.invalidate(key));
        assertThat(join(fill.commit(response()))).isFalse();
        assertThat(find(store, key)).isEmpty();
    }

    @Test
    void a_large_fill_begun_before_an_invalidation_is_refused() {
        Fill fill = store.fill(key);
        fill.write(ByteBuffer.wrap(random(600_000)));
        join(store.invalidate(key));
        fill.write(ByteBuffer.wrap(random(600_000)));
        assertThat(join(fill.commit(response()))).isFalse();
        assertThat(find(store, key)).isEmpty();
    }

    @Test
    void a_fill_begun_after_an_invalidation_is_stored() {
        join(store.invalidate(key));
        assertThat(store(store, key, "new")).isTrue();
        assertThat(bodies(store, key)).containsExactly("new");
    }

    @Test
    void clear_removes_everything() {
        store(store, key, "old");
        store(store, key("/other"), "other");
        join(store.clear());
        assertThat(find(store, key)).isEmpty();
        assertThat(find(store, key("/other"))).isEmpty();
    }

    @Test
    void a_fill_begun_before_everything_was_cleared_is_refused() {
        Fill fill = store.fill(key);
        fill.write(utf8("old"));
        join(store.clear());
        assertThat(join(fill.commit(response()))).isFalse();
        assertThat(find(store, key)).isEmpty();
    }

    @Test
    void a_fill_begun_after_everything_was_cleared_is_stored() {
        join(store.clear());
        assertThat(store(store, key, "new")).isTrue();
        assertThat(bodies(store, key)).containsExactly("new");
    }

    @Test
    void a_commit_replaces_the_response_with_the_same_selection() {
        store(store, key, response(language("de")), "1");
        store(store, key, response(language("de")), "2");
        assertThat(bodies(store, key)).containsExactly("2");
    }

    @Test
    void responses_with_different_selections_are_kept_newest_first() {
        store(store, key, response(language("de")), "hallo");
        store(store, key, response(language("en")), "hello");
        store(store, key, response(language("fr")), "salut");
        store(store, key, response(language("de")), "hallo!");
        assertThat(bodies(store, key)).containsExactly("hallo!", "salut", "hello");
    }

    @Test
    void the_number_of_variants_is_bounded_and_the_newest_stay() {
        for (int i = 0; i < 100; i++) {
            store(store, key, response(language("x" + i)), "body " + i);
        }
        List<String> bodies = bodies(store, key);
        assertThat(bodies).hasSizeBetween(8, 64).startsWith("body 99", "body 98", "body 97");
    }

    @Test
    void an_older_fill_does_not_replace_what_a_younger_one_stored() {
        Fill older = store.fill(key);
        older.write(utf8("old"));
        // Both have to be known to the store in this order.
        assertThat(find(store, key)).isEmpty();
        awaitBegun(older);
        store(store, key, "new");
        assertThat(join(older.commit(response()))).isFalse();
        assertThat(bodies(store, key)).containsExactly("new");
    }

    /** Waits until the store knows of the fill, where that takes time. */
    protected void awaitBegun(Fill fill) {}

    @Test
    void freshening_changes_the_head_and_keeps_the_body() {
        store(store, key, response("ETag", "\"1\"", "X", "old"), "hello");
        StoredResponse stored = find(store, key).get(0);
        StoredResponse freshened =
                stored.freshened(new ResponseHead(200, Headers.of("ETag", "\"1\"", "X", "new")), stored.freshness());
        join(store.fill(key).freshen(stored, freshened));
        StoredResponse found = find(store, key).get(0);
        assertThat(found.head()).isEqualTo(freshened.head());
        assertThat(text(found)).isEqualTo("hello");
    }

    @Test
    void a_large_body_survives_freshening() throws IOException {
        byte[] sent = random(600_000);
        storeInPieces(sent, 60_000);
        StoredResponse stored = find(store, key).get(0);
        join(store.fill(key)
                .freshen(stored, stored.freshened(new ResponseHead(203, Headers.EMPTY), stored.freshness())));
        StoredResponse found = find(store, key).get(0);
        assertThat(found.head().status()).isEqualTo(203);
        assertThat(bytes(found.body().read())).isEqualTo(sent);
    }

    @Test
    void freshening_does_not_bring_back_what_was_removed() {
        store(store, key, "hello");
        StoredResponse stored = find(store, key).get(0);
        join(store.invalidate(key));
        join(store.fill(key).freshen(stored, stored));
        assertThat(find(store, key)).isEmpty();
    }

    @Test
    void freshening_does_not_undo_a_replacement() {
        store(store, key, "old");
        StoredResponse stored = find(store, key).get(0);
        store(store, key, "new");
        join(store.fill(key).freshen(stored, stored));
        assertThat(bodies(store, key)).containsExactly("new");
    }

    @Test
    void a_body_that_was_found_never_yields_the_bytes_of_its_successor() throws IOException {
        byte[] old = random(900_000);
        storeInPieces(old, 100_000);
        Content reading = find(store, key).get(0).body().read();
        storeInPieces(random(900_001), 100_000);
        assertThat(bytes(reading)).isEqualTo(old);
    }

    @Test
    void a_body_that_was_found_stays_or_breaks_off_when_everything_is_cleared() {
        byte[] old = random(900_000);
        storeInPieces(old, 100_000);
        Content reading = find(store, key).get(0).body().read();
        join(store.clear());
        try {
            assertThat(bytes(reading)).isEqualTo(old);
        } catch (IOException brokenOff) {
            assertThat(brokenOff).hasMessageContaining("body");
        }
    }

    @Test
    void a_hard_purge_of_a_url_removes_it_and_no_longer_one() {
        store(store, key, response(language("de")), "hallo");
        store(store, key, response(language("en")), "hello");
        store(store, key("/a?b=cd"), "longer");
        join(store.purge(Purge.hard(new Scope.Url(key.target()))));
        assertThat(find(store, key)).isEmpty();
        assertThat(bodies(store, key("/a?b=cd"))).containsExactly("longer");
    }

    @Test
    void a_hard_purge_of_a_prefix_removes_what_begins_with_it() {
        store(store, key("/docs/1"), "1");
        store(store, key("/docs"), "docs");
        store(store, key("/other"), "other");
        join(store.purge(Purge.hard(new Scope.Prefix("http://origin.example:8080/docs/"))));
        assertThat(find(store, key("/docs/1"))).isEmpty();
        assertThat(bodies(store, key("/docs"))).containsExactly("docs");
        assertThat(bodies(store, key("/other"))).containsExactly("other");
    }

    @Test
    void a_hard_purge_of_a_tag_removes_what_bears_it() {
        store(store, key("/1"), response("Surrogate-Key", "news  sport"), "1");
        store(store, key("/2"), response("Cache-Tag", "music, sport"), "2");
        store(store, key("/3"), response("xkey", "a", "xkey", "sport"), "3");
        store(store, key("/4"), response("Surrogate-Key", "sports", "X", "sport"), "4");
        join(store.purge(Purge.hard(new Scope.Tag("sport"))));
        assertThat(find(store, key("/1"))).isEmpty();
        assertThat(find(store, key("/2"))).isEmpty();
        assertThat(find(store, key("/3"))).isEmpty();
        assertThat(bodies(store, key("/4"))).containsExactly("4");
    }

    @Test
    void a_hard_purge_of_all_removes_everything() {
        store(store, key, "old");
        join(store.purge(Purge.hard(new Scope.All())));
        assertThat(find(store, key)).isEmpty();
    }

    @Test
    void a_soft_purge_leaves_the_response_stale_from_then_on() {
        StoredResponse response = response("Cache-Tag", "t");
        Instant then = response.freshness().receipt().at().plusSeconds(10);
        store(store, key, response, "hello");
        join(store.purge(Purge.soft(new Scope.Tag("t"), then)));
        StoredResponse found = find(store, key).get(0);
        assertThat(text(found)).isEqualTo("hello");
        assertThat(found.isFresh(then.minusSeconds(1))).isTrue();
        assertThat(found.isFresh(then)).isFalse();
    }

    @Test
    void what_is_stored_after_a_purge_stays() {
        store(store, key, "old");
        join(store.purge(Purge.soft(new Scope.All(), Instant.now())));
        join(store.purge(Purge.hard(new Scope.All())));
        assertThat(store(store, key, "new")).isTrue();
        assertThat(bodies(store, key)).containsExactly("new");
        assertThat(find(store, key).get(0).isFresh(Instant.now())).isTrue();
    }

    @Test
    void a_fill_begun_before_a_hard_purge_is_refused() {
        Fill fill = store.fill(key);
        fill.write(utf8("old"));
        join(store.purge(Purge.hard(new Scope.Tag("t"))));
        assertThat(join(fill.commit(response("Cache-Tag", "t")))).isFalse();
        assertThat(find(store, key)).isEmpty();
    }

    @Test
    void a_fill_begun_before_a_soft_purge_is_stored_stale() {
        Instant now = Instant.now();
        Fill fill = store.fill(key);
        fill.write(utf8("old"));
        join(store.purge(Purge.soft(new Scope.Url(key.target()), now)));
        join(fill.commit(response()));
        assertThat(find(store, key)).noneMatch(found -> found.isFresh(now.plusSeconds(1)));
    }

    @Test
    void what_was_validated_after_a_soft_purge_is_fresh_again() {
        Instant now = Instant.now();
        store(store, key, "hello");
        join(store.purge(Purge.soft(new Scope.All(), now)));
        StoredResponse stale = find(store, key).get(0);
        join(store.fill(key)
                .freshen(stale, stale.freshened(stale.head(), response().freshness())));
        assertThat(find(store, key).get(0).isFresh(now.plusSeconds(1))).isTrue();
    }

    @Test
    void a_validation_begun_before_a_soft_purge_does_not_undo_it() {
        Instant now = Instant.now();
        store(store, key, "hello");
        for (int purges = 0; purges < 3; purges++) { // by then what is validated is stale already
            StoredResponse found = find(store, key).get(0);
            Fill validation = store.fill(key);
            join(store.purge(Purge.soft(new Scope.All(), now)));
            join(validation.freshen(
                    found, found.freshened(found.head(), response().freshness())));
            assertThat(find(store, key).get(0).isFresh(now.plusSeconds(1))).isFalse();
        }
    }

    @Test
    void a_validation_does_not_undo_a_hard_purge() {
        store(store, key, "hello");
        StoredResponse found = find(store, key).get(0);
        Fill before = store.fill(key);
        join(store.purge(Purge.hard(new Scope.All())));
        join(before.freshen(found, found));
        assertThat(find(store, key)).isEmpty();
        join(store.fill(key).freshen(found, found));
        assertThat(find(store, key)).isEmpty();
    }

    // RFC 9875 §3
    @Test
    void a_group_that_is_invalidated_is_gone_and_no_fill_brings_it_back() {
        store(store, key("/1"), response("Cache-Groups", "\"one\", \"two\""), "1");
        store(store, key("/2"), response("Cache-Groups", "\"two\""), "2");
        Fill fill = store.fill(key);
        fill.write(utf8("old"));
        join(store.purge(Purge.hard(Scope.Group.of(key.target(), "one"))));
        assertThat(join(fill.commit(response("Cache-Groups", "\"one\"")))).isFalse();
        assertThat(find(store, key)).isEmpty();
        assertThat(find(store, key("/1"))).isEmpty();
        assertThat(bodies(store, key("/2"))).containsExactly("2");
    }

    @Test
    void a_fill_is_not_for_those_who_ask_after_what_may_have_ended_it() {
        assertOutdates(() -> store.invalidate(key));
        assertOutdates(() -> store.clear());
        assertOutdates(() -> store.purge(Purge.hard(Scope.Group.of(key.target(), "one"))));
        assertOutdates(() -> store.purge(Purge.soft(new Scope.Url(key.target()), Instant.now())));
    }

    private void assertOutdates(Supplier<CompletionStage<?>> removal) {
        Fill before = store.fill(key);
        assertThat(before.isCurrent()).isTrue();
        CompletionStage<?> removed = removal.get();
        join(removed);
        assertThat(before.isCurrent()).isFalse();
        before.discard();
        Fill after = store.fill(key);
        assertThat(after.isCurrent()).isTrue();
        after.discard();
    }

    @Test
    void no_stage_fails_after_closing() {
        store(store, key, "hello");
        Fill open = store.fill(key);
        open.write(utf8("hello"));
        store.close();
        assertThat(join(open.commit(response()))).isFalse();
        assertThat(find(store, key)).isEmpty();
        assertThat(store(store, key, "late")).isFalse();
        join(store.invalidate(key));
        join(store.purge(Purge.hard(new Scope.All())));
        join(store.clear());
    }
}
