package io.cachingproxy.cli.admin;

import io.cachingproxy.HttpCache;
import io.cachingproxy.Purging;
import io.cachingproxy.http.Body;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.key.KeyBase;
import io.cachingproxy.key.Selection;
import io.cachingproxy.policy.Freshness;
import io.cachingproxy.policy.Receipt;
import io.cachingproxy.policy.StaleUse;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.MemoryStore;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/** An admin listener in front of a store with responses, ten seconds after they were stored. */
final class AdminScene implements AutoCloseable {
    static final Instant STORED = Instant.parse("2026-01-01T12:00:00Z");
    static final InstantSource CLOCK = InstantSource.fixed(STORED.plusSeconds(10));

    final ManyNodes store = new ManyNodes(new MemoryStore(256 << 20, 1 << 20));
    private final AdminServer admin;

    /** A started listener with a group of resources. */
    AdminScene(BiFunction<Purging, ManyNodes, AdminRoutes.Group> group, Optional<AdminToken> token) throws IOException {
        Purging purging = HttpCache.builder()
                .store(store)
                .clock(CLOCK)
                .build()
                .purging(KeyBase.of(URI.create("http://origin.example:8080/api/")));
        admin = new AdminServer("127.0.0.1", 0, token, AdminRoutes.of(group.apply(purging, store)));
        admin.start();
    }

    /** Stores a response with tags for a path. */
    void stored(String path, String tags, Selection selection) {
        Receipt receipt = new Receipt(STORED, Duration.ZERO);
        Freshness freshness = new Freshness(receipt, Duration.ofHours(1), true, false, false, StaleUse.UNSTATED, 0);
        Headers headers = Headers.of("Surrogate-Key", tags);
        store.fill(key(path))
                .commit(new StoredResponse(new ResponseHead(200, headers), selection, freshness, Body.EMPTY));
    }

    void stored(String path, String tags) {
        stored(path, tags, Selection.ANY);
    }

    List<StoredResponse> found(String path) {
        return store.find(key(path)).toCompletableFuture().join();
    }

    private static CacheKey key(String path) {
        return CacheKey.ofGet(new Target("http", "origin.example:8080", "/api" + path));
    }

    /** Sends a request, and returns the whole response. */
    String send(String request, String body, String... fields) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", admin.port())) {
            String head = request + " HTTP/1.1\r\nHost: 127.0.0.1:" + admin.port() + "\r\n"
                    + String.join(
                            "",
                            List.of(fields).stream()
                                    .map(field -> field + "\r\n")
                                    .toList())
                    + "Content-Length: " + body.length() + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write((head + body).getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() {
        admin.close();
    }
}
