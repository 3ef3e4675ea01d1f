package io.cachingproxy.store.redis;

import static io.cachingproxy.testkit.StoredResponses.find;
import static io.cachingproxy.testkit.StoredResponses.join;
import static io.cachingproxy.testkit.StoredResponses.key;
import static io.cachingproxy.testkit.StoredResponses.random;
import static io.cachingproxy.testkit.StoredResponses.response;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.store.Fill;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.testkit.RedisProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import org.redisson.api.RBucket;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.ByteArrayCodec;

/**
 * Prints how long a hit takes, from Redis and near, beside the raw GET of the same bytes over the same connections, and
 * whether it takes longer the more is stored. Raw and hit take turns, and what is printed is a median.
 *
 * <pre>{@code
 * ./mvnw -pl cache-core test-compile dependency:build-classpath -Dmdep.outputFile=target/classpath
 * java -cp cache-core/target/classes:cache-core/target/test-classes:$(cat cache-core/target/classpath) \
 *     io.cachingproxy.store.redis.RedisStoreBenchmark [entries...]
 * }</pre>
 *
 * <p>The numbers are those of entries to grow to, for example {@code 10000 100000 1000000}; the last needs 1 GB.
 */
public final class RedisStoreBenchmark {
    private static final int[] SIZES = {1 << 10, 10 << 10, 1 << 20};
    private static final int[] CLIENTS = {8, 64};
    private static final int ROUNDS = 15;
    private static final long ROUND = 200_000_000;

    private final RedissonClient client;
    private final RedisStore near;
    private final RedisStore far;

    private RedisStoreBenchmark(RedissonClient client) {
        this.client = client;
        this.near = open(256 << 20, Duration.ofHours(1));
        this.far = open(0, Duration.ZERO);
    }

    private RedisStore open(long nearBytes, Duration confirmEvery) {
        RedisStore.Builder builder = RedisStore.over(client).confirmEvery(confirmEvery);
        return Stores.awaitReady(builder.deadline(Duration.ofSeconds(2))
                .near(new MemoryStore(nearBytes, nearBytes))
                .open());
    }

    public static void main(String[] entries) throws IOException {
        try (RedisProcess redis = RedisProcess.start()) {
            RedissonClient client = Stores.client(redis.url());
            RedisStoreBenchmark benchmark = new RedisStoreBenchmark(client);
            benchmark.warmUp();
            System.out.println("|    bytes | clients | raw GET µs | hit µs | ratio | near µs |");
            System.out.println("|---------:|--------:|-----------:|-------:|------:|--------:|");
            for (int size : SIZES) {
                benchmark.compare(size);
            }
            System.out.println("\n|  entries | raw GET µs | hit µs | ratio |");
            System.out.println("|---------:|-----------:|-------:|------:|");
            int stored = 0;
            for (String entry : entries) {
                int count = Integer.parseInt(entry);
                benchmark.grow(stored, count);
                stored = count;
            }
            benchmark.near.close();
            benchmark.far.close();
            client.shutdown();
        }
    }

    /** Stores what is read, and reads it until the compiler is done with it. */
    private void warmUp() {
        for (int size : SIZES) {
            store("/" + size, size).join();
            raw(size).set(random(size));
        }
        for (int round = 0; round < 4 * ROUNDS; round++) {
            int size = SIZES[round % SIZES.length];
            micros(8, () -> raw(size).get());
            micros(8, () -> hit(far, key("/" + size)));
            micros(8, () -> hit(near, key("/" + size)));
        }
    }

    private void compare(int size) {
        CacheKey key = key("/" + size);
        Runnable raw = () -> join(raw(size).getAsync());
        Runnable hit = () -> hit(far, key);
        Runnable nearHit = () -> hit(near, key);
        print(size, 1, turns(raw, hit), micros(1, nearHit));
        for (int clients : CLIENTS) {
            double[][] rounds = new double[2][ROUNDS];
            for (int round = 0; round < ROUNDS; round++) {
                rounds[0][round] = micros(clients, raw);
                rounds[1][round] = micros(clients, hit);
            }
            print(size, clients, new double[] {median(rounds[0]), median(rounds[1])}, micros(clients, nearHit));
        }
    }

    private static void print(int size, int clients, double[] rawAndHit, double near) {
        double ratio = rawAndHit[1] / rawAndHit[0];
        System.out.printf(
                "| %8d | %7d | %10.0f | %6.0f | %5.2f | %7.1f |%n",
                size, clients, rawAndHit[0], rawAndHit[1], ratio, near);
    }

    /** Fills up to {@code to} entries of 200 bytes and measures hits on random ones. */
    private void grow(int from, int to) {
        Semaphore pending = new Semaphore(64);
        for (int i = from; i < to; i++) {
            pending.acquireUninterruptibly();
            store("/small/" + i, 200).whenComplete((done, failure) -> pending.release());
        }
        pending.acquireUninterruptibly(64);
        raw(200).set(random(200));
        double[] turns = turns(
                () -> join(raw(200).getAsync()),
                () -> hit(far, key("/small/" + ThreadLocalRandom.current().nextInt(to))));
        System.out.printf("| %8d | %10.0f | %6.0f | %5.2f |%n", to, turns[0], turns[1], turns[1] / turns[0]);
    }

    private CompletableFuture<Boolean> store(String path, int size) {
        Fill fill = far.fill(key(path));
        fill.write(ByteBuffer.wrap(random(size)));
        return fill.commit(response("Content-Type", "text/plain", "Cache-Control", "max-age=300"))
                .toCompletableFuture();
    }

    private RBucket<byte[]> raw(int size) {
        return client.getBucket("raw:" + size, ByteArrayCodec.INSTANCE);
    }

    /** A lookup, and all chunks of the body that is found. */
    private static void hit(RedisStore store, CacheKey key) {
        try {
            Content content = find(store, key).get(0).body().read();
            for (Chunk chunk = content.read(); chunk != Content.END; chunk = content.read()) {
                if (chunk == null) {
                    CountDownLatch ready = new CountDownLatch(1);
                    content.demand(ready::countDown);
                    ready.await();
                } else {
                    chunk.release();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The medians of raw GETs and hits that take turns, in microseconds. */
    private static double[] turns(Runnable raw, Runnable hit) {
        List<Double> raws = new ArrayList<>();
        List<Double> hits = new ArrayList<>();
        for (long end = System.nanoTime() + 2 * ROUNDS * ROUND; System.nanoTime() < end; ) {
            long start = System.nanoTime();
            raw.run();
            long middle = System.nanoTime();
            hit.run();
            raws.add((middle - start) / 1000.0);
            hits.add((System.nanoTime() - middle) / 1000.0);
        }
        return new double[] {
            median(raws.stream().mapToDouble(d -> d).toArray()),
            median(hits.stream().mapToDouble(d -> d).toArray())
        };
    }

    /** The time for each of what so many clients do one after the other for a round. */
    private static double micros(int clients, Runnable step) {
        LongAdder steps = new LongAdder();
        long start = System.nanoTime();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            Thread thread = new Thread(() -> {
                while (System.nanoTime() - start < ROUND) {
                    step.run();
                    steps.increment();
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        return (System.nanoTime() - start) / 1000.0 / steps.sum();
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }
}
