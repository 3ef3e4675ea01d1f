package io.cachingproxy.origin;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.net.JettyHeaders;
import java.net.InetAddress;
import java.net.URI;
import org.eclipse.jetty.client.HttpClient;
import org.jspecify.annotations.Nullable;

/** Requests over Jetty's HTTP client, for HTTP/2. */
final class JettyTransport implements Transport {
    private final HttpClient client;
    private final URI origin;
    private final OriginTimeouts timeouts;
    private final RequestTimers timers;
    private final int maxHeaders;
    private final @Nullable InetAddress address;

    /**
     * A transport to {@code origin}.
     *
     * @param timeouts the timeouts, except the connect timeout, which is configured in {@code client}
     * @param maxHeaders maximum number of field lines in a response
     */
    JettyTransport(HttpClient client, URI origin, OriginTimeouts timeouts, int maxHeaders) {
        this(client, origin, timeouts, maxHeaders, null);
    }

    /** @param address the only address; null: those of the host name */
    private JettyTransport(
            HttpClient client, URI origin, OriginTimeouts timeouts, int maxHeaders, @Nullable InetAddress address) {
        this.address = address;
        this.client = client;
        this.origin = origin;
        this.timeouts = timeouts;
        this.timers = new RequestTimers(client::getScheduler, timeouts);
        this.maxHeaders = maxHeaders;
    }

    /** Shares the client; connections to an address that is no longer used reach the idle timeout. */
    @Override
    public Transport at(InetAddress only) {
        return new JettyTransport(client, origin, timeouts, maxHeaders, only);
    }

    @Override
    public void send(Fetch fetch) {
        send(fetch, fetch.isRepeatable());
    }

    /** @param mayRepeat whether the request may be retried once */
    private void send(Fetch fetch, boolean mayRepeat) {
        Runnable sending;
        try {
            sending = prepared(fetch, mayRepeat);
        } catch (RuntimeException unsendable) {
            fetch.unsendable(unsendable);
            return;
        }
        sending.run();
    }

    private Runnable prepared(Fetch fetch, boolean mayRepeat) {
        RequestHead request = fetch.request();
        OriginRequest sent = new OriginRequest(
                client, origin, request.method(), request.target().pathAndQuery());
        sent.tag(address);
        Headers headers = fetch.fields();
        String host = fetch.host();
        sent.headers(fields -> {
            fields.clear();
            JettyHeaders.into(fields, host == null ? headers : headers.plus("Host", host));
        });
        RequestTimer timer = timers.begin(sent, fetch.attempt());
        RequestContent content = null;
        if (request.hasBody()) {
            content = new RequestContent(fetch.body(), request.headers(), timer);
            sent.body(content);
        }
        Runnable again = mayRepeat ? () -> send(fetch, false) : null;
        OriginResponse response = new OriginResponse(fetch, timer, content, again, maxHeaders, client.getExecutor());
        return () -> {
            fetch.exchange().onSent();
            response.receive(sent);
        };
    }
}
