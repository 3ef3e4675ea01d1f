package io.cachingproxy.store.redis;

import static io.cachingproxy.store.Responses.bytes;
import static io.cachingproxy.store.Responses.find;
import static io.cachingproxy.store.Responses.join;
import static io.cachingproxy.store.Responses.key;
import static io.cachingproxy.store.Responses.response;
import static io.cachingproxy.store.Responses.store;
import static io.cachingproxy.store.Responses.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.Fill;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.Purge;
import io.cachingproxy.testkit.RedisProcess;
import io.cachingproxy.testkit.RedisServers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two nodes at work while Redis is killed, stopped, emptied and filled up: no wrong byte, no failed stage. */
class RedisFaultsUnderLoadTest {
    private static final int KEYS = 20;

    @RegisterExtension
    static final RedisServers SERVERS = new RedisServers();

    private final RedisProcess redis = SERVERS.start();
    private final RedisStore one = open();
    private final RedisStore two = open();
    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicInteger found = new AtomicInteger();
    private final AtomicInteger brokenOff = new AtomicInteger();

    private RedisStore open() {
        return RedisStore.at(redis.url())
                .near(new MemoryStore(8 << 20, 1 << 20))
                .open();
    }

    @Test
    void nothing_fails_and_no_byte_is_wrong_whatever_becomes_of_redis() {
        Stores.awaitReady(one);
        Stores.awaitReady(two);
        List<CompletableFuture<Void>> workers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Random random = new Random(i);
            RedisStore store = i % 2 == 0 ? one : two;
            workers.add(
                    CompletableFuture.runAsync(() -> work(store, random), task -> new Thread(task, "load").start()));
        }
        awaitFound();
        redis.kill();
        await().until(() -> !one.isReachable() && !two.isReachable());
        redis.restart();
        awaitFound();
        redis.freeze();
        await().until(() -> !one.isReachable() && !two.isReachable());
        redis.thaw();
        awaitFound();
        redis.command("FLUSHALL");
        awaitFound();
        redis.command("CONFIG", "SET", "maxmemory", "1");
        redis.command("CONFIG", "SET", "maxmemory", "0");
        awaitFound();
        stop.set(true);
        workers.forEach(CompletableFuture::join);
        one.close();
        two.close();
    }

    /** Waits until both nodes share again and a good number of lookups found something. */
    private void awaitFound() {
        Duration recovers = Duration.ofSeconds(5);
        await().atMost(recovers).until(() -> one.isReachable() && two.isReachable());
        int before = found.get();
        await().atMost(Duration.ofSeconds(10)).until(() -> found.get() > before + 100);
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
        List<StoredResponse> responses = find(store, key);
        if (responses.isEmpty()) {
            Fill fill = store.fill(key);
            fill.write(ByteBuffer.wrap(content(number)));
            join(fill.commit(response("Cache-Tag", "t" + number)));
            return;
        }
        try {
            assertThat(bytes(responses.get(0).body().read())).isEqualTo(content(number));
            found.incrementAndGet();
        } catch (IOException e) {
            brokenOff.incrementAndGet();
        }
    }

    /** Every third body is too large for its entry. */
    private static byte[] content(int number) {
        byte[] content = new byte[number % 3 == 0 ? 300_000 : 1000];
        new Random(number).nextBytes(content);
        return content;
    }

    @Test
    void no_fill_that_races_with_a_removal_on_another_node_restores_anything() {
        Stores.awaitReady(one);
        Stores.awaitReady(two);
        for (int round = 0; round < 100; round++) {
            List<CompletableFuture<Boolean>> commits = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                CacheKey key = key("/race/" + i);
                Fill fill = one.fill(key);
                fill.write(utf8("old"));
                commits.add(fill.commit(response("Cache-Tag", "race")).toCompletableFuture());
            }
            join(two.purge(Purge.hard(new Purge.Scope.Tag("race"))));
            commits.forEach(CompletableFuture::join);
            for (int i = 0; i < 10; i++) {
                CacheKey key = key("/race/" + i);
                assertThat(find(two, key)).isEmpty();
                await().pollDelay(Duration.ZERO)
                        .atMost(Duration.ofSeconds(1))
                        .until(() -> find(one, key).isEmpty());
            }
        }
        assertThat(store(one, key("/race/0"), "new")).isTrue();
        one.close();
        two.close();
    }
}
