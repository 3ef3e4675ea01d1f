package io.cachingproxy.store.redis;

import static io.cachingproxy.testkit.StoredResponses.bytes;
import static io.cachingproxy.testkit.StoredResponses.find;
import static io.cachingproxy.testkit.StoredResponses.join;
import static io.cachingproxy.testkit.StoredResponses.key;
import static io.cachingproxy.testkit.StoredResponses.response;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.Fill;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.Purge;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Two nodes at work, each by two threads that look up, fill, invalidate and purge. They end at the first wrong byte and
 * the first failed stage; {@link #close} says so.
 */
final class Load implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Load.class);

    /** How soon a failure of Redis is noticed, and its return. */
    static final Duration OPENS = Duration.ofSeconds(1);

    static final Duration CLOSES = Duration.ofSeconds(5);

    /** Two deadlines. */
    private static final Duration LONG = Duration.ofMillis(100);

    /** Less than any time-out that Redisson has: of those few that wait for a core, too. */
    private static final Duration LONGEST = Duration.ofSeconds(1);

    private static final int MAX_LONG_PER_THOUSAND = 10;

    private static final int KEYS = 20;

    private final List<RedisStore> nodes;
    private final List<CompletableFuture<Void>> workers = new ArrayList<>();
    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicLong lookups = new AtomicLong();
    private final AtomicLong found = new AtomicLong();
    private final AtomicLong slow = new AtomicLong();
    private final AtomicLong slowest = new AtomicLong();

    Load(String url) {
        nodes = List.of(open(url), open(url));
        nodes.forEach(Stores::awaitReady);
        for (int i = 0; i < 4; i++) {
            Random random = new Random(i);
            RedisStore store = nodes.get(i % 2);
            workers.add(
                    CompletableFuture.runAsync(() -> work(store, random), task -> new Thread(task, "load").start()));
        }
        awaitShared();
    }

    private static RedisStore open(String url) {
        return RedisStore.at(url).near(new MemoryStore(8 << 20, 1 << 20)).open();
    }

    /** Waits until both nodes have noticed that Redis is not what it should be. */
    void awaitShut() {
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(10))
                .atMost(OPENS)
                .until(() -> nodes.stream().noneMatch(RedisStore::isReachable));
        assertThat(nodes)
                .allMatch(node -> node.find(key("/never")).toCompletableFuture().isDone());
    }

    /** Waits until both nodes share again and a good number of lookups found something. */
    void awaitShared() {
        await().atMost(CLOSES).until(() -> nodes.stream().allMatch(RedisStore::isReachable));
        long before = found.get();
        await().atMost(Duration.ofSeconds(10)).until(() -> found.get() > before + 100);
    }

    /** Waits until a good number of requests were served, however Redis is. */
    void awaitServed(int requests) {
        long before = lookups.get();
        await().atMost(Duration.ofSeconds(30)).until(() -> lookups.get() > before + requests);
    }

    /** Sees to it that both nodes go without Redis for that long, and serve. */
    void staysShut(Duration time) {
        long before = lookups.get();
        await().during(time)
                .atMost(time.plusSeconds(2))
                .until(() -> nodes.stream().noneMatch(RedisStore::isReachable));
        assertThat(lookups.get()).isGreaterThan(before + 1000);
    }

    private void work(RedisStore store, Random random) {
        while (!stop.get()) {
            int number = random.nextInt(KEYS);
            CacheKey key = key("/" + number);
            int action = random.nextInt(100);
            if (action == 0) {
                join(store.invalidate(key));
            } else if (action == 1) {
                join(store.purge(Purge.hard(new Purge.Scope.Tag("t" + number))));
            } else {
                readOrFill(store, key, number);
            }
        }
    }

    private void readOrFill(RedisStore store, CacheKey key, int number) {
        long asked = System.nanoTime();
        List<StoredResponse> responses = find(store, key);
        long took = System.nanoTime() - asked;
        slowest.accumulateAndGet(took, Math::max);
        slow.addAndGet(took > LONG.toNanos() ? 1 : 0);
        lookups.incrementAndGet();
        if (responses.isEmpty()) {
            Fill fill = store.fill(key);
            fill.write(ByteBuffer.wrap(content(number)));
            join(fill.commit(response("Cache-Tag", "t" + number)));
            return;
        }
        try {
            assertThat(bytes(responses.get(0).body().read())).isEqualTo(content(number));
            found.incrementAndGet();
        } catch (IOException brokenOff) {
            assertThat(number % 3)
                    .as("only what is read in windows may break off")
                    .isZero();
        }
    }

    /** Every third body is too large for its entry. */
    private static byte[] content(int number) {
        byte[] content = new byte[number % 3 == 0 ? 300_000 : 1000];
        new Random(number).nextBytes(content);
        return content;
    }

    @Override
    public void close() {
        stop.set(true);
        try {
            workers.forEach(CompletableFuture::join);
        } finally {
            nodes.forEach(RedisStore::close);
        }
        Duration longest = Duration.ofNanos(slowest.get());
        LOG.info("{} lookups, {} of them longer than {}, the longest {}", lookups, slow, LONG, longest);
        assertThat(longest).isLessThan(LONGEST);
        assertThat(slow.get() * 1000 / lookups.get()).isLessThan(MAX_LONG_PER_THOUSAND);
    }
}
