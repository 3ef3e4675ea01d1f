package io.cachingproxy.origin;

import io.cachingproxy.Exchange;
import io.cachingproxy.Origin;
import io.cachingproxy.OriginException;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.RequestHead;
import java.net.InetAddress;
import java.net.URI;
import java.util.Locale;
import java.util.function.BiConsumer;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.component.ContainerLifeCycle;
import org.jspecify.annotations.Nullable;

/**
 * HTTP client for one origin. Decodes no content, follows no redirects, and sends the target unchanged. Host is the
 * authority of the origin. Proxy fields of clients, such as X-Forwarded-Host, are dropped, because any client can forge
 * them and they are not part of the cache key; {@link AddedFields} replace them.
 *
 * <p>Created by {@link OriginClients}; started and stopped by its owner.
 */
public final class OriginClient extends ContainerLifeCycle implements Origin {
    private final Transport transport;
    private final URI origin;
    private final BiConsumer<RequestHead, OriginException> faults;
    private @Nullable ConcurrencyLimiter limiter;

    OriginClient(Transport transport, URI origin, BiConsumer<RequestHead, OriginException> faults) {
        this.transport = transport;
        this.origin = origin;
        this.faults = faults;
        addBean(transport);
    }

    /** Limits the number of concurrent requests from now on. */
    public void limit(ConcurrencyLimiter value) {
        limiter = value;
    }

    @Override
    public void fetch(RequestHead request, Content body, Exchange exchange) {
        fetch(request, body, exchange, AddedFields.NONE, null, null, Attempt.ONLY);
    }

    /**
     * Sends a request with added fields.
     *
     * @param added the added fields
     * @param host the value of Host; null: the authority of the origin's URL
     * @param client the client connection; null: none
     * @param attempt receives the outcome
     */
    public void fetch(
            RequestHead request,
            Content body,
            Exchange exchange,
            AddedFields added,
            @Nullable String host,
            @Nullable EndPoint client,
            Attempt attempt) {
        exchange.onFault(fault -> faults.accept(request, fault));
        ConcurrencyLimiter gate = limiter;
        Runnable end = () -> {
            attempt.end();
            if (gate != null) {
                gate.leave();
            }
        };
        Fetch fetch = new Fetch(request, body, exchange, added, host, client, attempt, end);
        if (gate == null) {
            transport.send(fetch);
        } else if (!gate.enter(() -> transport.send(fetch))) {
            attempt.end();
            exchange.onFailure(OriginFault.busy(null));
        }
    }

    /** Closes idle connections, and each other connection after its response, for an origin that is replaced. */
    void retire() {
        transport.retire();
    }

    /** Keeps connections again, after {@link #retire}. */
    void resume() {
        transport.resume();
    }

    /** A client with the same settings for one address of the origin's name; stopped before this client. */
    OriginClient at(InetAddress address) {
        OriginClient made = new OriginClient(transport.at(address), origin, faults);
        made.limiter = limiter;
        return made;
    }

    @Override
    public String toString() {
        return "OriginClient[" + origin.getScheme().toLowerCase(Locale.ROOT) + "://" + origin.getAuthority() + "]";
    }
}
