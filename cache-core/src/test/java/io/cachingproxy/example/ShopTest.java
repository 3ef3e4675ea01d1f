package io.cachingproxy.example;

import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.Purging;
import io.cachingproxy.testkit.Client;
import io.cachingproxy.testkit.Client.Received;
import io.cachingproxy.testkit.Messages.Request;
import org.junit.jupiter.api.Test;

/** The recipes of the guide do what their comments say. */
class ShopTest {
    private final Client client = new Client(Shop.cache());

    private static Request shop(String target) {
        return get(target).host("shop.example.com");
    }

    private void assertHit(Request miss, Request hit) {
        client.send(miss, response(200).cacheControl("max-age=5"), "body").assertMiss("body");
        client.send(hit).assertHit("body");
    }

    private void assertMiss(Request miss, Request other) {
        client.send(miss, response(200).cacheControl("max-age=5"), "body").assertMiss("body");
        client.send(other, response(200).cacheControl("max-age=5"), "other").assertMiss("other");
    }

    @Test
    void tracking_parameters_do_not_split_the_cache() {
        assertHit(shop("/a?utm_source=x"), shop("/a?gclid=1"));
    }

    @Test
    void the_cart_is_never_cached() {
        assertMiss(shop("/cart"), shop("/cart"));
        assertMiss(shop("/checkout/1"), shop("/checkout/1"));
    }

    @Test
    void products_are_cached_for_a_minute_and_purged_by_tag() {
        Received miss = client.send(shop("/products/1"), response(200).cacheControl("no-store"), "body");
        assertThat(miss.header("Cache-Control")).isEqualTo("max-age=10");
        assertThat(client.send(shop("/products/1")).header("Cache-Status")).contains("hit; ttl=5");
        Purging purging = client.cache().purging();
        purging.purge(purging.tag(client.cache().sites().find("shop.example.com"), "products"), false);
        client.send(shop("/products/1"), response(200), "new").assertMiss("new");
    }

    @Test
    void assets_are_shared_although_every_request_has_a_cookie() {
        assertHit(shop("/a/b.css").header("Cookie", "a=1"), shop("/a/b.css").header("Cookie", "a=2"));
    }

    @Test
    void a_404_is_kept() {
        client.send(shop("/gone"), response(404), "").assertAnswered(404, "");
        client.send(shop("/gone")).assertAnswered(404, "");
    }

    @Test
    void each_language_has_a_response_of_its_own() {
        assertMiss(
                shop("/news/1").header("Accept-Language", "de"), shop("/news/1").header("Accept-Language", "en"));
    }

    @Test
    void hosts_are_apart_and_the_server_is_not_told() {
        assertMiss(shop("/x"), get("/x").host("blog.example.com"));
        assertThat(client.send(shop("/y"), response(200).header("Server", "x"), "")
                        .header("Server"))
                .isNull();
    }
}
