package io.cachingproxy.metrics;

import static io.cachingproxy.rules.Rule.rule;
import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.request;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.Exchange;
import io.cachingproxy.HttpCache;
import io.cachingproxy.OriginException;
import io.cachingproxy.Step;
import io.cachingproxy.http.Headers;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.rules.Rules;
import io.cachingproxy.rules.Site;
import io.cachingproxy.rules.Sites;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.testkit.Client;
import io.cachingproxy.testkit.Client.Received;
import io.cachingproxy.testkit.ManualClock;
import io.cachingproxy.testkit.Messages.Response;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class HttpCacheMetricsTest {
    private static final Response MINUTE =
            response(200).cacheControl("max-age=60").header("ETag", "\"a\"");

    private final ManualClock clock = ManualClock.atNoon();
    private final HttpCacheMetrics metrics = new HttpCacheMetrics();
    private final MeterRegistry registry = new SimpleMeterRegistry();

    private final Client client = new Client(HttpCache.builder()
            .policy(Policy.standard(Policy.DEFAULT_TTL))
            .store(new MemoryStore(1 << 20, 1 << 20))
            .clock(clock)
            .listener(metrics)
            .rules(Rules.of(
                    rule("cart").path("/cart").bypass(),
                    rule("moved").path("/moved").redirect("/new", 302),
                    rule("stale").path("/stale").staleWhileRevalidate(java.time.Duration.ofMinutes(5))))
            .build());

    private double gets(String rule, String result) {
        return count("cache.gets", "site", "default", "rule", rule, "result", result);
    }

    private double count(String name, String... tags) {
        FunctionCounter counter = registry.find(name).tags(tags).functionCounter();
        return counter == null ? 0 : counter.count();
    }

    @Test
    void answers_are_counted_by_result_and_rule() {
        metrics.bindTo(registry);
        client.send(get(), MINUTE, "abc").assertMiss("abc");
        client.send(get()).assertHit("abc");
        client.send(get()).assertHit("abc");
        assertThat(gets("none", "miss")).isEqualTo(1);
        assertThat(gets("none", "hit")).isEqualTo(2);
        clock.advance(61);
        client.send(get(), response(304), "").assertHit("abc");
        assertThat(gets("none", "revalidated")).isEqualTo(1);
        client.send(get("/cart"), MINUTE, "c").text();
        assertThat(gets("cart", "bypass")).isEqualTo(1);
        client.send(request("POST"), response(200), "p").text();
        assertThat(gets("none", "bypass")).isEqualTo(1);
        client.send(get("/moved")).text();
        assertThat(gets("moved", "generated")).isEqualTo(1);
        client.send(get("/stale"), MINUTE, "s").text();
        clock.advance(61);
        client.send(get("/stale")).text();
        assertThat(gets("stale", "stale")).isEqualTo(1);
    }

    @Test
    void a_request_that_waited_for_another_one_is_collapsed() {
        metrics.bindTo(registry);
        Received leader = client.send(get());
        Received follower = client.send(get());
        client.origin().last().answer(MINUTE, "abc");
        leader.assertMiss("abc");
        follower.text();
        assertThat(gets("none", "miss")).isEqualTo(1);
        assertThat(gets("none", "collapsed")).isEqualTo(1);
    }

    @Test
    void what_is_stored_and_what_is_not_are_counted_with_the_reason() {
        metrics.bindTo(registry);
        client.send(get(), MINUTE, "abc").text();
        client.send(get("/private"), response(200).cacheControl("private"), "p").text();
        assertThat(count("cache.puts", "rule", "none")).isEqualTo(1);
        assertThat(count("cache.not.stored", "reason", "response-private")).isEqualTo(1);
    }

    @Test
    void sizes_are_those_of_the_store_and_evictions_are_counted() {
        metrics.of(client.cache()).bindTo(registry);
        client.send(get(), MINUTE, "abc").text();
        assertThat(registry.get("cache.size").gauge().value()).isEqualTo(1);
        assertThat(registry.get("cache.bytes").gauge().value()).isGreaterThan(600);
        metrics.onEvicted(io.cachingproxy.key.CacheKey.of(get().head()), 100);
        assertThat(count("cache.evictions")).isEqualTo(1);
    }

    @Test
    void what_happened_before_a_registry_was_bound_is_counted_and_all_registries_get_it() {
        client.send(get(), MINUTE, "abc").text();
        metrics.bindTo(registry);
        MeterRegistry second = new SimpleMeterRegistry();
        metrics.bindTo(second);
        client.send(get()).assertHit("abc");
        assertThat(gets("none", "miss")).isEqualTo(1);
        assertThat(second.get("cache.gets")
                        .tag("result", "miss")
                        .functionCounter()
                        .count())
                .isEqualTo(1);
        assertThat(second.get("cache.gets")
                        .tag("result", "hit")
                        .functionCounter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void counters_go_on_when_the_sites_are_replaced() {
        metrics.bindTo(registry);
        client.send(get(), MINUTE, "abc").text();
        client.send(get()).text();
        client.cache().sites(Sites.of(Site.everything(Policy.rfc9111(), Rules.NONE)));
        client.send(get()).text();
        assertThat(gets("none", "hit")).isEqualTo(2);
    }

    @Test
    void every_meter_and_every_result_stands_in_the_guide() throws IOException {
        metrics.of(client.cache()).bindTo(registry);
        client.send(get(), MINUTE, "abc").text();
        client.send(get("/private"), response(200).cacheControl("private"), "p").text();
        String guide = Files.readString(Path.of("README.md"));
        assertThat(registry.getMeters())
                .hasSizeGreaterThanOrEqualTo(6)
                .allSatisfy(meter ->
                        assertThat(guide).contains("| `" + meter.getId().getName() + "` |"));
        assertThat(HttpCacheMetrics.Result.values())
                .allSatisfy(
                        result -> assertThat(guide).contains("`" + result.name().toLowerCase(Locale.ROOT) + "`"));
        assertThat(metrics.gets()).containsEntry("miss", 2L);
        assertThat(metrics.notStored()).containsEntry("response-private", 1L);
    }

    @Test
    void names_and_tags_can_be_chosen() {
        HttpCacheMetrics other = new HttpCacheMetrics("http.cache", List.of(Tag.of("cache", "pages")));
        other.bindTo(registry);
        assertThat(registry.get("http.cache.evictions").tag("cache", "pages").functionCounter())
                .isNotNull();
    }

    @Test
    void an_answer_that_the_caller_writes_is_counted_at_its_end() {
        metrics.bindTo(registry);
        Exchange exchange = forwarded();
        exchange.onSent();
        exchange.onHead(MINUTE.head());
        assertThat(gets("none", "miss")).isZero();
        exchange.onComplete(Headers.EMPTY);
        assertThat(gets("none", "miss")).isEqualTo(1);
        clock.advance(61);
        Exchange validation = forwarded();
        validation.onSent();
        validation.onHead(response(304).head());
        validation.answerInstead().toCompletableFuture().join().content().cancel();
        validation.onComplete(Headers.EMPTY);
        assertThat(gets("none", "revalidated")).isEqualTo(1);
        assertThat(gets("none", "miss")).isEqualTo(1);
    }

    @Test
    void a_failed_answer_that_the_caller_writes_is_counted_once() {
        metrics.bindTo(registry);
        Exchange exchange = forwarded();
        exchange.onSent();
        exchange.onHead(MINUTE.head());
        exchange.onFailure(new OriginException(OriginException.Kind.FAILED, "the chain failed", null));
        exchange.onComplete(Headers.EMPTY);
        assertThat(gets("none", "miss")).isEqualTo(1);
    }

    private Exchange forwarded() {
        Step step = client.cache().open(get().head()).toCompletableFuture().join();
        return ((Step.Forward) step).exchange();
    }
}
