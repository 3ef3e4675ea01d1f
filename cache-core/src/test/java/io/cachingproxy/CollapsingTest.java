package io.cachingproxy;

import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.request;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.OriginException.Kind;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.store.Purge;
import io.cachingproxy.testkit.Client;
import io.cachingproxy.testkit.Client.Received;
import io.cachingproxy.testkit.ManualClock;
import io.cachingproxy.testkit.Messages.Response;
import io.cachingproxy.testkit.ScriptedOrigin;
import org.junit.jupiter.api.Test;

/** Several requests of one key at once. */
class CollapsingTest {
    private static final Response MINUTE = response(200).cacheControl("max-age=60");
    private static final Response PRIVATE = response(200).cacheControl("private");

    private final ManualClock clock = ManualClock.atNoon();
    private final HttpCache cache = HttpCache.builder()
            .policy(Policy.rfc9111())
            .clock(clock)
            .executor(Runnable::run)
            .build();
    private final Client client = new Client(cache);
    private final ScriptedOrigin origin = client.origin();

    // RFC 9111 §4
    @Test
    void concurrent_misses_make_one_request_and_read_one_body_as_it_comes() {
        Received leader = client.send(get());
        Received follower = client.send(get());
        assertThat(follower.isWaiting()).isTrue();
        origin.last().head(MINUTE).body("hel");
        assertThat(leader.text()).isEqualTo("hel");
        assertThat(follower.text()).isEqualTo("hel");
        Received late = client.send(get());
        assertThat(late.text()).isEqualTo("hel");
        origin.last().body("lo").complete();
        leader.assertMiss("hello");
        follower.assertMiss("hello");
        late.assertMiss("hello");
        assertThat(follower.header("Cache-Status")).contains("; collapsed");
        assertThat(origin.requests()).isEqualTo(1);
    }

    // RFC 9111 §4.4: the client knows that its POST was done
    @Test
    void who_asks_after_a_post_was_answered_does_not_get_what_was_asked_for_before() {
        Received before = client.send(get());
        client.send(request("POST"), response(204), "");
        Received after = client.send(get());
        Received afterToo = client.send(get());
        assertThat(origin.requests()).isEqualTo(3);
        origin.call(0).answer(MINUTE, "old");
        before.assertMiss("old");
        assertThat(after.isWaiting()).isTrue();
        origin.call(2).answer(MINUTE, "new");
        after.assertMiss("new");
        afterToo.assertMiss("new");
        client.send(get()).assertHit("new");
    }

    @Test
    void who_asks_after_a_purge_does_not_get_what_was_asked_for_before_it() {
        Received before = client.send(get());
        var old = origin.last();
        cache.store().purge(Purge.hard(new Purge.Scope.All()));
        Received after = client.send(get());
        Received with = client.send(get());
        assertThat(origin.requests()).isEqualTo(2);
        origin.last().answer(MINUTE, "new");
        old.answer(MINUTE, "old");
        before.assertMiss("old");
        after.assertMiss("new");
        with.assertMiss("new");
        client.send(get()).assertHit("new");
    }

    // RFC 9875 §3
    @Test
    void who_asks_after_a_group_was_invalidated_does_not_get_what_was_asked_for_before_it() {
        var inGroup = MINUTE.header("Cache-Groups", "\"one\"");
        Received before = client.send(get("/a"));
        var old = origin.last();
        client.send(request("POST").path("/b"), response(204).header("Cache-Group-Invalidation", "\"one\""), "");
        Received after = client.send(get("/a"));
        assertThat(origin.requests()).isEqualTo(3);
        origin.last().answer(inGroup, "new");
        old.answer(inGroup, "old");
        before.assertMiss("old");
        after.assertMiss("new");
        client.send(get("/a")).assertHit("new");
    }

    @Test
    void what_was_asked_for_before_its_group_was_invalidated_is_not_stored() {
        var inGroup = MINUTE.header("Cache-Groups", "\"one\"");
        client.send(get("/a"));
        var old = origin.last();
        client.send(request("POST").path("/b"), response(204).header("Cache-Group-Invalidation", "\"one\""), "");
        old.answer(inGroup, "old");
        client.send(get("/a"), inGroup, "new").assertMiss("new");
    }

    @Test
    void no_more_wait_than_may_and_the_others_are_forwarded() {
        Client crowd = new Client(HttpCache.builder().maxWaiters(2).clock(clock).build());
        Received leader = crowd.send(get());
        Received first = crowd.send(get());
        Received second = crowd.send(get());
        assertThat(crowd.origin().requests()).isEqualTo(1);
        Received third = crowd.send(get());
        assertThat(crowd.origin().requests()).isEqualTo(2);
        crowd.origin().last().answer(MINUTE, "alone");
        third.assertMiss("alone");
        assertThat(leader.isWaiting() && first.isWaiting() && second.isWaiting())
                .isTrue();
    }

    @Test
    void a_leader_that_hangs_up_hurts_nobody() {
        Received leader = client.send(get());
        Received follower = client.send(get());
        origin.last().head(MINUTE).body("hel");
        leader.cancel();
        assertThat(origin.last().aborted()).isFalse();
        origin.last().body("lo").complete();
        follower.assertMiss("hello");
        client.send(get()).assertHit("hello");
    }

    @Test
    void a_private_answer_releases_the_others_who_are_forwarded() {
        Received leader = client.send(get());
        Received follower = client.send(get());
        origin.last().answer(PRIVATE, "mine");
        assertThat(origin.requests()).isEqualTo(2);
        origin.last().answer(PRIVATE, "yours");
        leader.assertMiss("mine");
        follower.assertMiss("yours");
    }

    @Test
    void a_failure_releases_the_others_who_are_forwarded() {
        Received leader = client.send(get());
        Received follower = client.send(get());
        origin.last().fail(Kind.FAILED);
        assertThat(leader.status()).isEqualTo(502);
        origin.last().answer(MINUTE, "hello");
        follower.assertMiss("hello");
        assertThat(origin.requests()).isEqualTo(2);
    }

    @Test
    void a_body_that_breaks_off_breaks_off_for_all_and_is_stored_for_none() {
        Received leader = client.send(get());
        Received follower = client.send(get());
        origin.last().head(MINUTE).body("hel").fail(Kind.FAILED);
        assertThat(leader.isWhole()).isFalse();
        assertThat(follower.isWhole()).isFalse();
        client.send(get(), MINUTE, "whole").assertMiss("whole");
    }

    // RFC 9111 §4.1
    @Test
    void who_does_not_match_vary_is_forwarded() {
        client.send(get().header("Foo", "1"));
        Received same = client.send(get().header("Foo", "1"));
        Received other = client.send(get().header("Foo", "2"));
        origin.last().answer(MINUTE.header("Vary", "Foo"), "one");
        same.assertMiss("one");
        assertThat(origin.requests()).isEqualTo(2);
        assertThat(origin.last().request().headers().first("Foo")).isEqualTo("2");
        origin.last().answer(MINUTE.header("Vary", "Foo"), "two");
        other.assertMiss("two");
        client.send(get().header("Foo", "1")).assertHit("one");
    }

    private Received[] variants(int variants, int each) {
        Received[] clients = new Received[variants * each];
        for (int i = 0; i < clients.length; i++) {
            clients[i] = client.send(get().header("Foo", Integer.toString(i % variants)));
        }
        return clients;
    }

    private String fooOfCall(int index) {
        return origin.call(index).request().headers().first("Foo");
    }

    private static void assertEachHas(Received[] clients, int variants) {
        for (int i = 0; i < clients.length; i++) {
            clients[i].assertMiss("variant " + i % variants);
        }
    }

    @Test
    void each_variant_of_a_cold_key_is_fetched_once_however_many_ask_for_it() {
        Received[] clients = variants(36, 3);
        assertThat(origin.requests()).isEqualTo(1);
        for (int i = 0; i < 36; i++) {
            origin.call(i).answer(MINUTE.header("Vary", "Foo"), "variant " + fooOfCall(i));
        }
        assertThat(origin.requests()).isEqualTo(36);
        assertEachHas(clients, 36);
    }

    @Test
    void variants_of_a_key_that_is_known_to_vary_do_not_wait_for_one_another() {
        client.send(get().header("Foo", "stored"), MINUTE.header("Vary", "Foo"), "stored");
        Received[] clients = variants(3, 2);
        assertThat(origin.requests()).isEqualTo(1 + 3);
        for (int i = 3; i > 0; i--) { // the last first
            origin.call(i).answer(MINUTE.header("Vary", "Foo"), "variant " + fooOfCall(i));
        }
        assertThat(origin.requests()).isEqualTo(1 + 3);
        assertEachHas(clients, 3);
    }

    @Test
    void an_origin_whose_responses_never_match_is_asked_once_more_by_each_who_waited() {
        Received[] clients = variants(2, 2);
        origin.call(0).answer(MINUTE.header("Vary", "Foo"), "variant 0");
        assertThat(origin.requests()).isEqualTo(2);
        origin.call(1).answer(MINUTE.header("Vary", "*"), "variant 1");
        assertThat(origin.requests()).isEqualTo(3);
        origin.call(2).answer(MINUTE.header("Vary", "*"), "variant 1");
        assertEachHas(clients, 2);
    }

    // RFC 5861 §3
    @Test
    void the_refresh_of_one_variant_does_not_put_off_that_of_another() {
        Response staleSoon = response(200)
                .cacheControl("max-age=1, stale-while-revalidate=60")
                .header("Vary", "Foo");
        client.send(get().header("Foo", "1"), staleSoon, "one");
        client.send(get().header("Foo", "2"), staleSoon, "two");
        clock.advance(2);
        client.send(get().header("Foo", "1")).assertHit("one");
        client.send(get().header("Foo", "2")).assertHit("two");
        client.send(get().header("Foo", "2")).assertHit("two");
        assertThat(origin.requests()).isEqualTo(4);
    }

    @Test
    void after_an_answer_that_could_not_be_shared_nobody_waits_for_a_while() {
        client.send(get(), PRIVATE, "mine");
        client.send(get());
        client.send(get());
        assertThat(origin.requests()).isEqualTo(3);
        clock.advance(31);
        client.send(get());
        client.send(get());
        assertThat(origin.requests()).isEqualTo(4);
    }

    @Test
    void an_answer_that_is_shared_lets_others_wait_again() {
        client.send(get(), PRIVATE, "mine");
        client.send(get(), response(200).cacheControl("max-age=60"), "ours").assertMiss("ours");
        clock.advance(60);
        client.send(get());
        client.send(get());
        assertThat(origin.requests()).isEqualTo(3);
    }

    // what only one client asked for in its own way says nothing about the others
    @Test
    void a_head_or_a_range_does_not_keep_gets_from_waiting_for_each_other() {
        client.send(request("HEAD"), MINUTE, "");
        client.send(get().header("Range", "bytes=0-0"), response(206), "h");
        client.send(get().header("If-None-Match", "\"1\""), response(304), "");
        client.send(get().cacheControl("no-store"), MINUTE, "hello");
        client.send(get());
        client.send(get());
        assertThat(origin.requests()).isEqualTo(5);
    }

    // RFC 9111 §4.3
    @Test
    void a_validation_is_shared_too() {
        client.send(get(), MINUTE.header("ETag", "\"1\""), "hello");
        clock.advance(60);
        Received leader = client.send(get());
        Received follower = client.send(get());
        origin.last().head(response(304)).complete();
        leader.assertHit("hello");
        follower.assertHit("hello");
        assertThat(origin.requests()).isEqualTo(2);
    }

    // RFC 9111 §5.2.1.4
    @Test
    void a_request_for_a_validation_of_its_own_does_not_wait() {
        client.send(get(), MINUTE, "hello");
        client.send(get().cacheControl("no-cache"));
        client.send(get().cacheControl("no-cache"));
        assertThat(origin.requests()).isEqualTo(3);
    }

    // RFC 9110 §13
    @Test
    void a_follower_has_its_own_condition_answered() {
        client.send(get(), MINUTE.header("ETag", "\"1\""), "old");
        clock.advance(60);
        client.send(get());
        Received follower = client.send(get().header("If-None-Match", "\"2\""));
        origin.last().answer(MINUTE.header("ETag", "\"2\""), "new");
        assertThat(follower.status()).isEqualTo(304);
        assertThat(follower.text()).isEmpty();
    }

    @Test
    void requests_of_other_keys_do_not_wait() {
        client.send(get("/a"));
        client.send(get("/b"));
        assertThat(origin.requests()).isEqualTo(2);
    }

    @Test
    void a_passing_body_that_its_client_leaves_is_aborted() {
        Received received = client.send(get());
        origin.last().head(PRIVATE).body("a");
        received.cancel();
        assertThat(origin.last().aborted()).isTrue();
    }
}
