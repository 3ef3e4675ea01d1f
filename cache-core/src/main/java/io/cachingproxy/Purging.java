package io.cachingproxy;

import io.cachingproxy.http.Target;
import io.cachingproxy.key.KeyBase;
import io.cachingproxy.rules.Site;
import io.cachingproxy.rules.Sites;
import io.cachingproxy.store.Confirmation;
import io.cachingproxy.store.Purge;
import io.cachingproxy.store.Purge.Scope;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Purges of what a cache has stored, by the URLs that clients use: a purge of a URL removes what a request for it would
 * find, also where rules change the key. A purge of a site whose keys have the client's Host ({@link Site#clientHost})
 * concerns all sites, because its keys are not told from those of others. Thread-safe.
 *
 * <pre>{@code
 * Purging purging = cache.purging();
 * purging.purge(purging.url(Target.of(URI.create("https://shop.example.com/products/1"))), false);
 * }</pre>
 */
public final class Purging {
    /** What an operator is told about a purge that is not confirmed. */
    public static final String PENDING = "Not confirmed by the shared store: purged on this instance only."
            + " The purge is repeated until the store confirms it, as long as this process runs\n";

    private static final List<String> SCHEMES = List.of("https", "http");

    private final HttpCache cache;
    private final @Nullable KeyBase only;

    Purging(HttpCache cache, @Nullable KeyBase only) {
        this.cache = cache;
        this.only = only;
    }

    /** What is stored of a URL: all methods and variants. Empty if no site has its host. */
    public List<Scope> url(Target url) {
        Site site = cache.sites().find(url.authority());
        return site == null
                ? List.of()
                : site.rules().keyTargets(url, keyed(site, url)).stream()
                        .<Scope>map(Scope.Url::new)
                        .toList();
    }

    /**
     * What is stored of all URLs that begin with this one; all queries of its path, where it has a query and rules change
     * queries in keys. Empty if no site has its host.
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

    /** What is stored with this tag of this site; null: of the only site, or else of every site that shares the store. */
    public List<Scope> tag(@Nullable Site site, String tag) {
        return ofSite(site, origin -> new Scope.Tag(origin, tag));
    }

    /** What is stored of this group (RFC 9875) of this site; null: of the only site, or else of every site. */
    public List<Scope> group(@Nullable Site site, String group) {
        return ofSite(site, origin -> new Scope.Group(origin, group));
    }

    /** What is stored of this site; null: of the only site, or else of every site that shares the store. */
    public List<Scope> all(@Nullable Site site) {
        return ofSite(site, Scope.All::new);
    }

    /**
     * The scopes of a site's origins. Those of a site whose keys have the client's host and port are not known: every origin.
     */
    private List<Scope> ofSite(@Nullable Site site, Function<@Nullable String, Scope> scope) {
        Sites sites = cache.sites();
        Site meant = site == null && sites.isEverything() ? sites.list().get(0) : site;
        boolean one = meant != null && meant.isEverything() && only != null;
        if (meant == null || (meant.clientHost() && !one)) {
            return List.of(scope.apply(null));
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
     * Removes what is meant, or if {@code soft} makes it stale.
     *
     * @return whether all instances that share the store have it, or only this one so far
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
