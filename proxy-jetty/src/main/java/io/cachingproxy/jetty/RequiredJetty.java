package io.cachingproxy.jetty;

import org.eclipse.jetty.util.Jetty;
import org.jspecify.annotations.Nullable;

/** The Jetty that the proxy needs on the class path, which is an optional dependency. Links without Jetty. */
final class RequiredJetty {
    /** The version of Jetty that the proxy is tested with. */
    static final String VERSION = "12.1.14";

    private static final String ARTIFACTS =
            "org.eclipse.jetty:jetty-server, org.eclipse.jetty.http2:jetty-http2-server,"
                    + " org.eclipse.jetty.http2:jetty-http2-client-transport, and for TLS org.eclipse.jetty:jetty-alpn-java-server"
                    + " and org.eclipse.jetty:jetty-alpn-java-client";

    private RequiredJetty() {}

    /**
     * Checks that Jetty is there.
     *
     * @throws IllegalStateException if it is missing, or older than 12.1
     */
    static void check() {
        String found;
        try {
            Class.forName("org.eclipse.jetty.server.Server", false, RequiredJetty.class.getClassLoader());
            found = Jetty.VERSION;
        } catch (ClassNotFoundException | NoClassDefFoundError missing) {
            throw missing(missing);
        }
        if (isTooOld(found)) {
            throw new IllegalStateException("ProxyServer needs Jetty 12.1, but the class path has " + found
                    + ": set the version of Jetty to " + VERSION
                    + ", in a Maven project with the parent of Spring Boot by the property jetty.version");
        }
    }

    static boolean isTooOld(String version) {
        return version.matches("(\\d|1[01]|12\\.0)\\..*");
    }

    /** The error for a class that is not there. */
    static IllegalStateException missing(Throwable cause) {
        return new IllegalStateException(
                "ProxyServer needs Jetty, which is an optional dependency of io.cachingproxy:proxy-jetty ("
                        + described(cause.getMessage()) + " is missing): add, in version " + VERSION + ", " + ARTIFACTS,
                cause);
    }

    private static String described(@Nullable String type) {
        return type == null ? "a class" : type.replace('/', '.');
    }
}
