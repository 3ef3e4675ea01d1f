package io.cachingproxy.benchmark;

import java.nio.ByteBuffer;
import java.util.Map;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.proxy.ProxyHandler;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;

/**
 * What Jetty itself can do, as a measure: a handler that writes bytes which are there, on the thread that parsed the
 * request, with as many field lines as a hit has; and for all other paths, and those with a query, Jetty's own reverse
 * proxy handler.
 */
public final class BareJetty {
    private BareJetty() {}

    public static void main(String[] args) throws Exception {
        String origin = args[1];
        Server server = new Server();
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.setSendServerVersion(false);
        configuration.setSendDateHeader(false);
        ServerConnector connector = new ServerConnector(
                server, 1, Runtime.getRuntime().availableProcessors(), new HttpConnectionFactory(configuration));
        connector.setHost("127.0.0.1");
        connector.setPort(Integer.parseInt(args[0]));
        connector.setAcceptQueueSize(4096);
        server.addConnector(connector);
        Bodies bodies = new Bodies();
        bodies.setHandler(new ProxyHandler.Reverse(
                request -> HttpURI.from(origin + request.getHttpURI().getPathQuery())));
        bodies.setDynamic(false);
        server.setDynamic(false);
        server.setHandler(bodies);
        server.start();
        server.join();
    }

    private static final class Bodies extends Handler.Wrapper {
        private static final Map<String, ByteBuffer> PREPARED = Map.of(
                "/1k.txt",
                ByteBuffer.allocate(1 << 10),
                "/10k.txt",
                ByteBuffer.allocate(10 << 10),
                "/100k.txt",
                ByteBuffer.allocateDirect(100 << 10),
                "/1m.txt",
                ByteBuffer.allocateDirect(1 << 20));

        @Override
        public InvocationType getInvocationType() {
            return InvocationType.NON_BLOCKING;
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback) throws Exception {
            ByteBuffer body = PREPARED.get(request.getHttpURI().getPathQuery());
            if (body == null) {
                return super.handle(request, response, callback);
            }
            HttpFields.Mutable fields = response.getHeaders();
            fields.add("Server", "nginx/1.22.1");
            fields.add(HttpHeader.DATE, "Sun, 22 Nov 2026 12:00:00 GMT");
            fields.add(HttpHeader.CONTENT_TYPE, "text/plain");
            fields.add(HttpHeader.CONTENT_LENGTH, body.remaining());
            fields.add(HttpHeader.LAST_MODIFIED, "Sun, 22 Nov 2026 11:00:00 GMT");
            fields.add(HttpHeader.ETAG, "\"67405b5e-400\"");
            fields.add(HttpHeader.CACHE_CONTROL, "public, max-age=3600");
            fields.add(HttpHeader.ACCEPT_RANGES, "bytes");
            fields.add(HttpHeader.AGE, "33");
            fields.add("X-Cache", "HIT");
            fields.add("Cache-Status", "caching-proxy; hit; ttl=3567");
            fields.add(HttpHeader.VIA, "1.1 caching-proxy");
            response.write(true, body.duplicate(), callback);
            return true;
        }
    }
}
