package io.cachingproxy;

import io.cachingproxy.http.Target;
import io.cachingproxy.key.KeyBase;
import io.cachingproxy.rules.Site;
import io.cachingproxy.store.Confirmation;
import io.cachingproxy.store.Purge;
import io.cachingproxy.store.Purge.Scope;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Purges of what a cache has stored, by the URLs that clients use: a purge of a URL removes what a request for it would
 * find, also where rules change the key. Thread-safe.
 *
 * <pre>{@code
 * Purging purging = cache.purging();
 * purging.purge(purging.url(Target.of(URI.create("https://shop.example.com/products/1"))), false);
 * }</pre>
 */
public final class Purging {
    /** What an operator is told about a purge that is not confirmed. */
    public static final String PENDING = "Not confirmed by Redis: purged on this instance only."
            + " The purge is repeated until Redis confirms it, as long as this process runs\n";

    private static final List<String> SCHEMES = List.of("https", "http");

    private final HttpCache cache;
    private final @Nullable KeyBase only;

    Purging(HttpCache cache, @Nullable KeyBase only) {
        this.cache = cache;
        this.only = only;
    }

    /** What is stored of a URL: all methods and variants. Empty if no site has its host. */
    public List<Scope> url(Target url) {
        return keyed(url, Scope.Url::new);
    }

    /** What is stored of all URLs that begin with this one. Empty if no site has its host. */
    public List<Scope> prefix(Target url) {
        return keyed(url, target -> new Scope.Prefix(target.url()));
    }

    private List<Scope> keyed(Target url, Function<Target, Scope> scope) {
        Site site = cache.sites().find(url.authority());
        return site == null ? List.of() : keyTargets(site, url).map(scope).toList();
    }

    private Stream<Target> keyTargets(Site site, Target url) {
        KeyBase base = site.isEverything() ? only : null;
        return site.rules().keyTargets(url, base == null ? url : base.of(url)).stream();
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

    private List<Scope> ofSite(@Nullable Site site, Function<@Nullable String, Scope> scope) {
        if (site != null) {
            Set<String> hosts = Set.copyOf(site.hosts());
            return SCHEMES.stream()
                    .flatMap(scheme -> hosts.stream().map(host -> new Target(scheme, host, "/")))
                    .flatMap(url -> keyTargets(site, url))
                    .map(Target::origin)
                    .distinct()
                    .map(scope)
                    .toList();
        }
        boolean one = only != null && cache.sites().isEverything();
        return List.of(scope.apply(one && only != null ? only.target("/").origin() : null));
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
