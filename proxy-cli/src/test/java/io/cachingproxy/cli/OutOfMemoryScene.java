package io.cachingproxy.cli;

import io.cachingproxy.HttpCache;
import io.cachingproxy.jetty.ProxyServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.LoggerFactory;

/** Uses up the memory of its process at the place that its argument names, watched as the proxy is. Exits with 0 if it survives. */
public final class OutOfMemoryScene {
    private static final List<Object> KEPT = new ArrayList<>();

    private OutOfMemoryScene() {}

    public static void main(String[] args) throws Exception {
        OutOfMemoryWatch.begin();
        switch (args[0]) {
            case "thread" -> new Thread(OutOfMemoryScene::fillHeap).start();
            case "pool" -> inPool(OutOfMemoryScene::fillHeap);
            case "direct" -> inPool(OutOfMemoryScene::fillDirectMemory);
            case "logged" -> logged("io.cachingproxy.Any");
            case "redisson" -> logged("org.redisson.Any");
            case "request" -> inRequest();
            default -> throw new IllegalArgumentException(args[0]);
        }
        new CountDownLatch(1).await(20, TimeUnit.SECONDS);
        System.exit(0);
    }

    private static void fillHeap() {
        while (true) {
            KEPT.add(new byte[1 << 20]);
        }
    }

    private static void fillDirectMemory() {
        while (true) {
            KEPT.add(ByteBuffer.allocateDirect(1 << 20));
        }
    }

    private static void inPool(Runnable job) throws Exception {
        QueuedThreadPool pool = new QueuedThreadPool();
        pool.start();
        pool.execute(job);
    }

    private static void logged(String logger) {
        try {
            fillHeap();
        } catch (OutOfMemoryError error) {
            KEPT.clear();
            LoggerFactory.getLogger(logger).error("a command failed", new IllegalStateException(error));
        }
    }

    private static void inRequest() throws Exception {
        HttpCache cache = HttpCache.builder()
                .clock(() -> {
                    fillHeap();
                    return Instant.EPOCH;
                })
                .build();
        ProxyServer proxy = ProxyServer.builder()
                .origin(URI.create("http://127.0.0.1:1"))
                .port(0)
                .cache(cache)
                .build();
        proxy.start();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + proxy.port() + "/"))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        HttpClient.newHttpClient().sendAsync(request, HttpResponse.BodyHandlers.discarding());
    }
}
