package io.cachingproxy.jetty;

import io.cachingproxy.store.CacheStore;
import io.cachingproxy.store.Confirmation;
import io.cachingproxy.store.Purge;
import io.cachingproxy.store.Purge.Scope;
import java.net.URI;
import java.time.InstantSource;
import java.util.concurrent.CompletionStage;

/** Purges what is stored of one origin, by the paths under which clients of the proxy see it. */
public final class Purging {
    /** What an operator is told about a purge that is not confirmed. */
    public static final String PENDING = "Not confirmed by Redis: purged on this instance only."
            + " The purge is repeated until Redis confirms it, as long as this process runs\n";

    private final CacheStore store;
    private final OriginBase base;
    private final InstantSource clock;

    /**
     * Purging from {@code store}.
     *
     * @param origin its path goes in front of what clients see
     * @param clock from when on what is purged softly is stale
     */
    public Purging(CacheStore store, URI origin, InstantSource clock) {
        this.store = store;
        this.base = OriginBase.of(origin);
        this.clock = clock;
    }

    /** What is stored of this raw path and query. */
    public Scope url(String pathAndQuery) {
        return new Scope.Url(base.target(pathAndQuery));
    }

    /** What is stored of all paths and queries that begin with this. */
    public Scope prefix(String path) {
        return new Scope.Prefix(base.target(path).url());
    }

    /** What is stored of this origin with this tag. */
    public Scope tag(String tag) {
        return new Scope.Tag(base.target("/").origin(), tag);
    }

    /** What is stored of this origin and this group (RFC 9875). */
    public Scope group(String group) {
        return Scope.Group.of(base.target("/"), group);
    }

    /** What is stored of this origin. */
    public Scope all() {
        return new Scope.All(base.target("/").origin());
    }

    /**
     * Removes what is meant, or if {@code soft} makes it stale.
     *
     * @return whether all instances that share the store have it, or only this one so far
     */
    public CompletionStage<Confirmation> purge(Scope scope, boolean soft) {
        return store.purge(soft ? Purge.soft(scope, clock.instant()) : Purge.hard(scope));
    }
}
