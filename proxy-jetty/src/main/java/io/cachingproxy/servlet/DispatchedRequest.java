package io.cachingproxy.servlet;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request that was parked, in the form that the chain would see without parking: its first dispatch is not an async
 * one.
 */
final class DispatchedRequest extends HttpServletRequestWrapper {
    private final long timeout;
    private volatile boolean again;

    DispatchedRequest(HttpServletRequest request, long timeout) {
        super(request);
        this.timeout = timeout;
    }

    /** The servlet itself dispatches the request. */
    void again() {
        again = true;
    }

    @Override
    public DispatcherType getDispatcherType() {
        DispatcherType type = super.getDispatcherType();
        return type == DispatcherType.ASYNC && !again ? DispatcherType.REQUEST : type;
    }

    @Override
    public @Nullable Object getAttribute(String name) {
        return isHidden(name) ? null : super.getAttribute(name);
    }

    @Override
    public Enumeration<String> getAttributeNames() {
        List<String> names = Collections.list(super.getAttributeNames());
        names.removeIf(this::isHidden);
        return Collections.enumeration(names);
    }

    /** Whether this is an attribute that the container has set for the dispatch. */
    private boolean isHidden(String name) {
        return !again && name.startsWith("jakarta.servlet.async.");
    }

    @Override
    public AsyncContext startAsync(ServletRequest request, ServletResponse response) {
        AsyncContext async = super.startAsync(request, response);
        async.setTimeout(timeout);
        return async;
    }
}
