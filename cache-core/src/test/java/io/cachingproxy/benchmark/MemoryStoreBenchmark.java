package io.cachingproxy.benchmark;

import io.cachingproxy.http.Body;
import io.cachingproxy.http.Target;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.key.Selection;
import io.cachingproxy.policy.Freshness;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.policy.Receipt;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.policy.Terms;
import io.cachingproxy.store.Fill;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.testkit.Messages;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;

/** The store in memory under as many threads as want it, with few entries and with very many. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Threads(4)
public class MemoryStoreBenchmark {
    @Param({"1000", "1000000"})
    public int entries;

    private final MemoryStore store = new MemoryStore(4L << 30, 1 << 20);
    private CacheKey[] keys = {};

    @Setup
    public void fill() {
        keys = new CacheKey[entries];
        for (int i = 0; i < entries; i++) {
            keys[i] = CacheKey.ofGet(new Target("http", "example.org", "/" + i));
            put(keys[i], ByteBuffer.allocate(100));
        }
    }

    private boolean put(CacheKey key, ByteBuffer body) {
        StoredResponse response = new StoredResponse(
                Messages.response(200).cacheControl("max-age=3600").head(), Selection.ANY, freshness(), Body.EMPTY);
        Fill fill = store.fill(key);
        return fill.write(body) && fill.commit(response).toCompletableFuture().join();
    }

    private static Freshness freshness() {
        Instant now = Instant.now();
        return Freshness.of(
                Terms.of(Policy.rfc9111()),
                Messages.response(200).cacheControl("max-age=3600").head(),
                new Receipt(now, Duration.ZERO));
    }

    private CacheKey any() {
        return keys[ThreadLocalRandom.current().nextInt(entries)];
    }

    /** A key that is there. */
    @Benchmark
    public List<StoredResponse> find() {
        return store.find(any()).toCompletableFuture().join();
    }

    /** The one key that everybody wants. */
    @Benchmark
    public List<StoredResponse> findHot() {
        return store.find(keys[0]).toCompletableFuture().join();
    }

    /** One fill for every so many finds would be the rule; here each is one. */
    @Benchmark
    public boolean replace() {
        return put(any(), ByteBuffer.allocate(100));
    }
}
