package io.cachingproxy;

import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.key.KeyBase;
import io.cachingproxy.rules.Rules;
import io.cachingproxy.rules.Site;
import io.cachingproxy.rules.Sites;
import io.cachingproxy.rules.Treatment;
import java.net.InetAddress;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Determines the site, treatment and cache key of requests; see {@link HttpCache#resolve}. */
final class Resolver {
    private static final Logger LOG = LoggerFactory.getLogger(HttpCache.class);

    private final AtomicBoolean warned = new AtomicBoolean();

    CacheRequest resolve(
            Sites sites, RequestHead request, Supplier<@Nullable InetAddress> client, @Nullable KeyBase only) {
        Site site = sites.find(request.target().authority());
        if (site == null) {
            Treatment none = Rules.NONE.forRequest(request, null);
            return new CacheRequest(request, null, none, CacheKey.of(request), true, null);
        }
        InetAddress address = site.rules().list().isEmpty() ? null : client.get();
        Treatment treatment = site.rules().forRequest(request, address);
        KeyBase base = site.isEverything() ? only : null;
        Target keyed = base == null ? request.target() : base.of(request.target());
        try {
            CacheKey key = treatment.key(request, keyed);
            return new CacheRequest(request, site, treatment, key, treatment.bypasses() || site.shadow(), base);
        } catch (RuntimeException | Error broken) { // a user function may throw anything
            if (warned.compareAndSet(false, true)) {
                LOG.warn("The key function of a rule fails, such requests bypass the cache: {}", broken.toString());
            }
            return new CacheRequest(request, site, treatment, CacheKey.of(request, keyed, null), true, base);
        }
    }
}
