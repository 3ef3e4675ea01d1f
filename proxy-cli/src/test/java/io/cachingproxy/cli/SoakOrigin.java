package io.cachingproxy.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An origin whose bodies are known by path and version: a POST makes the next version. Under /flaky one request in ten
 * fails, in one of three ways; one in twenty anywhere stalls.
 */
final class SoakOrigin implements AutoCloseable {
    private static final long STALL_MILLIS = 200;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Map<String, AtomicLong> versions = new ConcurrentHashMap<>();
    private final Map<String, Long> lastFault = new ConcurrentHashMap<>();
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong faults = new AtomicLong();

    SoakOrigin() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    URI uri() {
        return URI.create("http://localhost:" + server.getAddress().getPort());
    }

    long requests() {
        return requests.get();
    }

    long faults() {
        return faults.get();
    }

    /** Whether a request for {@code path} that began at {@code nanos} can have met a fault of this origin. */
    boolean failedSince(String path, long nanos) {
        Long at = lastFault.get(path);
        return at != null && at - nanos > -250_000_000; // it may still have been on its way through the proxy
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            String path = exchange.getRequestURI().getPath();
            long number = requests.incrementAndGet();
            AtomicLong version = versions.computeIfAbsent(path, p -> new AtomicLong(1));
            if (exchange.getRequestMethod().equals("POST")) {
                exchange.getResponseHeaders().add("ETag", "\"" + version.incrementAndGet() + '"');
                exchange.sendResponseHeaders(204, -1);
            } else if (path.startsWith("/flaky") && number % 10 == 0) {
                fail(exchange, path, version.get(), (int) (number / 10 % 3));
            } else {
                long current = version.get();
                if (number % 20 == 7) {
                    stall();
                }
                send(exchange, path, current);
            }
        }
    }

    private void stall() throws IOException {
        try {
            if (closed.await(STALL_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new IOException("the origin was closed");
            }
        } catch (InterruptedException stopped) {
            throw new InterruptedIOException();
        }
    }

    private static void send(HttpExchange exchange, String path, long version) throws IOException {
        String tag = "\"" + version + '"';
        exchange.getResponseHeaders().add("ETag", tag);
        exchange.getResponseHeaders().add("Cache-Control", control(path));
        if (tag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
            exchange.sendResponseHeaders(304, -1);
            return;
        }
        TestOrigin.send(exchange, 200, SoakBody.of(path, version));
    }

    private static String control(String path) {
        if (path.startsWith("/reval")) {
            return "max-age=0";
        }
        return path.startsWith("/flaky") ? "no-store" : "max-age=3600";
    }

    /** Says that it is out of order, hangs up without a word, or in the middle of the body. */
    private void fail(HttpExchange exchange, String path, long version, int how) throws IOException {
        faults.incrementAndGet();
        lastFault.put(path, System.nanoTime());
        if (how == 0) {
            TestOrigin.send(exchange, 503, new byte[] {'n', 'o'});
        } else if (how == 1) {
            byte[] body = SoakBody.of(path, version);
            exchange.getResponseHeaders().add("ETag", "\"" + version + '"');
            exchange.sendResponseHeaders(200, body.length + 1L);
            exchange.getResponseBody().write(body);
        }
        lastFault.put(path, System.nanoTime());
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
