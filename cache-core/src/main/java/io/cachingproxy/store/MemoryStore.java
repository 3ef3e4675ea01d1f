package io.cachingproxy.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.cachingproxy.http.Body;
import io.cachingproxy.http.Headers;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.parts.Bans;
import io.cachingproxy.store.parts.MemoryBody;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A store in the memory of this process, bounded in bytes: bodies, headers, keys and the overhead of data structures.
 *
 * <p>Each key has one node with all its variants; a change replaces the node. A logical clock orders fills and
 * removals: every fill takes a number when it begins, every removal when it happens, and a later removal cancels the
 * fills that began before it. The numbers of removed keys are kept in a bounded cache of their own; once a number is
 * evicted, all fills that began before it are refused. This errs on the side of not storing.
 *
 * <p>Also serves as the near cache of a remote store, which adds its responses with {@link #keep}.
 *
 * <p>Bodies in flight and evicted bodies with readers count, too: see {@link BodyMemory} for how much of the bound
 * remains for stored responses.
 */
public final class MemoryStore implements CacheStore {
    /** Estimated cost of a stored response besides its field lines and its body: nodes, references, parsed values. */
    private static final int OVERHEAD = 640;

    /** Estimated cost of a field line besides its characters. */
    private static final int LINE_OVERHEAD = 48;

    private static final int MAX_VARIANTS = 64;
    private static final int MAX_TOMBSTONES = 100_000;
    private static final CompletionStage<List<StoredResponse>> NOTHING = CompletableFuture.completedFuture(List.of());

    private final AtomicLong clock = new AtomicLong();
    /** Fills that began before this number are refused. */
    private final AtomicLong floor = new AtomicLong();

    /** Responses stored by fills that began before this number are removed. */
    private final AtomicLong cleared = new AtomicLong();

    private final Bans bans = new Bans();
    private final AtomicBoolean applying = new AtomicBoolean();
    private final Cache<CacheKey, Node> nodes;
    private final Cache<CacheKey, Long> tombstones;
    private final long maxBytes;
    private final long maxObjectBytes;
    private final BodyMemory memory;
    private volatile StoreListener listener = new StoreListener() {};

    /**
     * Creates a store of at most {@code maxBytes} bytes.
     *
     * @param maxObjectBytes the longest body that is stored, in bytes
     */
    public MemoryStore(long maxBytes, long maxObjectBytes) {
        this(maxObjectBytes, BodyMemory.onHeap(maxBytes));
    }

    /**
     * Creates a store with long bodies in direct memory, for applications that write buffers to sockets. Direct memory
     * of evicted bodies that the garbage collector has not freed yet is not counted, but all direct memory together is
     * at most {@code maxBytes}.
     */
    public static MemoryStore outsideHeap(long maxBytes, long maxObjectBytes) {
        return new MemoryStore(maxObjectBytes, BodyMemory.outsideHeap(maxBytes));
    }

    MemoryStore(long maxObjectBytes, BodyMemory memory) {
        this.memory = memory;
        this.maxBytes = memory.bytes();
        this.maxObjectBytes = Math.min(maxObjectBytes, memory.longestBody());
        this.nodes = Caffeine.newBuilder()
                .maximumWeight(maxBytes)
                .weigher((CacheKey key, Node node) -> node.weight)
                .executor(Runnable::run)
                .removalListener((@Nullable CacheKey key, @Nullable Node node, RemovalCause cause) -> {
                    if (node != null && cause != RemovalCause.REPLACED) {
                        node.forBodiesMissingIn(null, MemoryBody::evicted);
                    }
                    if (key != null && node != null && cause.wasEvicted()) {
                        listener.onEvicted(key, node.weight);
                    }
                })
                .build();
        memory.adapt(used -> nodes.policy().eviction().orElseThrow().setMaximum(Math.max(0, maxBytes - used)));
        this.tombstones = Caffeine.newBuilder()
                .maximumSize(MAX_TOMBSTONES)
                .executor(Runnable::run)
                .evictionListener((@Nullable CacheKey key, @Nullable Long removedAt, RemovalCause cause) -> {
                    if (removedAt != null) {
                        raise(floor, removedAt);
                    }
                })
                .build();
    }

    @Override
    public CompletionStage<List<StoredResponse>> find(CacheKey key) {
        Node node = standing(read(key));
        if (node != null && node.checked < bans.latest()) {
            node = standing(change(key, current -> current == null ? null : current.purged(bans)));
        }
        return node == null ? NOTHING : node.found;
    }

    /**
     * Reads the node. Only a fraction of reads is reported to the eviction policy, because each report reorders its
     * lists.
     */
    private @Nullable Node read(CacheKey key) {
        Node node = nodes.policy().getIfPresentQuietly(key);
        return node != null && node.isToBeNoted() ? nodes.getIfPresent(key) : node;
    }

    /** Replaces the node of {@code key}, and counts added and removed bodies. */
    private @Nullable Node change(CacheKey key, UnaryOperator<@Nullable Node> next) {
        Node[] replaced = new Node[1];
        Node now = nodes.asMap().compute(key, (k, before) -> {
            Node after = next.apply(before);
            replaced[0] = before;
            if (after != null && after != before) {
                after.forBodiesMissingIn(before, MemoryBody::stored);
            }
            return after;
        });
        Node before = replaced[0];
        if (before != null && now != null && now != before) { // otherwise the eviction listener has done so
            before.forBodiesMissingIn(now, MemoryBody::evicted);
        }
        return now;
    }

    @Override
    public void listen(StoreListener value) {
        listener = value;
    }

    @Override
    public BodyMemory memory() {
        return memory;
    }

    @Override
    public List<StoredResponse> findHere(CacheKey key) {
        return find(key).toCompletableFuture().join();
    }

    /** The node, unless it was stored before the last clearing: a commit may race with it. */
    private @Nullable Node standing(@Nullable Node node) {
        return node == null || node.oldest < cleared.get() ? null : node;
    }

    @Override
    public Fill fill(CacheKey key) {
        return new MemoryFill(key, clock.incrementAndGet());
    }

    @Override
    public CompletionStage<Void> invalidate(CacheKey key) {
        change(key, node -> {
            tombstones.put(key, clock.incrementAndGet());
            return null;
        });
        return done();
    }

    @Override
    public CompletionStage<Confirmation> purge(Purge purge) {
        synchronized (bans) { // in numeric order: nodes skip numbers below the latest checked one
            bans.add(purge, clock.incrementAndGet());
        }
        if (bans.isLong() && applying.compareAndSet(false, true)) {
            CompletableFuture.runAsync(this::applyPurges).whenComplete((done, failed) -> applying.set(false));
        }
        return CompletableFuture.completedFuture(Confirmation.CONFIRMED);
    }

    /** Applies the purges to all responses, and forgets them; fills that began before are refused. */
    private void applyPurges() {
        long upTo = bans.latest();
        raise(floor, upTo);
        for (CacheKey key : nodes.asMap().keySet()) {
            change(key, node -> node == null || node.checked >= upTo ? node : node.purged(bans));
        }
        synchronized (bans) {
            bans.forget(upTo);
        }
    }

    @Override
    public CompletionStage<Void> clear() {
        removeAllBefore(clock.incrementAndGet());
        return done();
    }

    @Override
    public void close() {
        removeAllBefore(Long.MAX_VALUE);
    }

    private void removeAllBefore(long number) {
        raise(floor, number);
        raise(cleared, number);
        nodes.invalidateAll();
    }

    /** Takes a number of the logical clock for {@link #keep}: responses removed after this call are not kept. */
    public long mark() {
        return clock.incrementAndGet();
    }

    /**
     * Replaces the near copies of {@code key} with all responses of another store, bodies as they are; unless the key
     * was removed or stored since {@code mark}, which must be taken before the other store is asked.
     */
    public void keep(CacheKey key, List<StoredResponse> responses, long mark) {
        List<Variant> variants = responses.stream()
                .map(response -> new Variant(response.compact(response.body()), mark))
                .toList();
        change(key, node -> {
            if (isRefused(key, mark) || (node != null && node.oldest > mark)) {
                return node;
            }
            // The purges since the mark are applied here: they may be forgotten before the next read.
            return variants.isEmpty() ? null : Node.of(key, variants).purged(bans);
        });
    }

    private boolean isRefused(CacheKey key, long begun) {
        Long removedAt = tombstones.getIfPresent(key);
        return begun < floor.get() || (removedAt != null && removedAt > begun);
    }

    /** The bound of the store, in bytes. */
    public long maxBytes() {
        return maxBytes;
    }

    /** The longest body that is stored, in bytes. */
    public long maxObjectBytes() {
        return maxObjectBytes;
    }

    /** The bytes used by stored responses, as estimated by this store. */
    @Override
    public long bytes() {
        nodes.cleanUp();
        return nodes.policy().eviction().orElseThrow().weightedSize().orElse(0);
    }

    /** The number of keys with stored responses. */
    @Override
    public long keys() {
        nodes.cleanUp();
        return nodes.estimatedSize();
    }

    @Override
    public Stream<StoredEntry> entries() {
        return nodes.asMap().values().stream().flatMap(this::entry);
    }

    private Stream<StoredEntry> entry(Node stored) {
        Node node = standing(stored);
        Node left = node == null || node.checked >= bans.latest() ? node : node.purged(bans);
        return left == null
                ? Stream.empty()
                : Stream.of(new StoredEntry(
                        left.key, left.found.toCompletableFuture().join()));
    }

    private static void raise(AtomicLong number, long to) {
        number.accumulateAndGet(to, Math::max);
    }

    private static CompletionStage<Void> done() {
        return CompletableFuture.completedFuture(null);
    }

    /** All variants of a key, newest first, and the prepared result of {@link #find}. */
    private static final class Node {
        /** After the first, one of this many reads of a node is reported to the eviction policy. */
        private static final int READS_FOR_ONE_NOTED = 4;

        private final CacheKey key;
        private final List<Variant> variants;
        private final CompletionStage<List<StoredResponse>> found;
        private final long oldest;
        /** The number up to which purges were applied. */
        private final long checked;

        private final int weight;
        /** Set by the first read. */
        private boolean wasRead;

        private Node(CacheKey key, List<Variant> variants, long oldest, long checked) {
            StoredResponse[] all = new StoredResponse[variants.size()];
            for (int i = 0; i < all.length; i++) {
                all[i] = variants.get(i).response();
            }
            List<StoredResponse> responses = List.of(all);
            this.key = key;
            this.variants = List.copyOf(variants);
            this.found = CompletableFuture.completedFuture(responses);
            this.oldest = oldest;
            this.checked = checked;
            this.weight = weight(key, responses);
        }

        /** Calls {@code action} with the bodies counted in {@link BodyMemory} that {@code other} does not have. */
        void forBodiesMissingIn(@Nullable Node other, Consumer<MemoryBody> action) {
            for (Variant variant : variants) {
                if (variant.response().body() instanceof MemoryBody body && (other == null || !other.has(body))) {
                    action.accept(body);
                }
            }
        }

        boolean has(Body body) {
            for (Variant variant : variants) {
                if (variant.response().body() == body) {
                    return true;
                }
            }
            return false;
        }

        boolean isToBeNoted() {
            if (wasRead) {
                return ThreadLocalRandom.current().nextInt(READS_FOR_ONE_NOTED) == 0;
            }
            wasRead = true;
            return true;
        }

        static Node of(CacheKey key, List<Variant> variants) {
            long oldest = Long.MAX_VALUE;
            for (Variant variant : variants) {
                oldest = Math.min(oldest, variant.begun());
            }
            return new Node(key, variants, oldest, oldest);
        }

        private static int weight(CacheKey key, List<StoredResponse> responses) {
            long weight = key.text().length();
            for (StoredResponse response : responses) {
                weight += OVERHEAD
                        + weight(response.head().headers())
                        + weight(response.selection().headers())
                        + (long) LINE_OVERHEAD * response.tags().size()
                        + response.body().length();
            }
            return (int) Math.min(weight, Integer.MAX_VALUE);
        }

        private static long weight(Headers headers) {
            return (long) LINE_OVERHEAD * headers.size() + headers.length();
        }

        @Nullable
        Node with(Variant added) {
            List<Variant> all = new ArrayList<>();
            all.add(added);
            for (Variant variant : variants) {
                if (!variant.response().selection().equals(added.response().selection())) {
                    all.add(variant);
                } else if (variant.begun() > added.begun()) {
                    return null;
                }
            }
            return of(key, all.size() > MAX_VARIANTS ? all.subList(0, MAX_VARIANTS) : all);
        }

        /** A copy with {@code freshened} in place of {@code stored}, by a validation begun at {@code since}. */
        Node freshened(StoredResponse stored, StoredResponse freshened, Bans bans, long since) {
            List<Variant> all = new ArrayList<>();
            for (Variant variant : variants) {
                if (variant.response().body() == stored.body()
                        && variant.response().selection().equals(stored.selection())) {
                    StoredResponse kept = freshened.compact(freshened.body());
                    all.add(0, new Variant(kept, bans.validated(key, stored, variant.begun(), since)));
                } else {
                    all.add(variant);
                }
            }
            return of(key, all);
        }

        /** The responses that remain after the purges; null if there are none. */
        @Nullable
        Node purged(Bans bans) {
            long latest = bans.latest();
            List<Variant> left = new ArrayList<>();
            for (Variant variant : variants) {
                StoredResponse response = bans.apply(key, variant.response(), variant.begun());
                if (response != null) {
                    left.add(new Variant(response, variant.begun()));
                }
            }
            return left.isEmpty() ? null : new Node(key, left, oldest, latest);
        }
    }

    private record Variant(StoredResponse response, long begun) {}

    private final class MemoryFill implements Fill {
        private final CacheKey key;
        private final long begun;
        private final long purged = bans.latest();
        private final List<ByteBuffer> chunks = new ArrayList<>();
        private long length;
        private boolean ended;

        MemoryFill(CacheKey key, long begun) {
            this.key = key;
            this.begun = begun;
        }

        @Override
        public boolean write(ByteBuffer bytes) {
            length += bytes.remaining();
            if (ended || length > maxObjectBytes) {
                discard();
                return false;
            }
            chunks.add(bytes);
            return true;
        }

        @Override
        public void discard() {
            ended = true;
            chunks.clear();
        }

        @Override
        public CompletionStage<Boolean> commit(StoredResponse response) {
            if (ended) {
                return CompletableFuture.completedFuture(false);
            }
            boolean written = response.body().length() == 0 && length > 0;
            MemoryBody copy = written ? MemoryBody.copied(memory, chunks) : null;
            Body body = copy == null ? response.body() : copy;
            boolean stored = commit(new Variant(response.compact(body), begun), response);
            if (copy != null) {
                copy.leave();
            }
            discard();
            memory.adaptStore();
            return CompletableFuture.completedFuture(stored);
        }

        private boolean commit(Variant variant, StoredResponse response) {
            boolean[] stored = {false};
            change(key, node -> {
                if (isRefused(key, begun) || bans.apply(key, response, begun) == null) {
                    return node;
                }
                Node standing = standing(node);
                Node next = standing == null ? Node.of(key, List.of(variant)) : standing.with(variant);
                stored[0] = next != null;
                return next == null ? node : next;
            });
            return stored[0];
        }

        @Override
        public CompletionStage<Void> freshen(StoredResponse stored, StoredResponse freshened) {
            discard();
            change(key, node -> node == null ? null : node.freshened(stored, freshened, bans, purged));
            return done();
        }

        @Override
        public boolean isCurrent() {
            return purged == bans.latest() && !isRefused(key, begun);
        }
    }
}
