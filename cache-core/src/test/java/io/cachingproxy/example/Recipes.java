package io.cachingproxy.example;

import static io.cachingproxy.policy.Ignored.*;
import static io.cachingproxy.rules.Rule.rule;
import static io.cachingproxy.rules.Site.site;
import static java.time.Duration.*;

import io.cachingproxy.*;
import io.cachingproxy.http.*;
import io.cachingproxy.rules.*;
import io.cachingproxy.store.*;
import io.cachingproxy.store.redis.RedisStore;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** The recipes of the guide, in its order. */
final class Recipes {
    private Recipes() {}

    static HttpCache.Builder shop() {
        Rule products = rule("products").path("/products/**").ttl(ofSeconds(60));

        Rule cart = rule("cart").path("/cart/**", "/checkout/**").bypass();

        Rule tracking = rule("tracking parameters").keyDropsQuery("utm_*", "gclid", "fbclid");

        Rule assets = rule("assets")
                .path("/**.{css,js,png,woff2}")
                .ignore(COOKIE, SET_COOKIE)
                .ttl(ofDays(1));

        Rule negative = rule("negative").status("404", "410").ttl(ofSeconds(30));

        Rule stale = rule("stale products")
                .path("/products/**")
                .staleWhileRevalidate(ofSeconds(30))
                .staleIfError(ofHours(1));

        Rule tagged = rule("product tags").path("/products/**").tags("products");

        Rule browsers = rule("browsers").path("/products/**").browserTtl(ofSeconds(10));

        Rule languages = rule("languages").path("/news/**").keyHeaders("Accept-Language");

        Rule headers = rule("headers").removeResponseHeader("Server");

        Site shop = site("shop", "shop.example.com", "*.shop.example.com")
                .rules(products, cart, tracking, assets, negative, stale, tagged, browsers, languages, headers);
        Site blog = site("blog", "blog.example.com");
        HttpCache.Builder builder = HttpCache.builder().sites(Sites.of(shop, blog));

        return builder;
    }

    static CompletionStage<Confirmation> purge(HttpCache cache) {
        Purging purging = cache.purging();
        Site shop = cache.sites().find("shop.example.com");
        CompletionStage<Confirmation> done = purging.purge(purging.tag(shop, "products"), false);

        return done;
    }

    static List<String> why(HttpCache cache) {
        RequestHead request = new RequestHead("GET", new Target("https", "shop.example.com", "/"), Headers.EMPTY);
        ResponseHead response = new ResponseHead(200, Headers.of("Cache-Control", "private, max-age=60"));
        Explanation.Verdict storage = cache.explain(request, null, response)
                .toCompletableFuture()
                .join()
                .storage();
        List<String> storedIf =
                storage.changes().stream().map(Explanation.Change::text).toList();

        return storedIf;
    }

    static void change(HttpCache cache) {
        Rule longer = rule("products").path("/products/**").ttl(ofSeconds(600));
        cache.sites(Sites.of(site("shop", "shop.example.com").rules(longer)));
    }

    static HttpCache onRedis() {
        RedisStore store = RedisStore.at("redis://localhost:6379")
                .prefix("cp")
                .near(new MemoryStore(256L << 20, 32L << 20))
                .open();
        HttpCache cache =
                HttpCache.builder().store(store).leases(store.leases()).build();

        return cache;
    }
}
