package io.cachingproxy.servlet;

import io.cachingproxy.Origin;
import io.cachingproxy.http.Headers;
import io.cachingproxy.key.KeyBase;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

/**
 * A servlet that can fetch without a client. It publishes itself in its context; a {@link CachingFilter} in front of it
 * then fetches through it, and its {@code service} is not called.
 */
public interface FetchingServlet {
    /** The URL of the origin, whose scheme, host and path are in each key in place of those that clients use. */
    KeyBase base();

    Origin origin();

    /** The fields of a request that may reach the origin, and so may select among variants; by default all. */
    default Headers passed(Headers request) {
        return request;
    }

    /** Makes {@code servlet} known to the filters of its context, under the name that it is registered with. */
    static void publish(ServletContext context, String servletName, FetchingServlet servlet) {
        context.setAttribute(attribute(servletName), servlet);
    }

    /** The fetching servlet that this request is mapped to, or null if it is another one. */
    static @Nullable FetchingServlet of(HttpServletRequest request) {
        String name = request.getHttpServletMapping().getServletName();
        return name == null
                ? null
                : (FetchingServlet) request.getServletContext().getAttribute(attribute(name));
    }

    private static String attribute(String servletName) {
        return FetchingServlet.class.getName() + ':' + servletName;
    }
}
