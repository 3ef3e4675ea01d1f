package io.cachingproxy.store.redis;

import static io.cachingproxy.store.Responses.bytes;
import static io.cachingproxy.store.Responses.find;
import static io.cachingproxy.store.Responses.join;
import static io.cachingproxy.store.Responses.key;
import static io.cachingproxy.store.Responses.random;
import static io.cachingproxy.store.Responses.response;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.store.Fill;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.testkit.RedisProcess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.ByteArrayCodec;

/**
 * Prints how long a hit takes, near and from Redis, beside the raw GET of the same bytes over the same connections.
 *
 * <pre>{@code
 * ./mvnw -pl cache-core test-compile dependency:build-classpath -Dmdep.outputFile=target/classpath
 * java -cp cache-core/target/classes:cache-core/target/test-classes:$(cat cache-core/target/classpath) \
 *     io.cachingproxy.store.redis.RedisStoreBenchmark
 * }</pre>
 */
public final class RedisStoreBenchmark {
    private static final int[] SIZES = {1 << 10, 10 << 10, 1 << 20};

    private final RedissonClient client;
    private final RedisStore near;
    private final RedisStore far;

    private RedisStoreBenchmark(RedissonClient client) {
        this.client = client;
        this.near = open(Duration.ofHours(1));
        this.far = open(Duration.ZERO);
    }

    private RedisStore open(Duration confirmEvery) {
        RedisStore.Builder builder = RedisStore.over(client).confirmEvery(confirmEvery);
        return Stores.awaitReady(builder.deadline(Duration.ofSeconds(2))
                .near(new MemoryStore(64 << 20, 8 << 20))
                .open());
    }

    /** One lookup and all that it yields. */
    private interface Lookup {
        int bytes() throws IOException;
    }

    public static void main(String[] arguments) throws IOException {
        try (RedisProcess redis = RedisProcess.start()) {
            RedissonClient client = Stores.client(redis.url());
            RedisStoreBenchmark benchmark = new RedisStoreBenchmark(client);
            System.out.printf("%10s %12s %12s %12s %8s%n", "bytes", "near µs", "Redis µs", "raw GET µs", "ratio");
            for (int size : SIZES) {
                benchmark.compare(size);
            }
            benchmark.near.close();
            benchmark.far.close();
            client.shutdown();
        }
    }

    private void compare(int size) throws IOException {
        CacheKey key = key("/" + size);
        Fill fill = far.fill(key);
        fill.write(ByteBuffer.wrap(random(size)));
        if (!join(fill.commit(response("Content-Type", "text/plain")))) {
            throw new IllegalStateException("not stored");
        }
        client.getBucket("raw", ByteArrayCodec.INSTANCE).set(random(size));
        int times = size > 100_000 ? 1000 : 20_000;
        Lookup store = () -> bytes(find(far, key).get(0).body().read()).length;
        Lookup raw = () -> raw().length;
        for (int warmUp = 0; warmUp < 2; warmUp++) {
            micros(times, store);
            micros(times, raw);
        }
        double fromRedis = micros(times, store);
        double fromRaw = micros(times, raw);
        double fromNear =
                micros(times, () -> bytes(find(near, key).get(0).body().read()).length);
        System.out.printf("%10d %12.2f %12.1f %12.1f %8.2f%n", size, fromNear, fromRedis, fromRaw, fromRedis / fromRaw);
    }

    private byte[] raw() {
        return (byte[]) join(client.getBucket("raw", ByteArrayCodec.INSTANCE).getAsync());
    }

    private static double micros(int times, Lookup lookup) throws IOException {
        long start = System.nanoTime();
        for (int i = 0; i < times; i++) {
            lookup.bytes();
        }
        return (System.nanoTime() - start) / 1000.0 / times;
    }
}
