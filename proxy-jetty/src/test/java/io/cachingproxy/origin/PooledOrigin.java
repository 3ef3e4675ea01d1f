package io.cachingproxy.origin;

import io.cachingproxy.Answer;
import io.cachingproxy.CacheRequest;
import io.cachingproxy.HttpCache;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.store.MemoryStore;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.jspecify.annotations.Nullable;

/** A pool with selectors of its own, through which requests go to an origin without a proxy around it. */
final class PooledOrigin implements AutoCloseable {
    private final QueuedThreadPool threads = new QueuedThreadPool();
    private final ScheduledExecutorScheduler scheduler = new ScheduledExecutorScheduler();
    private final HttpCache cache =
            HttpCache.builder().store(new MemoryStore(0, 0)).build();
    private final URI uri;
    private final SelectorManager selectors;
    final OriginPool pool;

    /**
     * A pool.
     *
     * @param number of selectors
     */
    PooledOrigin(URI uri, OriginTimeouts timeouts, int number) throws Exception {
        this(uri, timeouts, number, null);
    }

    /** The same over TLS. */
    PooledOrigin(URI uri, OriginTimeouts timeouts, int number, SslContextFactory.@Nullable Client tls)
            throws Exception {
        this.uri = uri;
        threads.start();
        scheduler.start();
        selectors = new SelectorManager(threads, scheduler, number) {
            @Override
            protected EndPoint newEndPoint(SelectableChannel channel, ManagedSelector selector, SelectionKey key) {
                throw new UnsupportedOperationException();
            }

            @Override
            public Connection newConnection(SelectableChannel channel, EndPoint endPoint, Object attachment) {
                throw new UnsupportedOperationException();
            }
        };
        selectors.start();
        pool = new OriginPool(
                uri, timeouts, new OriginLimits(64 << 10, 200, 100), tls, () -> selectors, new ArrayByteBufferPool());
        pool.start();
    }

    /** The status and content of the answer to a request, in one string. */
    CompletableFuture<String> send(String method, String path) {
        return send(method, path, Attempt.ONLY);
    }

    /** The same, and tells {@code attempt} what comes of it. */
    CompletableFuture<String> send(String method, String path, Attempt attempt) {
        Target target = new Target("http", uri.getAuthority(), path);
        CacheRequest request = cache.resolve(new RequestHead(method, target, Headers.EMPTY), null);
        return cache.forward(
                        request,
                        Content.empty(),
                        (head, body, exchange) -> pool.send(
                                new Fetch(head, body, exchange, AddedFields.NONE, null, null, attempt, () -> {})))
                .thenCompose(PooledOrigin::text)
                .toCompletableFuture();
    }

    private static CompletableFuture<String> text(Answer answer) {
        return answer.content()
                .readAll(1 << 20)
                .thenApply(bytes ->
                        answer.head().status() + " " + StandardCharsets.ISO_8859_1.decode(ByteBuffer.wrap(bytes)))
                .toCompletableFuture();
    }

    String ask(String method, String path) throws Exception {
        return send(method, path).get(10, TimeUnit.SECONDS);
    }

    /** Keeps the threads that would notice what comes from doing so. */
    AutoCloseable blocked() throws InterruptedException {
        CountDownLatch end = new CountDownLatch(1);
        List<ManagedSelector> all = new ArrayList<>(selectors.getBeans(ManagedSelector.class));
        CountDownLatch begun = new CountDownLatch(all.size());
        for (ManagedSelector each : all) {
            each.submit(selector -> {
                begun.countDown();
                try {
                    end.await();
                } catch (InterruptedException stopped) {
                    Thread.currentThread().interrupt();
                }
            });
        }
        begun.await();
        return end::countDown;
    }

    @Override
    public void close() throws Exception {
        pool.stop();
        selectors.stop();
        scheduler.stop();
        threads.stop();
        cache.close();
    }
}
