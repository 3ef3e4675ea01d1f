package io.cachingproxy.example;

import static io.cachingproxy.policy.Ignored.*;
import static io.cachingproxy.rules.Rule.rule;
import static io.cachingproxy.rules.Site.site;
import static java.time.Duration.*;

import io.cachingproxy.*;
import io.cachingproxy.rules.*;

public class Shop {
    public static HttpCache cache() {
        return HttpCache.builder()
                .sites(Sites.of(
                        site("shop", "shop.example.com", "*.shop.example.com")
                                .rules(
                                        // utm_ parameters do not split the cache
                                        rule("tracking parameters").keyDropsQuery("utm_*", "gclid", "fbclid"),
                                        // never cache the cart
                                        rule("cart")
                                                .path("/cart/**", "/checkout/**")
                                                .bypass(),
                                        // cache products for a minute, whatever the origin says; browsers ask again
                                        // after 10 s
                                        rule("products")
                                                .path("/products/**")
                                                .ttl(ofSeconds(60))
                                                .browserTtl(ofSeconds(10))
                                                .tags("products"),
                                        // serve stale products while they are validated, and for an hour while the
                                        // origin fails
                                        rule("stale products")
                                                .path("/products/**")
                                                .staleWhileRevalidate(ofSeconds(30))
                                                .staleIfError(ofHours(1)),
                                        // share assets although every request has a cookie
                                        rule("assets")
                                                .path("/**.{css,js,png,woff2}")
                                                .ignore(COOKIE, SET_COOKIE)
                                                .ttl(ofDays(1)),
                                        // keep errors that say "not here" for 30 seconds
                                        rule("negative").status("404", "410").ttl(ofSeconds(30)),
                                        // one response for each language
                                        rule("languages").path("/news/**").keyHeaders("Accept-Language"),
                                        // remove what clients need not know
                                        rule("headers").removeResponseHeader("Server")),
                        site("blog", "blog.example.com"))) // another host on the same origin, apart from the shop
                .build();
    }
}
