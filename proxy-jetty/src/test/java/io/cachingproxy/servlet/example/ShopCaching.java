package io.cachingproxy.servlet.example;

import static io.cachingproxy.policy.Ignored.*;
import static io.cachingproxy.rules.Rule.rule;
import static io.cachingproxy.rules.Site.site;
import static java.time.Duration.*;

import io.cachingproxy.HttpCache;
import io.cachingproxy.Purging;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.rules.*;
import io.cachingproxy.servlet.CachingFilter;
import jakarta.servlet.*;
import java.util.EnumSet;
import java.util.Set;

public class ShopCaching implements ServletContainerInitializer {
    @Override
    public void onStartup(Set<Class<?>> classes, ServletContext context) {
        HttpCache cache = cache().build();
        FilterRegistration.Dynamic filter = context.addFilter("cache", new CachingFilter(cache));
        filter.setAsyncSupported(true);
        filter.addMappingForUrlPatterns(EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC), false, "/*");
    }

    public static HttpCache.Builder cache() {
        Site shop = site("shop", "shop.example.com")
                .policy(Policy.application())
                .rules(
                        // /products for 60 s, whatever the servlet says
                        rule("products").path("/products/**").ttl(ofSeconds(60)),
                        // never /cart
                        rule("cart").path("/cart/**", "/checkout/**").bypass(),
                        // utm_ parameters ignored
                        rule("tracking parameters").keyDropsQuery("utm_*", "gclid", "fbclid"),
                        // assets shared, although every client has a cookie
                        rule("assets")
                                .path("/**.{css,js,png,woff2}")
                                .ignore(COOKIE, SET_COOKIE)
                                .ttl(ofDays(1)),
                        // 404 and 410 for 30 s
                        rule("negative").status("404", "410").ttl(ofSeconds(30)),
                        // products stale for 30 s while they are revalidated, for an hour while the servlet fails
                        rule("stale products")
                                .path("/products/**")
                                .staleWhileRevalidate(ofSeconds(30))
                                .staleIfError(ofHours(1)),
                        // products purged by tag
                        rule("product tags").path("/products/**").tags("products"),
                        // products 10 s in browsers, 60 s in the cache
                        rule("browsers").path("/products/**").browserTtl(ofSeconds(10)));
        // another host of the same application, apart from the shop
        Site blog = site("blog", "blog.example.com").policy(Policy.application());
        return HttpCache.builder().sites(Sites.of(shop, blog));
    }

    public static void purgeProducts(HttpCache cache) {
        Purging purging = cache.purging();
        Site shop = cache.sites().find("shop.example.com");
        purging.purge(purging.tag(shop, "products"), false);
    }
}
