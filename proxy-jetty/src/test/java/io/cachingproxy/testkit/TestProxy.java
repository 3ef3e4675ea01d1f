package io.cachingproxy.testkit;

import io.cachingproxy.HttpCache;
import io.cachingproxy.jetty.ProxyServer;
import io.cachingproxy.origin.OriginTimeouts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.function.Consumer;

/** A {@link ProxyServer} on a free port, whose cache has a clock of its own. */
public final class TestProxy implements Front {
    private final ManualTime time = new ManualTime();
    private final HttpCache cache;
    private final ProxyServer server;

    private TestProxy(
            URI origin, Consumer<HttpCache.Builder> cacheSettings, Consumer<ProxyServer.Builder> serverSettings) {
        HttpCache.Builder builder = HttpCache.builder().clock(time);
        cacheSettings.accept(builder);
        cache = builder.build();
        ProxyServer.Builder settings =
                ProxyServer.builder().origin(origin).port(0).cache(cache);
        serverSettings.accept(settings);
        server = settings.build();
        try {
            server.start();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    public static TestProxy of(RawOrigin origin) {
        return of(origin.uri());
    }

    public static TestProxy of(URI origin) {
        return new TestProxy(origin, cache -> {}, server -> {});
    }

    public static TestProxy of(RawOrigin origin, Consumer<HttpCache.Builder> cacheSettings) {
        return new TestProxy(origin.uri(), cacheSettings, server -> {});
    }

    /** One whose server has these settings. */
    public static TestProxy serving(RawOrigin origin, Consumer<ProxyServer.Builder> serverSettings) {
        return new TestProxy(origin.uri(), cache -> {}, serverSettings);
    }

    /** One that waits for its origin for {@link Front#IMPATIENT} only. */
    public static TestProxy impatient(RawOrigin origin) {
        return new TestProxy(
                origin.uri(),
                cache -> {},
                server -> server.originTimeouts(
                        OriginTimeouts.DEFAULT.withFirstByte(IMPATIENT).withIdle(IMPATIENT)));
    }

    public void advance(Duration by) {
        time.advance(by);
    }

    @Override
    public int port() {
        return server.port();
    }

    @Override
    public void close() {
        server.close();
        cache.close();
    }
}
