package io.cachingproxy.servlet;

import static io.cachingproxy.rules.Rule.rule;
import static io.cachingproxy.rules.Site.site;
import static io.cachingproxy.testkit.Verdicts.assertForwarded;
import static io.cachingproxy.testkit.Verdicts.assertHit;
import static io.cachingproxy.testkit.Verdicts.assertStored;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.HttpCache;
import io.cachingproxy.rules.Sites;
import io.cachingproxy.servlet.example.ShopCaching;
import io.cachingproxy.testkit.Front;
import io.cachingproxy.testkit.JettyFront;
import io.cachingproxy.testkit.ManualTime;
import io.cachingproxy.testkit.RawClient;
import io.cachingproxy.testkit.Reply;
import io.cachingproxy.testkit.Scenario;
import io.cachingproxy.testkit.ScenarioServlet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The recipes of the guide in the filter, in front of an ordinary servlet in Jetty. */
class FilterRecipesTest {
    private final ManualTime time = new ManualTime();
    private final HttpCache cache = ShopCaching.cache().clock(time).build();
    private volatile Scenario scenario = (request, response) -> {
        response.setHeader("Cache-Control", "max-age=5");
        response.getWriter().write("body");
    };
    private final ScenarioServlet servlet =
            new ScenarioServlet((request, response) -> scenario.service(request, response));
    private final Front front = JettyFront.of(new CachingFilter(cache), servlet);

    @AfterEach
    void stop() {
        front.close();
        cache.close();
    }

    private Reply get(String host, String target, String... lines) {
        String request = RawClient.request("GET", target, lines).replace("Host: proxy", "Host: " + host);
        return RawClient.ask(front.port(), request);
    }

    private Reply shop(String target, String... lines) {
        return get("shop.example.com", target, lines);
    }

    private void after(int seconds) {
        time.advance(Duration.ofSeconds(seconds));
    }

    @Test
    void products_are_cached_for_60_seconds_whatever_the_servlet_says() {
        scenario = (request, response) -> {
            response.setHeader("Cache-Control", "no-store");
            response.getWriter().write("body");
        };
        assertStored(shop("/products/1"));
        after(59);
        assertThat(assertHit(shop("/products/1")).header("Cache-Status")).endsWith("; hit; ttl=1");
        after(1);
        assertThat(shop("/products/1").header("Cache-Status")).contains("; ttl=0; detail=stale");
        assertForwarded(shop("/other"));
    }

    @Test
    void the_cart_is_never_cached() {
        assertForwarded(shop("/cart"));
        assertForwarded(shop("/cart"));
        assertForwarded(shop("/checkout/1"));
        assertThat(servlet.count()).isEqualTo(3);
    }

    @Test
    void tracking_parameters_do_not_split_the_cache() {
        assertStored(shop("/a?page=1&utm_source=x"));
        assertHit(shop("/a?gclid=7&page=1"));
        assertStored(shop("/a?page=2"));
    }

    @Test
    void two_hosts_of_one_application_are_apart() {
        assertStored(shop("/a"));
        assertStored(get("blog.example.com", "/a"));
        assertHit(shop("/a"));
        assertThat(get("other.example.com", "/a").status()).isEqualTo(421);
    }

    @Test
    void assets_are_shared_although_every_client_has_a_cookie() {
        scenario = (request, response) -> {
            response.setHeader("Set-Cookie", "id=alice");
            response.getWriter().write("css");
        };
        assertStored(shop("/a.css", "Cookie: id=alice"));
        after(86_399);
        Reply hit = assertHit(shop("/a.css", "Cookie: id=bob"));
        assertThat(hit.text()).isEqualTo("css");
        assertThat(hit.header("Set-Cookie")).isNull();
    }

    @Test
    void a_rule_does_not_share_a_response_of_a_servlet_that_reads_cookies() {
        scenario = (request, response) -> {
            request.getCookies();
            response.getWriter().write("css");
        };
        assertForwarded(shop("/a.css", "Cookie: id=alice"));
        assertForwarded(shop("/a.css", "Cookie: id=bob"));
        assertThat(servlet.count()).isEqualTo(2);
    }

    @Test
    void a_404_is_cached_for_30_seconds() {
        scenario = (request, response) -> response.setStatus(404);
        assertStored(shop("/gone"));
        after(29);
        assertThat(assertHit(shop("/gone")).status()).isEqualTo(404);
        after(1);
        assertStored(shop("/gone"));
    }

    @Test
    void stale_products_are_served_for_30_seconds_while_the_cache_revalidates() {
        assertStored(shop("/products/1"));
        scenario = (request, response) -> response.getWriter().write("new");
        after(89);
        Reply stale = assertHit(shop("/products/1"));
        assertThat(stale.text()).isEqualTo("body");
        assertThat(stale.header("Cache-Status")).endsWith("; hit; ttl=-29; detail=stale-while-revalidate");
        await().untilAsserted(
                        () -> assertThat(assertHit(shop("/products/1")).text()).isEqualTo("new"));
    }

    @Test
    void stale_products_are_served_for_an_hour_while_the_servlet_fails() {
        assertStored(shop("/products/1"));
        scenario = (request, response) -> response.setStatus(503);
        after(3659);
        Reply stale = assertHit(shop("/products/1"));
        assertThat(stale.text()).isEqualTo("body");
        assertThat(stale.header("Cache-Status")).endsWith("detail=stale-if-error");
    }

    @Test
    void products_are_purged_by_tag() {
        assertStored(shop("/products/1"));
        assertStored(shop("/other"));
        ShopCaching.purgeProducts(cache);
        assertStored(shop("/products/1"));
        assertHit(shop("/other"));
    }

    @Test
    void browsers_keep_products_for_10_seconds_and_the_cache_for_60() {
        assertThat(assertStored(shop("/products/1")).header("Cache-Control")).isEqualTo("max-age=10");
        after(50);
        Reply hit = assertHit(shop("/products/1"));
        assertThat(hit.header("Age")).isEqualTo("50");
        assertThat(hit.header("Cache-Control")).isEqualTo("max-age=60"); // the age and 10 s
    }

    @Test
    void rules_that_change_under_load_lose_no_request_and_hold_at_once_for_stored_responses() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Future<Integer>> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            clients.add(threads.submit(() -> {
                int answered = 0;
                for (; !over.get() || answered == 0; answered++) {
                    Reply reply = shop("/products/1");
                    assertThat(reply.status()).isEqualTo(200);
                    assertThat(reply.text()).isEqualTo("body");
                }
                return answered;
            }));
        }
        Sites before = cache.sites();
        for (int i = 0; i < 200; i++) {
            cache.sites(Sites.of(
                    site("shop", "shop.example.com").rules(rule("longer").ttl(Duration.ofSeconds(600 + i)))));
            cache.sites(before);
        }
        over.set(true);
        for (Future<Integer> each : clients) {
            assertThat(each.get()).isPositive();
        }
        threads.shutdown();
        assertThat(assertHit(shop("/products/1")).header("Cache-Status")).endsWith("; hit; ttl=60");
        cache.sites(
                Sites.of(site("shop", "shop.example.com").rules(rule("longer").ttl(Duration.ofSeconds(600)))));
        assertThat(assertHit(shop("/products/1")).header("Cache-Status")).endsWith("; hit; ttl=600");
    }
}
