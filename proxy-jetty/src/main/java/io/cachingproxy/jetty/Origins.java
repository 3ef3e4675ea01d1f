package io.cachingproxy.jetty;

import io.cachingproxy.CacheRequest;
import io.cachingproxy.Exchange;
import io.cachingproxy.OriginException;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.key.KeyBase;
import io.cachingproxy.origin.OriginClient;
import io.cachingproxy.rules.Site;
import java.util.Map;
import org.eclipse.jetty.io.EndPoint;
import org.jspecify.annotations.Nullable;

/** The ways to the origins: one without a name, and those that sites and rules name. */
final class Origins {
    private final @Nullable Way only;
    private final Map<String, Way> named;

    /**
     * A way to an origin.
     *
     * @param base its URL
     */
    record Way(OriginClient client, KeyBase base) {}

    /**
     * Ways to origins.
     *
     * @param only for what no site or rule names an origin for; null: there is none
     */
    Origins(@Nullable Way only, Map<String, Way> named) {
        this.only = only;
        this.named = named;
    }

    /** The URL of the origin without a name; null if there is none. */
    @Nullable
    KeyBase only() {
        return only == null ? null : only.base();
    }

    /**
     * Sends {@code head} to the origin of {@code asked}: under the path of its URL, and with the Host that it is to see.
     *
     * @param client the connection of the client that caused it
     */
    void fetch(
            CacheRequest asked,
            RequestHead head,
            Content content,
            Exchange exchange,
            Forwarding.Told told,
            EndPoint client) {
        Site site = asked.site();
        String byRule = asked.treatment().origin();
        String name = byRule == null && site != null ? site.origin() : byRule;
        Way way = name == null ? only : named.get(name);
        if (way == null) {
            String which =
                    name == null ? "no origin is configured for this site" : "origin " + name + " is not configured";
            exchange.onFailure(new OriginException(OriginException.Kind.FAILED, which, null));
            return;
        }
        boolean passesHost = site != null && site.clientHost() && !site.isEverything();
        String host = passesHost ? head.target().authority() : null;
        way.client().fetch(head.withTarget(way.base().of(head.target())), content, exchange, told, host, client);
    }
}
