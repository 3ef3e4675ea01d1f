package io.cachingproxy.store.redis;

import static io.cachingproxy.testkit.StoredResponses.bytes;
import static io.cachingproxy.testkit.StoredResponses.join;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.Answer;
import io.cachingproxy.HttpCache;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.fields.ContentRange;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.Purge;
import io.cachingproxy.store.redis.entries.RedisFill;
import io.cachingproxy.store.redis.link.Node;
import io.cachingproxy.testkit.Messages;
import io.cachingproxy.testkit.RedisBinary;
import io.cachingproxy.testkit.RedisProcess;
import io.cachingproxy.testkit.RedisServers;
import io.cachingproxy.testkit.Relay;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Three nodes on one Redis, each with its own way to it, serve versioned bodies while these are changed and purged at any of
 * them, and while all sorts of things happen to Redis. Whatever happens, no byte is wrong, no status is an error, and
 *
 * <ul>
 *   <li>the node where something was purged, or changed by a POST, serves nothing older from then on;
 *   <li>all nodes serve nothing older {@link #BOUND} later, where Redis is well; else that much after it is well again.
 *       On a busy machine Redis can be too slow for a node at any time, which counts as not well.
 * </ul>
 */
@Tag("faults")
@ParameterizedClass
@EnumSource(RedisBinary.class)
class ConsistencyTest {
    private static final Logger LOG = LoggerFactory.getLogger(ConsistencyTest.class);

    /** Three times what is promised, for busy machines. */
    private static final Duration BOUND = Duration.ofSeconds(3);

    /** Six times what it takes, for busy machines. */
    private static final Duration RECOVERS = Duration.ofSeconds(30);

    private static final Duration PHASE = Duration.ofSeconds(4);
    private static final List<String> PATHS =
            List.of("/500/a", "/500/vary", "/5000/b", "/100000/c", "/100000/vary", "/700000/d");
    private static final List<String> LANGUAGES = List.of("de", "en", "fr");

    @RegisterExtension
    static final RedisServers SERVERS = new RedisServers();

    private final RedisProcess redis;
    private final VersionedOrigin origin =
            new VersionedOrigin(CompletableFuture.delayedExecutor(2, TimeUnit.MILLISECONDS, Runnable::run));
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, AtomicLong> everywhere = new ConcurrentHashMap<>();
    private final Queue<Promise> promises = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicInteger answers = new AtomicInteger();
    private final AtomicInteger hits = new AtomicInteger();
    private final AtomicInteger broken = new AtomicInteger();
    private final AtomicInteger due = new AtomicInteger();
    /** Since when Redis is well for all nodes; null while it is not, or a fault lasts. */
    private volatile Well well;

    /**
     * Redis is well for all nodes.
     *
     * @param openings how often they had found it unavailable before
     * @param since by {@link System#nanoTime}
     */
    private record Well(long openings, long since) {}

    ConsistencyTest(RedisBinary binary) {
        redis = SERVERS.start(binary);
    }

    /** From {@code at} on nothing older than {@code version} is served, where Redis is well. */
    private record Promise(String path, long version, long at) {}

    private record Node(Relay relay, RedisStore store, HttpCache cache, Map<String, AtomicLong> floors) {}

    private Node node() {
        Relay relay = Relay.to(redis.port());
        RedisStore store = RedisStore.at("redis://127.0.0.1:" + relay.port())
                .near(new MemoryStore(32 << 20, 1 << 20))
                .open();
        HttpCache cache = HttpCache.builder()
                .policy(Policy.rfc9111())
                .store(store)
                .leases(store.leases())
                .build();
        return new Node(relay, store, cache, new ConcurrentHashMap<>());
    }

    @Test
    void nothing_older_than_what_was_purged_is_served_whatever_becomes_of_redis() {
        for (int i = 0; i < 3; i++) {
            nodes.add(node());
        }
        nodes.forEach(node -> Stores.awaitReady(node.store()));
        well = new Well(openings(), System.nanoTime());
        List<CompletableFuture<Void>> workers = new ArrayList<>();
        for (Node node : nodes) {
            Random random = new Random(nodes.indexOf(node));
            workers.add(
                    CompletableFuture.runAsync(() -> work(node, random), task -> new Thread(task, "client").start()));
        }
        try {
            passes(workers, PHASE.plus(BOUND));
            fault(workers, redis::kill, redis::restart);
            fault(workers, redis::freeze, redis::thaw);
            fault(workers, () -> redis.command("FLUSHALL"), () -> {});
            fault(
                    workers,
                    () -> nodes.get(0).relay().swallow(),
                    () -> nodes.get(0).relay().pass());
            fault(
                    workers,
                    () -> nodes.get(1).relay().reset(),
                    () -> nodes.get(2).relay().cutAfter(100_000));
            fault(
                    workers,
                    () -> late(Duration.ofMillis(45)),
                    () -> nodes.forEach(node -> node.relay().pass()));
            fault(
                    workers,
                    () -> late(Duration.ofMillis(200)),
                    () -> nodes.forEach(node -> node.relay().pass()));
        } finally {
            stop.set(true);
            nodes.forEach(node -> node.relay().pass());
            try {
                workers.forEach(CompletableFuture::join);
            } finally {
                nodes.forEach(node -> node.cache().close());
                nodes.forEach(node -> node.relay().close());
            }
        }
        LOG.info("{} answers, {} of them hits, {} bodies broke off, {} promises", answers, hits, broken, due);
        assertThat(hits).hasValueGreaterThan(1000);
        assertThat(due).hasValueGreaterThan(100);
    }

    private void late(Duration delay) {
        nodes.forEach(node -> node.relay().answerLate(delay));
    }

    private void fault(List<CompletableFuture<Void>> workers, Runnable begin, Runnable end) {
        well = null;
        begin.run();
        passes(workers, PHASE);
        end.run();
        await().atMost(RECOVERS).until(this::isWell);
        well = new Well(openings(), System.nanoTime());
        passes(workers, BOUND.plus(PHASE));
    }

    private boolean isWell() {
        return nodes.stream()
                .allMatch(node -> node.store().isReachable() && node.store().isNearTrusted());
    }

    private long openings() {
        return nodes.stream().mapToLong(node -> node.store().status().opened()).sum();
    }

    /** The clients are served for so long, and none of them has found anything wrong. */
    private static void passes(List<CompletableFuture<Void>> workers, Duration time) {
        await().during(time)
                .atMost(time.plusSeconds(5))
                .until(() -> workers.stream().noneMatch(CompletableFuture::isDone));
    }

    private void work(Node node, Random random) {
        while (!stop.get()) {
            String path = PATHS.get(random.nextInt(PATHS.size()));
            int action = random.nextInt(1000);
            if (action < 10) {
                post(node, path);
            } else if (action < 20) {
                purge(
                        node,
                        path,
                        Purge.hard(new Purge.Scope.Url(get(path).head().target())));
            } else if (action < 30) {
                purge(
                        node,
                        path,
                        Purge.soft(new Purge.Scope.Url(get(path).head().target()), Instant.now()));
            } else if (action < 32) {
                purge(node, path, Purge.hard(new Purge.Scope.Tag("all")));
            } else {
                read(node, path, random);
            }
        }
    }

    private static Messages.Request get(String path) {
        return Messages.get(path);
    }

    private void post(Node node, String path) {
        Answer answer = serve(node, Messages.request("POST").path(path).head());
        promise(node, path, VersionedOrigin.version(answer.head()));
    }

    private void purge(Node node, String path, Purge purge) {
        long version = origin.change(path);
        join(node.store().purge(purge));
        promise(node, path, version);
    }

    private void promise(Node node, String path, long version) {
        raise(node.floors(), path, version);
        promises.add(new Promise(path, version, System.nanoTime()));
    }

    private static void raise(Map<String, AtomicLong> floors, String path, long version) {
        floors.computeIfAbsent(path, p -> new AtomicLong()).accumulateAndGet(version, Math::max);
    }

    /** Promises that have come due while Redis was well, which begins anew if it was not. */
    private void heedPromises() {
        Well now = well;
        if (now == null) {
            return;
        }
        if (!isWell() || openings() != now.openings()) {
            becomes(now, new Well(openings(), System.nanoTime()));
            return;
        }
        long latest = System.nanoTime() - BOUND.toNanos();
        if (latest - now.since() > 0) {
            promises.removeIf(promise -> latest - promise.at() > 0 && kept(promise));
        }
    }

    private synchronized void becomes(Well before, Well after) {
        well = well == before ? after : well;
    }

    private boolean kept(Promise promise) {
        raise(everywhere, promise.path(), promise.version());
        due.incrementAndGet();
        return true;
    }

    private long floor(Node node, String path) {
        AtomicLong none = new AtomicLong();
        return Math.max(
                node.floors().getOrDefault(path, none).get(),
                everywhere.getOrDefault(path, none).get());
    }

    private static Answer serve(Node node, RequestHead request, VersionedOrigin origin) {
        return join(node.cache().serve(request, Content.empty(), origin));
    }

    private Answer serve(Node node, RequestHead request) {
        return serve(node, request, origin);
    }

    private void read(Node node, String path, Random random) {
        heedPromises();
        Messages.Request request = get(path);
        String language = path.contains("vary") ? LANGUAGES.get(random.nextInt(LANGUAGES.size())) : "";
        request = language.isEmpty() ? request : request.header("Accept-Language", language);
        int from = random.nextInt(500);
        request = random.nextInt(5) == 0 ? request.header("Range", "bytes=" + from + "-") : request;
        long floor = floor(node, path);
        Answer answer = serve(node, request.head());
        long version = VersionedOrigin.version(answer.head());
        assertThat(answer.head().status()).isIn(200, 206);
        assertThat(version)
                .as(path + " at node " + nodes.indexOf(node) + ": "
                        + answer.head().headers())
                .isGreaterThanOrEqualTo(floor);
        answers.incrementAndGet();
        hits.addAndGet("HIT".equals(answer.head().headers().first("X-Cache")) ? 1 : 0);
        check(answer, VersionedOrigin.body(path, version, language), path);
    }

    private void check(Answer answer, byte[] whole, String path) {
        ContentRange part =
                answer.head().status() == 206 ? ContentRange.of(answer.head().headers()) : null;
        byte[] wanted = part == null ? whole : Arrays.copyOfRange(whole, (int) part.from(), (int) part.to() + 1);
        try {
            assertThat(Arrays.equals(bytes(answer.content()), wanted)).as(path).isTrue();
        } catch (IOException brokeOff) {
            broken.incrementAndGet();
            assertThat(whole.length).isGreaterThan(RedisFill.MAX_HELD);
        }
    }
}
