package io.cachingproxy.jetty;

import io.cachingproxy.HttpCache;
import io.cachingproxy.Origin;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.fields.FieldClass;
import io.cachingproxy.jetty.front.FaultLog;
import io.cachingproxy.key.KeyBase;
import io.cachingproxy.origin.OriginClient;
import io.cachingproxy.origin.OriginClients;
import io.cachingproxy.origin.OriginTimeouts;
import io.cachingproxy.servlet.FetchingServlet;
import io.cachingproxy.store.MemoryStore;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import org.eclipse.jetty.ee10.proxy.AsyncProxyServlet;
import org.eclipse.jetty.util.component.LifeCycle;
import org.jspecify.annotations.Nullable;

/**
 * A reverse proxy to one origin, as a Jetty proxy servlet. Configured with the init parameters of {@link
 * AsyncProxyServlet} and {@code proxyTo}, the URL of the origin. The path of that URL is the prefix of each request
 * path. Register the servlet with {@code load-on-startup}, so that its HTTP client is started before the first request.
 *
 * <p>The servlet inherits the configuration and the client's selectors. Requests and responses go through {@link
 * OriginClient}, because the inherited code changes both. Behind a {@link io.cachingproxy.servlet.CachingFilter} the
 * filter uses only the servlet's {@link #origin()}; without a filter the servlet forwards each request to the origin.
 */
public class CachingProxyServlet extends AsyncProxyServlet implements FetchingServlet {
    private static final long serialVersionUID = 1L;

    /** Default of the init parameter {@code originIdleTimeout} (milliseconds): the longest silence of the origin. */
    private static final Duration ORIGIN_IDLE_TIMEOUT = Duration.ofSeconds(30);

    private transient @Nullable OriginClient origin;
    private transient @Nullable HttpCache uncached;
    private transient @Nullable KeyBase base;

    @Override
    public void init() throws ServletException {
        super.init();
        String proxyTo = getServletConfig().getInitParameter("proxyTo");
        if (proxyTo == null) {
            throw new ServletException("init parameter proxyTo is missing: the URL of the origin");
        }
        URI uri = URI.create(proxyTo);
        base = KeyBase.of(uri);
        setTimeout(0);
        OriginClient client = OriginClients.like(
                getHttpClient(),
                uri,
                OriginTimeouts.DEFAULT.withIdle(originIdleTimeout()),
                Limits.DEFAULT.origins().headers(),
                new FaultLog(System::nanoTime)::origin);
        try {
            client.start();
        } catch (Exception failed) {
            throw new ServletException(failed);
        }
        origin = client;
        uncached = HttpCache.builder().store(new MemoryStore(0, 0)).build();
        FetchingServlet.publish(getServletContext(), getServletConfig().getServletName(), this);
    }

    @Override
    public void destroy() {
        OriginClient client = origin;
        if (client != null) {
            LifeCycle.stop(client);
        }
        super.destroy();
    }

    private Duration originIdleTimeout() {
        String millis = getServletConfig().getInitParameter("originIdleTimeout");
        return millis == null ? ORIGIN_IDLE_TIMEOUT : Duration.ofMillis(Long.parseLong(millis));
    }

    @Override
    public KeyBase base() {
        KeyBase known = base;
        if (known == null) {
            throw new IllegalStateException("not initialised");
        }
        return known;
    }

    @Override
    public Origin origin() {
        OriginClient client = origin;
        if (client == null) {
            throw new IllegalStateException("not initialised");
        }
        KeyBase at = base();
        return (head, content, exchange) -> client.fetch(head.withTarget(at.of(head.target())), content, exchange);
    }

    /** All fields except proxy fields and ambiguous names, since any client could send those. */
    @Override
    public Headers passed(Headers request) {
        return FieldClass.areOrdinary(request)
                ? request
                : request.filter((name, value) -> FieldClass.of(name) == FieldClass.ORDINARY);
    }

    /** Forwards the request to the origin, without a cache. */
    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        HttpCache proxy = uncached;
        if (proxy == null) {
            throw new IllegalStateException("not initialised");
        }
        FetchingServlet.forward(this, proxy, request, response);
    }
}
