package io.cachingproxy.jetty;

import io.cachingproxy.CacheRequest;
import io.cachingproxy.Exchange;
import io.cachingproxy.OriginException;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.key.KeyBase;
import io.cachingproxy.origin.AddedFields;
import io.cachingproxy.origin.OriginServers;
import io.cachingproxy.origin.OriginTracing;
import io.cachingproxy.origin.balance.ServerPool;
import java.net.InetAddress;
import java.util.Map;
import java.util.function.Supplier;
import org.eclipse.jetty.io.EndPoint;
import org.jspecify.annotations.Nullable;

/** The origins: the unnamed origin, and the named origins to which sites and rules refer. */
final class Origins {
    private final @Nullable OriginServers only;
    private final @Nullable KeyBase base;
    private volatile Map<String, OriginServers> named = Map.of();

    /** @param only the unnamed origin, for requests whose site and rule name no origin; null if there is none */
    Origins(@Nullable OriginServers only) {
        this.only = only;
        this.base = only == null ? null : KeyBase.of(only.pool().settings().url());
    }

    /** The server pool of the unnamed origin; null if there is none. */
    @Nullable
    ServerPool onlyPool() {
        return only == null ? null : only.pool();
    }

    /** The named origins. */
    Map<String, OriginServers> named() {
        return named;
    }

    /** Replaces the named origins. */
    void named(Map<String, OriginServers> value) {
        named = Map.copyOf(value);
    }

    /** The URL of the unnamed origin in cache keys; null if there is none. */
    @Nullable
    KeyBase only() {
        return base;
    }

    /**
     * Whether dot segments in the path of {@code asked} lead above the path prefix of one of its origin's servers. The
     * target of such a request is undefined.
     */
    boolean leavesPrefix(CacheRequest asked) {
        if (!asked.head().target().climbs()) {
            return false;
        }
        OriginServers servers = servers(asked);
        return servers != null && servers.hasPrefix();
    }

    private @Nullable OriginServers servers(CacheRequest asked) {
        String name = asked.originName();
        return name == null ? only : named.get(name);
    }

    /** The origin of {@code asked} for messages: the scheme and authority of its first server. */
    String name(CacheRequest asked) {
        OriginServers servers = servers(asked);
        if (servers == null) {
            return String.valueOf(asked.originName());
        }
        KeyBase url = KeyBase.of(servers.pool().settings().url());
        return url.scheme() + "://" + url.authority();
    }

    /**
     * Sends {@code head} to the origin of {@code asked}, with the Host field configured for it.
     *
     * @param client the connection of the client that caused the fetch; null: none
     * @param address the address of that client
     * @param tracing the trace context of the request, and the spans of its attempts
     */
    void fetch(
            CacheRequest asked,
            RequestHead head,
            Content content,
            Exchange exchange,
            AddedFields added,
            @Nullable EndPoint client,
            Supplier<@Nullable InetAddress> address,
            OriginTracing tracing) {
        String name = asked.originName();
        OriginServers servers = servers(asked);
        if (servers == null) {
            String which =
                    name == null ? "no origin is configured for this site" : "origin " + name + " is not configured";
            exchange.onFailure(new OriginException(OriginException.Kind.FAILED, which, null));
            return;
        }
        servers.send(new OriginServers.Outgoing(
                head,
                content,
                exchange,
                added,
                asked.originHost(),
                client,
                address,
                tracing,
                name == null ? null : asked.treatment()::siteTarget));
    }
}
