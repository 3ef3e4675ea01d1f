package io.cachingproxy.servlet;

import static io.cachingproxy.rules.Rule.rule;
import static io.cachingproxy.testkit.Verdicts.assertForwarded;
import static io.cachingproxy.testkit.Verdicts.assertHit;
import static io.cachingproxy.testkit.Verdicts.assertStored;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.HttpCache;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.rules.Rules;
import io.cachingproxy.testkit.Front;
import io.cachingproxy.testkit.JettyFront;
import io.cachingproxy.testkit.ManualTime;
import io.cachingproxy.testkit.ScenarioServlet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rules in the filter, in front of an ordinary servlet. */
class FilterRulesTest {
    private final HttpCache cache = HttpCache.builder()
            .clock(new ManualTime())
            .policy(Policy.application())
            .rules(Rules.of(
                    rule("tracking").keyDropsQuery("utm_*"),
                    rule("products").path("/products/**").ttl(ofSeconds(60)).browserTtl(ofSeconds(10)),
                    rule("cart").path("/cart/**").bypass(),
                    rule("closed").path("/closed").respond(410, "closed\n")))
            .build();
    private final Front front = JettyFront.of(
            new CachingFilter(cache),
            new ScenarioServlet((request, response) -> response.getWriter().write("body")));

    @AfterEach
    void stop() {
        front.close();
        cache.close();
    }

    @Test
    void a_rule_stores_what_the_policy_of_the_filter_would_not() {
        assertForwarded(front.get("/other"));
        assertForwarded(front.get("/other"));
        assertThat(assertStored(front.get("/products/1?utm_a=b")).header("Cache-Control"))
                .isEqualTo("max-age=10");
        assertThat(assertHit(front.get("/products/1")).header("Cache-Control")).isEqualTo("max-age=10");
        assertForwarded(front.get("/cart/1"));
        assertForwarded(front.get("/cart/1"));
        assertThat(front.get("/closed").status()).isEqualTo(410);
    }
}
