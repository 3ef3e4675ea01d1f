package io.cachingproxy.example;

import static io.cachingproxy.rules.Rule.rule;
import static io.cachingproxy.testkit.CacheAssertions.assertThat;
import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.response;
import static java.time.Duration.ofSeconds;

import io.cachingproxy.Answer;
import io.cachingproxy.HttpCache;
import io.cachingproxy.http.Content;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.rules.Rules;
import io.cachingproxy.testkit.ManualClock;
import io.cachingproxy.testkit.ScriptedOrigin;
import org.junit.jupiter.api.Test;

class ProductsCacheTest {
    private final ManualClock clock = ManualClock.atNoon();
    private final ScriptedOrigin origin = new ScriptedOrigin();
    private final HttpCache cache = HttpCache.builder()
            .rules(Rules.of(rule("products").path("/products/**").ttl(ofSeconds(60))))
            .clock(clock)
            .build();

    private Answer answer(String path) {
        Answer answer = cache.serve(get(path).head(), Content.empty(), origin)
                .toCompletableFuture()
                .join();
        answer.content().cancel();
        return answer;
    }

    @Test
    void products_are_cached_for_a_minute() {
        origin.answers(response(200).cacheControl("no-cache"), "a lamp");
        assertThat(answer("/products/1")).isMiss().isStored();
        clock.advance(30);
        assertThat(answer("/products/1")).isHit().hasAge(30).isStoredFor(60);
        clock.advance(30);
        assertThat(answer("/products/1")).isForwarded(Reason.STALE);
    }

    @Test
    void a_page_of_one_user_is_not_stored() {
        origin.answers(response(200).cacheControl("private"), "my account");
        assertThat(answer("/account")).isNotStored(Reason.RESPONSE_PRIVATE);
    }
}
