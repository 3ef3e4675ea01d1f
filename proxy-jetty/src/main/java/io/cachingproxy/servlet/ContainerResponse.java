package io.cachingproxy.servlet;

import jakarta.servlet.ServletResponse;
import jakarta.servlet.ServletResponseWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Objects;

/**
 * The container's response below a recording. After a forward, Tomcat 11 unwraps all wrappers and finishes its own
 * response, so buffered data in a wrapper is lost. If Tomcat finds no response of its own, it closes the outermost
 * response, as Tomcat 10 does, and the recording drains its buffer.
 */
final class ContainerResponse {
    private static final String TOMCAT = "org.apache.catalina.connector.";
    private static final String JETTY = "org.eclipse.jetty.";
    private static final String UNDERTOW = "io.undertow.";

    private ContainerResponse() {}

    static HttpServletResponse of(HttpServletResponse client) {
        return isTomcats(client) ? opaque(client) : client;
    }

    static boolean isTomcats(HttpServletResponse client) {
        return isOf(client, TOMCAT);
    }

    /**
     * Whether this is Jetty's response, whose streams print in the charset of the response, and whose forwards reset the
     * writer.
     */
    static boolean isJettys(HttpServletResponse client) {
        return isOf(client, JETTY);
    }

    /** The line separator of the container's writers. */
    static String lineSeparator(HttpServletResponse client) {
        return isOf(client, UNDERTOW) ? "\r\n" : System.lineSeparator();
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
