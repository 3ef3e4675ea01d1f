package io.cachingproxy.jetty.example;

import io.cachingproxy.HttpCache;
import io.cachingproxy.jetty.ProxyServer;
import java.io.IOException;
import java.net.URI;

/** A proxy server in an application. */
final class Embedded {
    private Embedded() {}

    static ProxyServer start() throws IOException {
        ProxyServer proxy = ProxyServer.builder()
                .origin(URI.create("https://example.org"))
                .port(8000)
                .cache(HttpCache.builder().build())
                .build();
        proxy.start();

        return proxy;
    }
}
