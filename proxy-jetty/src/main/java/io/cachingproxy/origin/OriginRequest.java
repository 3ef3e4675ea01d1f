package io.cachingproxy.origin;

import java.net.URI;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.transport.HttpConversation;
import org.eclipse.jetty.client.transport.HttpRequest;
import org.jspecify.annotations.Nullable;

/**
 * A request whose method and target are sent unchanged. Jetty's own request class parses the target, so that {@code //a}
 * loses its first segment and {@code ?a=b|c} is refused, and converts the method to upper case.
 */
final class OriginRequest extends HttpRequest {
    /** The request attribute with the {@link io.cachingproxy.Exchange}. */
    static final String EXCHANGE = OriginRequest.class.getName() + ".exchange";

    private final String method;
    private final String pathAndQuery;

    OriginRequest(HttpClient client, URI origin, String method, String pathAndQuery) {
        super(client, new HttpConversation(), origin);
        this.method = method;
        this.pathAndQuery = pathAndQuery;
    }

    private OriginRequest(OriginRequest other, HttpConversation conversation, URI origin) {
        super(other.getHttpClient(), conversation, origin);
        this.method = other.method;
        this.pathAndQuery = other.pathAndQuery;
    }

    @Override
    public String getMethod() {
        return method;
    }

    @Override
    public String getPath() {
        int query = pathAndQuery.indexOf('?');
        return query < 0 ? pathAndQuery : pathAndQuery.substring(0, query);
    }

    @Override
    public @Nullable String getQuery() {
        int query = pathAndQuery.indexOf('?');
        return query < 0 ? null : pathAndQuery.substring(query + 1);
    }

    @Override
    protected HttpRequest copyInstance(URI newUri) {
        return new OriginRequest(this, getConversation(), newUri);
    }
}
