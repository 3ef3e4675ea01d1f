package io.cachingproxy.store.redis;

import static io.cachingproxy.testkit.StoredResponses.bodies;
import static io.cachingproxy.testkit.StoredResponses.bytes;
import static io.cachingproxy.testkit.StoredResponses.find;
import static io.cachingproxy.testkit.StoredResponses.join;
import static io.cachingproxy.testkit.StoredResponses.key;
import static io.cachingproxy.testkit.StoredResponses.language;
import static io.cachingproxy.testkit.StoredResponses.random;
import static io.cachingproxy.testkit.StoredResponses.response;
import static io.cachingproxy.testkit.StoredResponses.store;
import static io.cachingproxy.testkit.StoredResponses.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.http.Body;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.key.Selection;
import io.cachingproxy.policy.Decision;
import io.cachingproxy.policy.Freshness;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.policy.Receipt;
import io.cachingproxy.policy.Reuse;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.policy.Terms;
import io.cachingproxy.store.CacheStore;
import io.cachingproxy.store.Fill;
import io.cachingproxy.store.FillLeases.Elsewhere;
import io.cachingproxy.store.FillLeases.Held;
import io.cachingproxy.store.FillLeases.Lease;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.Purge;
import io.cachingproxy.store.StoredEntry;
import io.cachingproxy.store.redis.bodies.InlineBody;
import io.cachingproxy.store.redis.entries.RedisFill;
import io.cachingproxy.testkit.CacheStoreContract;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What {@link RedisStore} promises beyond the contract, on whatever servers. */
abstract class RedisStoreContract extends CacheStoreContract {
    private final String prefix = "test-" + UUID.randomUUID();
    private @Nullable RedisStore other;

    /** The servers. */
    abstract String url();

    @Override
    protected CacheStore open() {
        return connect();
    }

    private RedisStore connect() {
        return Stores.ready(RedisStore.at(url()).prefix(prefix));
    }

    /** A second node. */
    private RedisStore other() {
        if (other == null) {
            other = connect();
        }
        return other;
    }

    @AfterEach
    void closeOther() {
        if (other != null) {
            other.close();
        }
    }

    @Override
    protected void awaitBegun(Fill fill) {
        join(((RedisFill) fill).progress());
    }

    @Test
    void what_one_stores_the_other_finds() {
        store(store, key, "hello");
        assertThat(bodies(other(), key)).containsExactly("hello");
    }

    @Test
    void the_second_lookup_is_answered_near_without_a_hop() {
        store(store, key, "hello");
        find(other(), key);
        assertThat(other().find(key).toCompletableFuture()).isDone();
        assertThat(bodies(other(), key)).containsExactly("hello");
    }

    @Test
    void a_body_apart_is_near_once_it_was_read_and_needs_redis_no_more() throws IOException {
        byte[] sent = random(600_000);
        storeBytes(store, key, sent);
        assertThat(bytes(find(other(), key).get(0).body().read(300_000, 1))).hasSize(1);
        assertThat(bytes(find(other(), key).get(0).body().read())).isEqualTo(sent);
        for (int round = 0; round < 2; round++) {
            CompletableFuture<List<StoredResponse>> near = other().find(key).toCompletableFuture();
            assertThat(near).isDone();
            assertThat(near.join().get(0).body().read().read()).isNotNull();
            assertThat(bytes(near.join().get(0).body().read())).isEqualTo(sent);
        }
    }

    @Test
    void a_near_copy_of_a_body_apart_is_dropped_when_another_node_stores_anew() throws IOException {
        storeBytes(store, key, random(300_000));
        bytes(find(other(), key).get(0).body().read());
        storeBytes(store, key, random(300_001));
        await().atMost(Duration.ofSeconds(1))
                .until(() -> find(other(), key).get(0).body().length() == 300_001);
        assertThat(bytes(find(other(), key).get(0).body().read())).isEqualTo(random(300_001));
    }

    private static void storeBytes(CacheStore store, CacheKey key, byte[] body) {
        Fill fill = store.fill(key);
        fill.write(ByteBuffer.wrap(body));
        assertThat(join(fill.commit(response()))).isTrue();
    }

    @Test
    void a_body_too_long_for_its_share_of_memory_is_not_kept_near() throws IOException {
        MemoryStore near = new MemoryStore(1 << 20, 1 << 20);
        RedisStore small = Stores.ready(RedisStore.at(url()).prefix(prefix), near);
        storeBytes(store, key, random(100_000));
        bytes(find(small, key).get(0).body().read());
        assertThat(near.keys()).isZero();
        small.close();
    }

    @Test
    void as_many_variants_as_in_memory_are_kept_and_a_lookup_does_not_bring_all_their_bodies() throws IOException {
        for (int i = 0; i < 64; i++) {
            find(store, key);
            Fill fill = store.fill(key);
            fill.write(ByteBuffer.wrap(random(30_000 + i)));
            assertThat(join(fill.commit(response(language("x" + i))))).isTrue();
        }
        await().until(() -> !find(other(), key).isEmpty());
        List<StoredResponse> found = find(other(), key);
        assertThat(found).hasSize(64);
        for (int i = 0; i < 64; i++) {
            assertThat(bytes(found.get(63 - i).body().read())).isEqualTo(random(30_000 + i));
        }
        assertThat(found.stream().filter(response -> response.body() instanceof InlineBody))
                .hasSizeLessThanOrEqualTo(3);
    }

    @Test
    void a_near_copy_is_dropped_when_another_node_stores_anew() {
        store(store, key, "old");
        find(other(), key);
        store(store, key, "new");
        await().atMost(Duration.ofSeconds(1))
                .until(() -> bodies(other(), key).get(0).equals("new"));
    }

    @Test
    void a_near_copy_is_dropped_when_another_node_freshens() {
        store(store, key, response("X", "old"), "body");
        StoredResponse stored = find(store, key).get(0);
        find(other(), key);
        join(store.fill(key)
                .freshen(stored, stored.freshened(new ResponseHead(203, Headers.EMPTY), stored.freshness())));
        await().atMost(Duration.ofSeconds(1))
                .until(() -> find(other(), key).get(0).head().status() == 203);
    }

    @Test
    void what_was_found_near_can_be_freshened_for_all() {
        store(store, key, "body");
        find(other(), key);
        StoredResponse near = find(other(), key).get(0);
        join(other().fill(key).freshen(near, near.freshened(new ResponseHead(203, Headers.EMPTY), near.freshness())));
        assertThat(find(store, key).get(0).head().status()).isEqualTo(203);
    }

    @Test
    void a_near_copy_is_dropped_when_another_node_invalidates() {
        store(store, key, "old");
        find(other(), key);
        join(store.invalidate(key));
        await().atMost(Duration.ofSeconds(1)).until(() -> find(other(), key).isEmpty());
    }

    @Test
    void near_copies_are_dropped_when_another_node_clears() {
        store(store, key, "old");
        find(other(), key);
        join(store.clear());
        await().atMost(Duration.ofSeconds(1)).until(() -> find(other(), key).isEmpty());
    }

    @Test
    void a_fill_begun_before_another_node_invalidates_is_refused() {
        other();
        for (int round = 0; round < 100; round++) {
            Fill fill = store.fill(key);
            fill.write(utf8("old"));
            join(other().invalidate(key));
            assertThat(join(fill.commit(response()))).isFalse();
            assertThat(find(store, key)).isEmpty();
        }
    }

    @Test
    void a_fill_is_not_for_those_who_ask_after_another_node_ended_it() {
        for (Supplier<CompletionStage<?>> removal : List.<Supplier<CompletionStage<?>>>of(
                () -> other().invalidate(key),
                () -> other().clear(),
                () -> other().purge(Purge.hard(Purge.Scope.Group.of(key.target(), "one"))))) {
            Fill fill = store.fill(key);
            assertThat(fill.isCurrent()).isTrue();
            join(removal.get());
            await().atMost(Duration.ofSeconds(1)).until(() -> !fill.isCurrent());
            fill.discard();
        }
    }

    @Test
    void a_fill_begun_before_another_node_clears_is_refused() {
        for (int round = 0; round < 20; round++) {
            Fill fill = store.fill(key);
            fill.write(utf8("old"));
            join(other().clear());
            assertThat(join(fill.commit(response()))).isFalse();
            assertThat(find(store, key)).isEmpty();
        }
    }

    @Test
    void a_fill_begun_after_finding_nothing_is_stored_though_another_node_just_invalidated() {
        for (int round = 0; round < 50; round++) {
            join(other().invalidate(key));
            await().pollDelay(Duration.ZERO).until(() -> find(store, key).isEmpty());
            assertThat(store(store, key, "new")).isTrue();
        }
    }

    @Test
    void clear_counts_the_keys_and_leaves_those_of_other_prefixes_alone() {
        RedisStore foreign = Stores.ready(RedisStore.at(url()).prefix(prefix + "x"));
        store(foreign, key, "foreign");
        store(store, key, "mine");
        assertThat(join(((RedisStore) store).clearOrFail())).isEqualTo(1);
        assertThat(bodies(foreign, key)).containsExactly("foreign");
        foreign.close();
    }

    @Test
    void what_override_stored_is_no_hit_for_a_node_with_another_policy() {
        Instant now = Instant.now();
        Policy override = Policy.override(Duration.ofMinutes(5));
        ResponseHead head = new ResponseHead(200, Headers.of("Cache-Control", "private"));
        Freshness freshness = Freshness.of(Terms.of(override), head, new Receipt(now, Duration.ZERO));
        store(store, key, new StoredResponse(head, Selection.ANY, freshness, Body.EMPTY), "mine");
        RequestHead request = new RequestHead("GET", key.target(), Headers.EMPTY);
        List<StoredResponse> found = find(other(), key);
        assertThat(Reuse.decide(Terms.of(override), request, found, now)).isInstanceOf(Decision.Hit.class);
        for (Policy policy : List.of(Policy.rfc9111(), Policy.standard(Policy.DEFAULT_TTL))) {
            assertThat(Reuse.decide(Terms.of(policy), request, found, now)).isInstanceOf(Decision.Miss.class);
        }
    }

    @Test
    void a_purge_of_one_origin_leaves_what_others_stored_with_the_same_tag() {
        CacheKey elsewhere = CacheKey.ofGet(new Target("http", "elsewhere.example", "/"));
        store(store, key, response("Cache-Tag", "t"), "own");
        store(store, elsewhere, response("Cache-Tag", "t"), "theirs");
        find(other(), key);
        find(other(), elsewhere);
        join(store.purge(Purge.hard(new Purge.Scope.Tag(key.target().origin(), "t"))));
        await().atMost(Duration.ofSeconds(1)).until(() -> find(other(), key).isEmpty());
        assertThat(bodies(other(), elsewhere)).containsExactly("theirs");
        assertThat(bodies(store, elsewhere)).containsExactly("theirs");
    }

    @Test
    void a_purge_reaches_near_copies_and_redis_for_all_nodes() {
        store(store, key, response("Cache-Tag", "t"), "old");
        store(store, key("/soft"), "soft");
        find(other(), key);
        find(other(), key("/soft"));
        join(store.purge(Purge.hard(new Purge.Scope.Tag("t"))));
        join(store.purge(Purge.soft(new Purge.Scope.Prefix("http://origin.example:8080/s"), Instant.now())));
        await().atMost(Duration.ofSeconds(1)).until(() -> find(other(), key).isEmpty());
        await().atMost(Duration.ofSeconds(1))
                .until(() -> !find(other(), key("/soft")).get(0).isFresh(Instant.now()));
    }

    @Test
    void a_node_that_starts_later_knows_the_purges() {
        store(store, key, response("Cache-Tag", "t"), "old");
        join(store.purge(Purge.hard(new Purge.Scope.Tag("t"))));
        assertThat(find(other(), key)).isEmpty();
        store(store, key, response("Cache-Tag", "t"), "new");
        await().atMost(Duration.ofSeconds(2)).until(() -> bodies(other(), key).equals(List.of("new")));
    }

    @Test
    void one_node_fills_and_the_other_is_woken_when_it_is_stored() {
        Lease mine = join(((RedisStore) store).leases().ask(key, ""));
        Lease theirs = join(other().leases().ask(key, ""));
        assertThat(mine).isInstanceOf(Held.class);
        CompletableFuture<Boolean> over = ((Elsewhere) theirs).over().toCompletableFuture();
        assertThat(over).isNotDone();
        long start = System.nanoTime();
        store(store, key, "filled");
        join(over);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
        assertThat(bodies(other(), key)).containsExactly("filled");
        ((Held) mine).release().run();
    }

    @Test
    void each_variant_has_a_lease_whose_end_wakes_only_those_who_wait_for_it() {
        Held german = (Held) join(((RedisStore) store).leases().ask(key, "de"));
        assertThat(join(other().leases().ask(key, "fr"))).isInstanceOf(Held.class);
        CompletableFuture<Boolean> over =
                ((Elsewhere) join(other().leases().ask(key, "de"))).over().toCompletableFuture();
        Held english = (Held) join(((RedisStore) store).leases().ask(key, "en"));
        store(store, key, response(language("en")), "hello");
        english.release().run();
        await().until(() -> bodies(other(), key).equals(List.of("hello")));
        assertThat(over).isNotDone();
        german.release().run();
        assertThat(join(over)).isTrue();
    }

    @Test
    void a_lease_given_back_wakes_the_other_which_gets_it() {
        Held mine = (Held) join(((RedisStore) store).leases().ask(key, ""));
        CompletableFuture<Boolean> over =
                ((Elsewhere) join(other().leases().ask(key, ""))).over().toCompletableFuture();
        mine.release().run();
        join(over);
        assertThat(join(other().leases().ask(key, ""))).isInstanceOf(Held.class);
    }

    @Test
    void a_lease_is_renewed_while_its_holder_lives_and_ends_soon_after_it() {
        RedisStore holder = connect();
        assertThat(join(holder.leases().ask(key, ""))).isInstanceOf(Held.class);
        join(((Elsewhere) join(other().leases().ask(key, ""))).over());
        assertThat(join(other().leases().ask(key, ""))).isInstanceOf(Elsewhere.class);
        holder.close();
        await().atMost(Duration.ofSeconds(2)).until(() -> join(other().leases().ask(key, "")) instanceof Held);
    }

    @Test
    void a_store_over_a_client_of_the_application_leaves_it_open() {
        var client = Stores.client(url());
        RedisStore over = Stores.ready(RedisStore.over(client).prefix(prefix));
        store(over, key, "hello");
        over.close();
        assertThat(client.isShutdown()).isFalse();
        assertThat(bodies(other(), key)).containsExactly("hello");
        client.shutdown();
    }

    @Test
    void entries_in_redis_are_listed_in_pages_without_their_bodies() {
        RedisStore store = connect();
        String large = "x".repeat(300_000);
        for (int i = 0; i < 40; i++) {
            assertThat(store(store, key("/" + i), i % 2 == 0 ? "small" : large)).isTrue();
        }
        assertThat(store(store, key("/0"), response(language("de")), "german")).isTrue();
        assertThat(store(store, key("/purged"), response("Cache-Tag", "t"), "gone"))
                .isTrue();
        join(store.purge(Purge.hard(new Purge.Scope.Tag("t"))));
        List<StoredEntry> all = new ArrayList<>();
        String after = "";
        int pages = 0;
        do {
            RedisEntries page = join(store.entriesInRedis(after, 7, any -> true));
            assertThat(page.entries()).hasSizeLessThanOrEqualTo(7);
            all.addAll(page.entries());
            after = page.next().orElse("");
            pages++;
        } while (!after.isEmpty());
        assertThat(pages).isGreaterThanOrEqualTo(6);
        assertThat(all)
                .extracting(entry -> entry.key().target().pathAndQuery())
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 40).mapToObj(i -> "/" + i).toList());
        for (StoredEntry entry : all) {
            int number = Integer.parseInt(entry.key().target().pathAndQuery().substring(1));
            assertThat(entry.responses()).hasSize(number == 0 ? 2 : 1);
            assertThat(entry.responses()
                            .get(entry.responses().size() - 1)
                            .body()
                            .length())
                    .isEqualTo(number % 2 == 0 ? 5 : 300_000);
            assertThat(entry.responses().get(0).body().isHere()).isFalse();
        }
        Optional<StoredEntry> one = join(store.entryInRedis(key("/0").hash()));
        assertThat(one).hasValueSatisfying(entry -> {
            assertThat(entry.key()).isEqualTo(key("/0"));
            assertThat(entry.responses())
                    .extracting(found -> found.body().length())
                    .containsExactly(6L, 5L);
            assertThat(entry.responses().get(0).selection()).isEqualTo(language("de"));
        });
        assertThat(join(store.entryInRedis(key("/none").hash()))).isEmpty();
        assertThat(join(store.entryInRedis(key("/purged").hash()))).isEmpty();
        store.close();
    }

    @Test
    void entries_in_redis_are_searched() {
        RedisStore store = connect();
        for (int i = 0; i < 30; i++) {
            assertThat(store(store, key("/" + i), "a")).isTrue();
        }
        List<StoredEntry> found = new ArrayList<>();
        String after = "";
        do {
            RedisEntries page = join(store.entriesInRedis(
                    after, 2, key -> key.target().pathAndQuery().endsWith("7")));
            found.addAll(page.entries());
            after = page.next().orElse("");
        } while (!after.isEmpty());
        assertThat(found)
                .extracting(entry -> entry.key().target().pathAndQuery())
                .containsExactlyInAnyOrder("/7", "/17", "/27");
        store.close();
    }

    @Test
    void the_nodes_are_listed_and_confirm_purges() {
        RedisStore one = connect();
        RedisStore two = other();
        String id = two.nodes().get(0).id();
        await().atMost(Duration.ofSeconds(15))
                .until(() -> one.nodes().stream().anyMatch(node -> node.id().equals(id)));
        join(one.purge(Purge.hard(new Purge.Scope.Tag("t"))));
        assertThat(join(one.purgedNodes(Duration.ofSeconds(10))))
                .hasSizeGreaterThanOrEqualTo(2)
                .allMatch(RedisNode::purged);
        one.close();
    }
}
