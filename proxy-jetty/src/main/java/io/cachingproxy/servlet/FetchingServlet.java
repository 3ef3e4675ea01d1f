package io.cachingproxy.servlet;

import io.cachingproxy.HttpCache;
import io.cachingproxy.Origin;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.key.KeyBase;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A servlet that can fetch without a client request. The servlet publishes itself in its context. A {@link
 * CachingFilter} in front of the servlet then fetches through {@link #origin}, and never calls {@code service}.
 */
public interface FetchingServlet {
    /** The URL of the origin. Its scheme, host and path replace those of the client's URL in each cache key. */
    KeyBase base();

    /** Sends the requests of the cache to the origin. */
    Origin origin();

    /** The request fields that may reach the origin, and so may select variants; by default all. */
    default Headers passed(Headers request) {
        return request;
    }

    /** Publishes {@code servlet} to the filters of its context, under its registered name. */
    static void publish(ServletContext context, String servletName, FetchingServlet servlet) {
        context.setAttribute(attribute(servletName), servlet);
    }

    /** The fetching servlet to which this request is mapped; null if the request is mapped to any other servlet. */
    static @Nullable FetchingServlet of(HttpServletRequest request) {
        String name = request.getHttpServletMapping().getServletName();
        return name == null
                ? null
                : (FetchingServlet) request.getServletContext().getAttribute(attribute(name));
    }

    /**
     * Forwards a request to the origin of {@code servlet} without storing the response, asynchronously. For the {@code
     * service} method, which the container calls if no filter is in front of the servlet.
     *
     * @param cache a cache for the exchange with the origin; the response is neither read from its store nor stored
     * @throws IOException if the request cannot be read, or the response broke off after its head was sent
     */
    static void forward(
            FetchingServlet servlet, HttpCache cache, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        if (AnswerWriter.failed(request, response)) {
            return;
        }
        RequestHead head = RequestHeads.of(request, servlet);
        AsyncContext async = request.startAsync(request, response);
        async.setTimeout(0);
        Content body = head.hasBody() ? ServletBody.of(request.getInputStream()) : Content.empty();
        cache.forward(cache.resolve(head, () -> null, servlet.base()), body, servlet.origin())
                .thenAccept(answer -> AnswerWriter.write(answer, async));
    }

    private static String attribute(String servletName) {
        return FetchingServlet.class.getName() + ':' + servletName;
    }
}
