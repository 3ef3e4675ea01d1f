package io.cachingproxy.origin;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.net.JettyHeaders;
import java.net.URI;
import org.eclipse.jetty.client.HttpClient;

/** Requests over Jetty's client, which speaks HTTP/2. */
final class JettyTransport implements Transport {
    private final HttpClient client;
    private final URI origin;
    private final Waits waits;
    private final int maxHeaders;

    /**
     * Requests to {@code origin}.
     *
     * @param timeouts all but that for connecting, which is the client's
     * @param maxHeaders how many field lines a response may have
     */
    JettyTransport(HttpClient client, URI origin, OriginTimeouts timeouts, int maxHeaders) {
        this.client = client;
        this.origin = origin;
        this.waits = new Waits(client::getScheduler, timeouts);
        this.maxHeaders = maxHeaders;
    }

    @Override
    public void send(Fetch fetch) {
        send(fetch, fetch.isRepeatable());
    }

    /** Called again when it is repeated. */
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
        Headers headers = fetch.fields();
        String host = fetch.host();
        sent.headers(fields -> {
            fields.clear();
            JettyHeaders.into(fields, host == null ? headers : headers.plus("Host", host));
        });
        Waiting waiting = waits.begin(sent);
        RequestContent content = null;
        if (request.hasBody()) {
            content = new RequestContent(fetch.body(), request.headers(), waiting);
            sent.body(content);
        }
        Runnable again = mayRepeat ? () -> send(fetch, false) : null;
        OriginResponse response = new OriginResponse(fetch, waiting, content, again, maxHeaders, client.getExecutor());
        return () -> {
            fetch.exchange().onSent();
            response.receive(sent);
        };
    }
}
