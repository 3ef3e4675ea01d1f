package io.cachingproxy;

import static io.cachingproxy.rules.Rule.rule;
import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.request;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.Decision;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.rules.Rules;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.Purge;
import io.cachingproxy.testkit.Client;
import io.cachingproxy.testkit.Client.Received;
import io.cachingproxy.testkit.ManualClock;
import io.cachingproxy.testkit.Messages.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class CacheListenerTest {
    private static final Response MINUTE = response(200).cacheControl("max-age=60");

    private final List<String> events = new ArrayList<>();
    private final ManualClock clock = ManualClock.atNoon();

    private final class Recorder implements CacheListener {
        @Override
        public void onRequest(CacheRequest request) {
            events.add("request " + request.head().target().path());
        }

        @Override
        public void onDecision(CacheRequest request, Decision decision) {
            events.add("decision " + decision.reason().token() + " "
                    + request.treatment().rules());
        }

        @Override
        public void onCoalesced(CacheRequest request) {
            events.add("coalesced");
        }

        @Override
        public void onForwarded(CacheRequest request, Reason why) {
            events.add("forwarded " + why.token());
        }

        @Override
        public void onOriginResponse(CacheRequest request, ResponseHead head, Duration time) {
            events.add("origin " + head.status() + " " + time);
        }

        @Override
        public void onOriginFailed(CacheRequest request, OriginException failure) {
            events.add("failed " + failure.kind());
        }

        @Override
        public void onStored(CacheRequest request, StoredResponse response) {
            events.add("stored " + response.head().status());
        }

        @Override
        public void onNotStored(CacheRequest request, Reason why) {
            events.add("not stored " + why.token());
        }

        @Override
        public void onAnswered(CacheRequest request, Answered answered) {
            assertThat(answered.inAll()).isGreaterThanOrEqualTo(answered.toHead());
            events.add("answered " + answered.head().status() + " " + answered.bytes() + " " + answered.complete()
                    + (answered.status().hit() ? " hit" : ""));
        }

        @Override
        public void onPurged(Purge purge) {
            events.add("purged");
        }

        @Override
        public void onEvicted(CacheKey key, long bytes) {
            events.add("evicted");
        }
    }

    private Client client(CacheListener listener) {
        return new Client(HttpCache.builder()
                .clock(clock)
                .listener(listener)
                .rules(Rules.of(rule("cart").path("/cart").bypass(), rule("all").tags("t")))
                .build());
    }

    private final Client client = client(new Recorder());

    private void assertTold(String... expected) {
        assertThat(events).containsExactly(expected);
        events.clear();
    }

    @Test
    void a_miss_and_a_hit_are_told_step_by_step() {
        Received miss = client.send(get());
        clock.advance(2);
        client.origin().last().answer(MINUTE, "abc");
        miss.assertMiss("abc");
        assertTold(
                "request /",
                "decision uri-miss [all]",
                "forwarded uri-miss",
                "origin 200 PT2S",
                "stored 200",
                "answered 200 3 true");
        client.send(get()).assertHit("abc");
        assertTold("request /", "decision fresh [all]", "answered 200 3 true hit");
    }

    /** The origin times of all answers that ended. */
    private List<CacheListener.OriginTime> originTimes(Consumer<Client> requests) {
        List<CacheListener.OriginTime> times = new ArrayList<>();
        requests.accept(client(new CacheListener() {
            @Override
            public void onAnswered(CacheRequest request, Answered answered) {
                times.add(answered.origin());
            }
        }));
        return times;
    }

    private static CacheListener.OriginTime seconds(long toHead, long inAll) {
        return new CacheListener.OriginTime(Duration.ofSeconds(toHead), Duration.ofSeconds(inAll));
    }

    @Test
    void the_time_of_the_origin_is_told_for_a_miss_and_not_for_hits() {
        assertThat(originTimes(client -> {
                    Received miss = client.send(get());
                    clock.advance(2);
                    client.origin().last().head(MINUTE);
                    clock.advance(3);
                    client.origin().last().body("abc").complete();
                    clock.advance(4); // of a slow client
                    miss.assertMiss("abc");
                    client.send(get()).assertHit("abc");
                    client.cache().hit(client.cache().resolve(request("HEAD").head(), null));
                }))
                .containsExactly(seconds(2, 5), null, null);
    }

    @Test
    void a_request_that_waits_for_another_one_has_no_time_of_the_origin() {
        assertThat(originTimes(client -> {
                    Received leader = client.send(get());
                    Received follower = client.send(get());
                    clock.advance(2);
                    client.origin().last().answer(MINUTE, "abc");
                    leader.assertMiss("abc");
                    follower.assertMiss("abc");
                }))
                .containsExactly(seconds(2, 2), null);
    }

    @Test
    void a_validation_counts_until_its_head_and_a_failure_until_its_end() {
        assertThat(originTimes(client -> {
                    client.send(get(), MINUTE.header("ETag", "\"a\""), "abc").text();
                    clock.advance(61);
                    Received validated = client.send(get());
                    clock.advance(1);
                    client.origin().last().head(response(304).header("ETag", "\"a\""));
                    validated.text();
                    Received failed = client.send(get("/b"));
                    clock.advance(2);
                    client.origin().last().fail(OriginException.Kind.TIMEOUT);
                    clock.advance(1);
                    client.origin().last().fail(OriginException.Kind.TIMEOUT);
                    failed.text();
                }))
                .containsExactly(
                        seconds(0, 0),
                        new CacheListener.OriginTime(Duration.ofSeconds(1), null),
                        new CacheListener.OriginTime(null, Duration.ofSeconds(2)));
    }

    @Test
    void the_time_of_the_origin_is_that_of_the_last_attempt() {
        assertThat(originTimes(client -> {
                    Received part = client.send(get().header("Range", "bytes=0-1"));
                    client.origin()
                            .last()
                            .answer(
                                    response(206)
                                            .cacheControl("max-age=60")
                                            .header("ETag", "\"a\"")
                                            .header("Content-Range", "bytes 0-1/4"),
                                    "ab");
                    part.text();
                    Received whole = client.send(get());
                    clock.advance(1);
                    client.origin().last().answer(response(206).header("Content-Range", "bytes 2-3/5"), "xy");
                    clock.advance(3);
                    client.origin().last().answer(MINUTE, "wxyz");
                    whole.assertMiss("wxyz");
                }))
                .containsExactly(seconds(0, 0), seconds(3, 3));
    }

    @Test
    void a_clock_that_is_set_back_during_a_fetch_makes_no_negative_time() {
        assertThat(originTimes(client -> {
                    Received miss = client.send(get());
                    clock.advance(-5);
                    client.origin().last().answer(MINUTE, "abc");
                    miss.text();
                }))
                .containsExactly(seconds(0, 0));
    }

    @Test
    void a_hit_that_is_at_hand_is_told_once_its_content_is_read() {
        client.send(get(), MINUTE, "abc").assertMiss("abc");
        events.clear();
        CacheRequest request = client.cache().resolve(get().head(), null);
        client.cache().hit(request); // given up: it is served in another way
        assertTold();
        CacheRequest head = client.cache().resolve(request("HEAD").head(), null);
        assertThat(client.cache().hit(head)).isNotNull();
        assertTold("request /", "decision fresh [all]", "answered 200 0 true hit");
    }

    @Test
    void requests_that_wait_and_responses_that_are_not_stored_are_told() {
        Received leader = client.send(get());
        Received follower = client.send(get());
        events.clear();
        client.origin().last().answer(response(200).cacheControl("private"), "a");
        leader.text();
        assertTold("origin 200 PT0S", "not stored response-private", "forwarded uri-miss", "answered 200 1 true");
        assertThat(follower.isWaiting()).isTrue();
        client.send(get("/cart"));
        assertTold("request /cart", "decision rule [cart, all]", "forwarded rule");
    }

    @Test
    void failures_cancelled_answers_and_purges_are_told() {
        Received failed = client.send(get());
        client.origin().last().fail(OriginException.Kind.TIMEOUT);
        failed.text();
        assertTold(
                "request /",
                "decision uri-miss [all]",
                "forwarded uri-miss",
                "failed TIMEOUT",
                "answered 504 " + failed.read().length() + " true");
        Received cancelled = client.send(get("/b"));
        client.origin().last().head(MINUTE);
        cancelled.cancel();
        assertThat(events).endsWith("answered 200 0 false");
        events.clear();
        Purging purging = client.cache().purging();
        purging.purge(purging.all(null), false);
        assertTold("purged");
    }

    @Test
    void evictions_are_told() {
        Client small = new Client(HttpCache.builder()
                .store(new MemoryStore(64 << 10, 64 << 10))
                .clock(clock)
                .listener(new Recorder())
                .build());
        for (int i = 0; i < 100; i++) {
            small.send(get("/" + i), MINUTE, "x".repeat(4000));
        }
        assertThat(events).contains("evicted");
    }

    @Test
    void a_listener_that_throws_costs_no_request() {
        Client broken = client(new CacheListener() {
            @Override
            public void onRequest(CacheRequest request) {
                throw new IllegalStateException("broken");
            }

            @Override
            public void onOriginResponse(CacheRequest request, ResponseHead head, Duration time) {
                throw new IllegalStateException("broken");
            }

            @Override
            public void onAnswered(CacheRequest request, Answered answered) {
                throw new IllegalStateException("broken");
            }
        });
        broken.send(get(), MINUTE, "a").assertMiss("a");
        broken.send(get()).assertHit("a");
    }

    @Test
    void a_listener_that_fails_with_an_error_costs_no_request() {
        Client broken = client(new CacheListener() {
            @Override
            public void onRequest(CacheRequest request) {
                throw new NoClassDefFoundError("broken");
            }
        });
        broken.send(get(), MINUTE, "a").assertMiss("a");
        broken.send(get()).assertHit("a");
    }
}
