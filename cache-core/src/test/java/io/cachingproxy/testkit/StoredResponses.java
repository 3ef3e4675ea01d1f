package io.cachingproxy.testkit;

import io.cachingproxy.http.Body;
import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.key.Selection;
import io.cachingproxy.policy.Freshness;
import io.cachingproxy.policy.Receipt;
import io.cachingproxy.policy.StaleUse;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.CacheStore;
import io.cachingproxy.store.Fill;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Keys, responses and bodies for the tests of a {@link CacheStore}. */
public class StoredResponses {
    /** For subclasses, which inherit the methods. */
    protected StoredResponses() {}

    public static CacheKey key(String path) {
        return CacheKey.ofGet(new Target("http", "origin.example:8080", path));
    }

    public static StoredResponse response(String... headers) {
        return response(Selection.ANY, headers);
    }

    public static StoredResponse response(Selection selection, String... headers) {
        Freshness freshness = new Freshness(
                new Receipt(Instant.now(), Duration.ofMillis(1500)),
                Duration.ofSeconds(300),
                true,
                false,
                false,
                new StaleUse(true, Duration.ofSeconds(10), Duration.ofSeconds(20)),
                0);
        return new StoredResponse(new ResponseHead(200, Headers.of(headers)), selection, freshness, Body.EMPTY);
    }

    public static Selection language(String value) {
        return new Selection(List.of("accept-language"), Headers.of("accept-language", value), null);
    }

    public static boolean store(CacheStore store, CacheKey key, StoredResponse response, String body) {
        Fill fill = store.fill(key);
        return fill.write(utf8(body)) && join(fill.commit(response));
    }

    public static boolean store(CacheStore store, CacheKey key, String body) {
        return store(store, key, response("Content-Type", "text/plain"), body);
    }

    public static List<StoredResponse> find(CacheStore store, CacheKey key) {
        return join(store.find(key));
    }

    /** The bodies of what is found, newest first. */
    public static List<String> bodies(CacheStore store, CacheKey key) {
        return find(store, key).stream().map(StoredResponses::text).toList();
    }

    public static <T> T join(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
    }

    public static String text(StoredResponse response) {
        try {
            return new String(bytes(response.body().read()), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    public static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The same random bytes for the same length. */
    public static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    /** Everything that is left of {@code content}. */
    public static byte[] bytes(Content content) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (true) {
            Chunk chunk = content.read();
            if (chunk == Content.END) {
                return all.toByteArray();
            }
            if (chunk == null) {
                await(content);
            } else {
                all.writeBytes(chunk.copy().array());
                chunk.release();
            }
        }
    }

    private static void await(Content content) throws IOException {
        CountDownLatch ready = new CountDownLatch(1);
        content.demand(ready::countDown);
        try {
            if (!ready.await(20, TimeUnit.SECONDS)) {
                throw new IOException("nothing came for 20 s");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
