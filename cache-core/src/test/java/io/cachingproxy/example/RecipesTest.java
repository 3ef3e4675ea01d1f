package io.cachingproxy.example;

import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.Answer;
import io.cachingproxy.HttpCache;
import io.cachingproxy.Origin;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.rules.Sites;
import io.cachingproxy.store.Confirmation;
import io.cachingproxy.testkit.Client;
import io.cachingproxy.testkit.Client.Received;
import io.cachingproxy.testkit.ManualClock;
import io.cachingproxy.testkit.Messages.Request;
import io.cachingproxy.testkit.Messages.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The recipes of the guide in the library. */
class RecipesTest {
    private static final Response MINUTE = response(200).cacheControl("max-age=60");

    private final ManualClock clock = ManualClock.atNoon();
    private final Client client = new Client(Recipes.shop().clock(clock).build());

    private static Request shop(String target) {
        return get(target).host("shop.example.com");
    }

    private void assertShared(Request one, Request other) {
        client.send(one, MINUTE, "one").assertMiss("one");
        client.send(other).assertHit("one");
    }

    private void assertApart(Request one, Request other) {
        client.send(one, MINUTE, "one").assertMiss("one");
        client.send(other, MINUTE, "other").assertMiss("other");
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-store", "private", "max-age=5", "max-age=3600", "public"})
    void products_are_cached_for_60_seconds_whatever_the_origin_says(String control) {
        client.send(shop("/products/1"), response(200).cacheControl(control), "old");
        clock.advance(59);
        Received hit = client.send(shop("/products/1"));
        hit.assertHit("old");
        assertThat(hit.header("Cache-Status")).endsWith("; hit; ttl=1");
        clock.advance(1);
        assertThat(client.send(shop("/products/1")).header("Cache-Status")).contains("; ttl=0; detail=stale");
    }

    @Test
    void the_cart_is_never_cached() {
        assertApart(shop("/cart"), shop("/cart"));
        assertApart(shop("/checkout/1"), shop("/checkout/1"));
        assertThat(client.send(shop("/cart"), MINUTE, "").header("Cache-Status"))
                .contains("fwd=bypass")
                .endsWith("detail=rule");
    }

    @Test
    void tracking_parameters_do_not_split_the_cache() {
        assertShared(shop("/a?utm_source=x"), shop("/a?gclid=1"));
        assertApart(shop("/a?page=1"), shop("/a?page=2"));
    }

    @Test
    void two_hosts_on_one_origin_are_apart() {
        assertApart(shop("/x"), get("/x").host("blog.example.com"));
        client.send(get("/x").host("www.shop.example.com")).assertHit("one");
        assertThat(client.send(get("/x").host("other.example.com")).status()).isEqualTo(421);
    }

    @Test
    void assets_are_shared_although_every_client_has_a_cookie() {
        client.send(
                shop("/a/b.css").header("Cookie", "id=alice"), response(200).header("Set-Cookie", "id=alice"), "css");
        clock.advance(86_399);
        Received hit = client.send(shop("/a/b.css").header("Cookie", "id=bob"));
        hit.assertHit("css");
        assertThat(hit.header("Set-Cookie")).isNull();
    }

    @Test
    void a_404_is_cached_for_30_seconds() {
        client.send(shop("/gone"), response(404).cacheControl("no-store"), "none")
                .assertAnswered(404, "none");
        clock.advance(29);
        client.send(shop("/gone")).assertAnswered(404, "none");
        clock.advance(1);
        assertThat(client.send(shop("/gone")).isWaiting()).isTrue();
    }

    @Test
    void stale_products_are_served_for_30_seconds_while_the_cache_revalidates() {
        client.send(shop("/products/1"), response(200).cacheControl("must-revalidate"), "old");
        clock.advance(89);
        Received stale = client.send(shop("/products/1"));
        stale.assertHit("old");
        assertThat(stale.header("Cache-Status")).endsWith("; hit; ttl=-29; detail=stale-while-revalidate");
        client.origin().last().answer(response(200), "new");
        client.send(shop("/products/1")).assertHit("new");
        clock.advance(90);
        assertThat(client.send(shop("/products/1")).isWaiting()).isTrue();
    }

    @Test
    void stale_products_are_served_for_an_hour_while_the_origin_fails() {
        client.send(shop("/products/1"), response(200), "old");
        clock.advance(3659);
        Received stale = client.send(shop("/products/1"), response(503), "down");
        stale.assertHit("old");
        assertThat(stale.header("Cache-Status")).endsWith("detail=stale-if-error");
    }

    @Test
    void products_are_purged_by_tag() {
        client.send(shop("/products/1"), response(200), "product");
        client.send(shop("/other"), MINUTE, "other");
        assertThat(Recipes.purge(client.cache()).toCompletableFuture()).isCompletedWithValue(Confirmation.CONFIRMED);
        client.send(shop("/products/1"), response(200), "new").assertMiss("new");
        client.send(shop("/other")).assertHit("other");
    }

    @Test
    void browsers_keep_products_for_10_seconds_and_the_cache_for_60() {
        assertThat(client.send(shop("/products/1"), response(200), "a").header("Cache-Control"))
                .isEqualTo("max-age=10");
        clock.advance(50);
        Received hit = client.send(shop("/products/1"));
        assertThat(hit.header("Age")).isEqualTo("50");
        assertThat(hit.header("Cache-Control")).isEqualTo("max-age=60"); // the age and 10 s
    }

    @Test
    void changed_rules_hold_at_once_for_stored_responses() {
        client.send(shop("/products/1"), response(200), "a");
        clock.advance(300);
        Recipes.change(client.cache());
        assertThat(client.send(shop("/products/1")).header("Cache-Status")).endsWith("; hit; ttl=300");
    }

    @Test
    void rules_that_change_under_load_lose_no_request() throws Exception {
        HttpCache cache = client.cache();
        Origin origin = (request, body, exchange) -> {
            exchange.onHead(new ResponseHead(200, Headers.of("Cache-Control", "no-store")));
            exchange.onComplete(Headers.EMPTY);
        };
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Future<Integer>> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            clients.add(threads.submit(() -> {
                int answered = 0;
                for (; !over.get() || answered == 0; answered++) {
                    Answer answer = cache.serve(shop("/products/1").head(), Content.empty(), origin)
                            .toCompletableFuture()
                            .get(10, TimeUnit.SECONDS);
                    assertThat(answer.head().status()).isEqualTo(200);
                    answer.content().cancel();
                }
                return answered;
            }));
        }
        Sites before = cache.sites();
        for (int i = 0; i < 200; i++) {
            Recipes.change(cache);
            cache.sites(before);
        }
        over.set(true);
        for (Future<Integer> each : clients) {
            assertThat(each.get()).isPositive();
        }
        threads.shutdown();
    }

    @Test
    void each_language_has_a_response_of_its_own() {
        assertApart(
                shop("/news/1").header("Accept-Language", "de"), shop("/news/1").header("Accept-Language", "en"));
    }

    @Test
    void clients_do_not_get_the_server_header() {
        assertThat(client.send(shop("/y"), MINUTE.header("Server", "x"), "").header("Server"))
                .isNull();
        assertThat(client.send(shop("/y")).header("Server")).isNull();
    }
}
