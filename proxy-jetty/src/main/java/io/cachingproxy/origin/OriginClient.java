package io.cachingproxy.origin;

import io.cachingproxy.Exchange;
import io.cachingproxy.Origin;
import io.cachingproxy.OriginException;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.RequestHead;
import java.net.URI;
import java.util.Locale;
import java.util.function.BiConsumer;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.component.ContainerLifeCycle;
import org.jspecify.annotations.Nullable;

/**
 * The way to one origin: nothing is decoded, followed or added, and the target is the keyed one, byte for byte. Host names
 * the origin; what clients say of hosts and hops ahead of this one is dropped, since anyone can say it and it is not part of
 * the key: {@link AddedFields} are told in its place.
 *
 * <p>{@link OriginClients} makes them. To be started, and stopped, by its owner.
 */
public final class OriginClient extends ContainerLifeCycle implements Origin {
    private final Transport transport;
    private final URI origin;
    private final BiConsumer<RequestHead, OriginException> faults;
    private @Nullable Admission admission;

    OriginClient(Transport transport, URI origin, BiConsumer<RequestHead, OriginException> faults) {
        this.transport = transport;
        this.origin = origin;
        this.faults = faults;
        addBean(transport);
    }

    /** From now on {@code value} says how many requests go out at a time. */
    public void admit(Admission value) {
        admission = value;
    }

    @Override
    public void fetch(RequestHead request, Content body, Exchange exchange) {
        fetch(request, body, exchange, AddedFields.NONE, null, null, Attempt.ONLY);
    }

    /**
     * The same, with more fields.
     *
     * @param added reports the client
     * @param host the Host that the origin gets; null: its own
     * @param client the connection of the client that caused the request; null: there is none
     * @param attempt told what comes of it
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
        Admission gate = admission;
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

    @Override
    public String toString() {
        return "OriginClient[" + origin.getScheme().toLowerCase(Locale.ROOT) + "://" + origin.getAuthority() + "]";
    }
}
