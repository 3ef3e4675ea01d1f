package io.cachingproxy;

import io.cachingproxy.http.Target;
import io.cachingproxy.key.KeyBase;
import io.cachingproxy.rules.Site;
import io.cachingproxy.rules.Sites;
import io.cachingproxy.store.Confirmation;
import io.cachingproxy.store.Purge;
import io.cachingproxy.store.Purge.Scope;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Purges stored responses by the URLs that clients use: the purge of a URL removes the responses that a request for it
 * would find, even if rules change the key. If the keys of a site contain the client's Host ({@link Site#clientHost}),
 * its purges apply to the hosts of the site. Thread-safe.
 *
 * <pre>{@code
 * Purging purging = cache.purging();
 * purging.purge(purging.url(Target.of(URI.create("https://shop.example.com/products/1"))), false);
 * }</pre>
 */
public final class Purging {
    /** Message for the operator if a purge is not confirmed by the shared store. */
    public static final String PENDING = "Not confirmed by the shared store: purged on this instance only."
            + " The purge is repeated until the store confirms it, as long as this process runs\n";

    private static final List<String> SCHEMES = List.of("https", "http");

    private final HttpCache cache;
    private final @Nullable KeyBase only;

    Purging(HttpCache cache, @Nullable KeyBase only) {
        this.cache = cache;
        this.only = only;
    }

    /** The site of a URL; null if no site has its host. */
    public @Nullable Site site(Target url) {
        return cache.sites().find(url.authority());
    }

    /** The scopes of a URL: all methods and variants. Empty if no site has its host. */
    public List<Scope> url(Target url) {
        Site site = cache.sites().find(url.authority());
        return site == null
                ? List.of()
                : site.rules().keyTargets(url, keyed(site, url)).stream()
                        .<Scope>map(Scope.Url::new)
                        .toList();
    }

    /**
     * The scopes of all URLs that begin with this one. If it has a query and rules change queries in keys, all queries
     * of its path are included. Empty if no site has its host.
     */
    public List<Scope> prefix(Target url) {
        Site site = cache.sites().find(url.authority());
        if (site == null) {
            return List.of();
        }
        Target keyed = keyed(site, url);
        int query = keyed.pathAndQuery().indexOf('?');
        if (query < 0 || !site.rules().changesQueries()) {
            return below(site, keyed)
                    .<Scope>map(target -> new Scope.Prefix(target.url()))
                    .toList();
        }
        String path = keyed.pathAndQuery().substring(0, query);
        Target bare = new Target(keyed.scheme(), keyed.authority(), path);
        return below(site, bare)
                .<Scope>flatMap(target -> Stream.of(new Scope.Url(target), new Scope.Prefix(target.url() + "?")))
                .toList();
    }

    private static Stream<Target> below(Site site, Target keyed) {
        return site.rules().keyTargetsBelow(keyed).stream();
    }

    private Target keyed(Site site, Target url) {
        KeyBase base = site.isEverything() ? only : null;
        return base == null ? url : base.of(url);
    }

    /**
     * The scopes of a tag in a site; if {@code site} is null, in the only site, or else in every site that shares the
     * store.
     */
    public List<Scope> tag(@Nullable Site site, String tag) {
        return ofSite(site, origin -> new Scope.Tag(origin, tag));
    }

    /** The scopes of a group (RFC 9875) in a site; if {@code site} is null, in the only site, or else in every site. */
    public List<Scope> group(@Nullable Site site, String group) {
        return ofSite(site, origin -> new Scope.Group(origin, group));
    }

    /**
     * The scopes of a whole site; if {@code site} is null, of the only site, or else of every site that shares the
     * store.
     */
    public List<Scope> all(@Nullable Site site) {
        return ofSite(site, Scope.All::new);
    }

    /**
     * The scopes of a site's origins. If the keys of the site contain the client's host and port, these are unknown,
     * and the scope is that of the site's hosts.
     */
    private List<Scope> ofSite(@Nullable Site site, Function<@Nullable String, Scope> scope) {
        Sites sites = cache.sites();
        Site meant = site == null && sites.isEverything() ? sites.list().get(0) : site;
        boolean one = meant != null && meant.isEverything() && only != null;
        if (meant == null || (sites.isEverything() && !one)) {
            return List.of(scope.apply(null));
        }
        if (meant.clientHost() && !one) {
            return List.of(new Scope.OfHosts(sites.hosts(meant), scope.apply(null)));
        }
        Stream<Target> roots = one && only != null
                ? Stream.of(only.target("/"))
                : SCHEMES.stream()
                        .map(scheme -> new Target(scheme, meant.hosts().get(0), "/"));
        return roots.flatMap(root -> below(meant, root))
                .map(Target::origin)
                .distinct()
                .map(scope)
                .toList();
    }

    /**
     * The number of responses in the memory of this process that a purge of these scopes, at most 5,000, would remove
     * or make stale. Responses that are only in a shared store are not counted. Visits every entry. Empty if the store
     * does not list its entries.
     */
    public OptionalLong count(List<Scope> scopes) {
        return cache.store().count(scopes);
    }

    /**
     * Removes the stored responses in {@code scopes}, or makes them stale if {@code soft}.
     *
     * @return whether all instances that share the store have applied the purge, or only this one so far
     */
    public CompletionStage<Confirmation> purge(List<Scope> scopes, boolean soft) {
        CompletionStage<Confirmation> all = CompletableFuture.completedFuture(Confirmation.CONFIRMED);
        for (Scope scope : scopes) {
            Purge purge = soft ? Purge.soft(scope, cache.now()) : Purge.hard(scope);
            cache.events().tell(it -> it.onPurged(purge));
            all = all.thenCombine(
                    cache.store().purge(purge), (one, other) -> one == Confirmation.CONFIRMED ? other : one);
        }
        return all;
    }
}
