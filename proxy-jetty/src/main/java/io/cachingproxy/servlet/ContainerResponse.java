package io.cachingproxy.servlet;

import jakarta.servlet.ServletResponse;
import jakarta.servlet.ServletResponseWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Objects;

/**
 * The response that a recording wraps. Tomcat 11 finishes its own response after a forward, for which it looks beneath
 * all wrappers; what a wrapper still holds back is lost then. Where it finds none of its own it closes the outermost
 * response, as Tomcat 10 does, and the recording passes on what it holds.
 */
final class ContainerResponse {
    private static final String TOMCAT = "org.apache.catalina.connector.";
    private static final String JETTY = "org.eclipse.jetty.";

    private ContainerResponse() {}

    static HttpServletResponse of(HttpServletResponse client) {
        return isOf(client, TOMCAT) ? opaque(client) : client;
    }

    /** Whether this is Jetty's: its streams print in the charset of the response, its forwards forget a writer. */
    static boolean isJettys(HttpServletResponse client) {
        return isOf(client, JETTY);
    }

    private static boolean isOf(HttpServletResponse client, String container) {
        ServletResponse innermost = client;
        while (innermost instanceof ServletResponseWrapper wrapper) {
            innermost = wrapper.getResponse();
        }
        return innermost.getClass().getName().startsWith(container);
    }

    private static HttpServletResponse opaque(HttpServletResponse client) {
        return (HttpServletResponse) Objects.requireNonNull(Proxy.newProxyInstance(
                ContainerResponse.class.getClassLoader(),
                new Class<?>[] {HttpServletResponse.class},
                (proxy, method, arguments) -> {
                    try {
                        return method.invoke(client, arguments);
                    } catch (InvocationTargetException thrown) {
                        throw thrown.getCause();
                    }
                }));
    }
}
