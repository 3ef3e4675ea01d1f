package io.cachingproxy.origin;

import io.cachingproxy.Exchange;
import io.cachingproxy.Origin;
import io.cachingproxy.OriginException;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.fields.FieldClass;
import io.cachingproxy.net.JettyHeaders;
import java.net.URI;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiConsumer;
import org.eclipse.jetty.client.HttpClient;
import org.jspecify.annotations.Nullable;

/**
 * The way to one origin, through Jetty's client: nothing is decoded, followed or added, and the target is the keyed one,
 * byte for byte. Host names the origin; what clients say of hosts and hops ahead of this one is dropped, since anyone
 * can say it and it is not part of the key: {@link AddedFields} are told in its place.
 */
public final class OriginClient implements Origin {
    /** Fields of a message to this proxy, in place of which the client of Jetty sends its own. */
    private static final Set<String> OWN = Set.of("host", "expect", "content-length");

    /** Methods that may be repeated when a kept connection turns out to be closed (RFC 9110 §9.2.2). */
    private static final Set<String> IDEMPOTENT =
            Set.of("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "QUERY", "PROPFIND");

    private final HttpClient client;
    private final URI origin;
    private final Waits waits;
    private final int maxHeaders;
    private final BiConsumer<RequestHead, OriginException> faults;
    private @Nullable Admission admission;

    /**
     * A way to {@code origin}.
     *
     * @param client started and stopped by its owner
     * @param origin scheme, host and port; a path is not used
     * @param timeouts all but that for connecting, which is the client's
     * @param maxHeaders how many field lines a response may have
     * @param faults told of each exchange that fails for good, before or within the response
     */
    public OriginClient(
            HttpClient client,
            URI origin,
            OriginTimeouts timeouts,
            int maxHeaders,
            BiConsumer<RequestHead, OriginException> faults) {
        this.client = client;
        this.origin = origin;
        this.waits = new Waits(client, timeouts);
        this.maxHeaders = maxHeaders;
        this.faults = faults;
    }

    /** From now on {@code value} says how many requests go out at a time. */
    public void admit(Admission value) {
        admission = value;
    }

    @Override
    public void fetch(RequestHead request, Content body, Exchange exchange) {
        fetch(request, body, exchange, AddedFields.NONE, null);
    }

    /**
     * The same, with more fields.
     *
     * @param added reports the client
     * @param host the Host that the origin gets; null: its own
     */
    public void fetch(RequestHead request, Content body, Exchange exchange, AddedFields added, @Nullable String host) {
        exchange.onFault(fault -> faults.accept(request, fault));
        boolean repeatable = !request.hasBody() && IDEMPOTENT.contains(request.method());
        Admission gate = admission;
        if (gate == null) {
            send(request, body, exchange, added, host, repeatable, () -> {});
        } else if (!gate.enter(() -> send(request, body, exchange, added, host, repeatable, gate::leave))) {
            exchange.onFailure(OriginFault.busy(null));
        }
    }

    /** Sends an admitted request; called again when it is repeated. */
    private void send(
            RequestHead request,
            Content body,
            Exchange exchange,
            AddedFields added,
            @Nullable String host,
            boolean mayRepeat,
            Runnable end) {
        Runnable sending;
        try {
            sending = prepared(request, body, exchange, added, host, mayRepeat, end);
        } catch (RuntimeException unsendable) {
            exchange.onFailure(
                    new OriginException(OriginException.Kind.FAILED, "the request cannot be sent", unsendable));
            end.run();
            return;
        }
        sending.run();
    }

    private Runnable prepared(
            RequestHead request,
            Content body,
            Exchange exchange,
            AddedFields added,
            @Nullable String host,
            boolean mayRepeat,
            Runnable end) {
        OriginRequest sent = new OriginRequest(
                client, origin, request.method(), request.target().pathAndQuery());
        Headers headers = sent(request.headers()).plus(added.fields());
        sent.headers(fields -> {
            fields.clear();
            JettyHeaders.into(fields, host == null ? headers : headers.plus("Host", host));
        });
        Waiting waiting = waits.begin(sent);
        RequestContent content = null;
        if (request.hasBody()) {
            content = new RequestContent(body, request.headers(), waiting);
            sent.body(content);
        }
        Runnable again = mayRepeat ? () -> send(request, body, exchange, added, host, false, end) : null;
        OriginResponse response =
                new OriginResponse(exchange, added, waiting, content, again, end, maxHeaders, client.getExecutor());
        return () -> {
            exchange.onSent();
            response.receive(sent);
        };
    }

    private static Headers sent(Headers headers) {
        return headers.without(OWN).filter((name, value) -> !FieldClass.of(name).isOfProxies());
    }

    @Override
    public String toString() {
        return "OriginClient[" + origin.getScheme().toLowerCase(Locale.ROOT) + "://" + origin.getAuthority() + "]";
    }
}
