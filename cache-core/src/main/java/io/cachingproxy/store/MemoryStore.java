package io.cachingproxy.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.cachingproxy.http.Headers;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Keeps stored responses in this process, bounded in bytes: bodies, headers, keys and what the structures cost.
 *
 * <p>Each key has one node with all its variants; a change replaces the node. Time here is a counter: every
 * fill takes a number when it begins, every removal takes one when it happens, and a fill commits only over removals
 * with smaller numbers. The numbers of removed keys are remembered in a bounded cache of their own; once one is
 * forgotten, all fills that began before it are refused. That errs on the side of not storing.
 *
 * <p>It also serves as the near copy of a store farther away, which {@link #keep}s here what it read there.
 *
 * <p>Bodies being filled count too: together they take at most a quarter of the bound, beyond that {@link Fill#write}
 * refuses.
 */
public final class MemoryStore implements CacheStore {
    /** What a stored response costs besides its field lines and its body: nodes, references, parsed values. */
    private static final int OVERHEAD = 640;

    /** What a field line costs besides its characters. */
    private static final int LINE_OVERHEAD = 48;

    private static final int MAX_VARIANTS = 64;
    private static final int MAX_TOMBSTONES = 100_000;
    private static final CompletionStage<List<StoredResponse>> NOTHING = CompletableFuture.completedFuture(List.of());

    private final AtomicLong clock = new AtomicLong();
    /** Fills that began before this number are refused. */
    private final AtomicLong floor = new AtomicLong();

    /** What was stored by fills that began before this number is gone. */
    private final AtomicLong cleared = new AtomicLong();

    private final AtomicLong filling = new AtomicLong();
    private final Bans bans = new Bans();
    private final Cache<CacheKey, Node> nodes;
    private final Cache<CacheKey, Long> tombstones;
    private final long maxBytes;
    private final long maxObjectBytes;
    private final BodyMemory memory;

    /**
     * A store of at most {@code maxBytes} bytes.
     *
     * @param maxObjectBytes the longest body that is stored
     */
    public MemoryStore(long maxBytes, long maxObjectBytes) {
        this(maxBytes, maxObjectBytes, BodyMemory.HEAP);
    }

    /**
     * The same, with long bodies outside the heap, for whoever writes buffers to sockets. What is there of bodies that are
     * no more stored is not counted until the garbage collector has found them, but all of it takes at most {@code maxBytes}.
     */
    public static MemoryStore outsideHeap(long maxBytes, long maxObjectBytes) {
        return new MemoryStore(maxBytes, maxObjectBytes, BodyMemory.outside(maxBytes));
    }

    private MemoryStore(long maxBytes, long maxObjectBytes, BodyMemory memory) {
        this.memory = memory;
        this.maxBytes = maxBytes;
        this.maxObjectBytes = Math.min(maxObjectBytes, maxBytes);
        this.nodes = Caffeine.newBuilder()
                .maximumWeight(maxBytes)
                .weigher((CacheKey key, Node node) -> node.weight)
                .executor(Runnable::run)
                .build();
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
            node = standing(nodes.asMap().computeIfPresent(key, (k, current) -> current.purged(bans)));
        }
        return node == null ? NOTHING : node.found;
    }

    /** The node; of its reads, the eviction policy is told of enough to know it by, as each of them moves it in its lists. */
    private @Nullable Node read(CacheKey key) {
        Node node = nodes.policy().getIfPresentQuietly(key);
        return node != null && node.isToBeNoted() ? nodes.getIfPresent(key) : node;
    }

    @Override
    public List<StoredResponse> findHere(CacheKey key) {
        return find(key).toCompletableFuture().join();
    }

    /** The node, unless it was stored before all was cleared: a commit may have raced with the clearing. */
    private @Nullable Node standing(@Nullable Node node) {
        return node == null || node.oldest < cleared.get() ? null : node;
    }

    @Override
    public Fill fill(CacheKey key) {
        return new MemoryFill(key, clock.incrementAndGet());
    }

    @Override
    public CompletionStage<Void> invalidate(CacheKey key) {
        nodes.asMap().compute(key, (k, node) -> {
            tombstones.put(key, clock.incrementAndGet());
            return null;
        });
        return done();
    }

    @Override
    public CompletionStage<Confirmation> purge(Purge purge) {
        synchronized (bans) { // in the order of their numbers: a node is checked up to the latest, and not again
            bans.add(purge, clock.incrementAndGet());
        }
        return CompletableFuture.completedFuture(Confirmation.CONFIRMED);
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

    /** A number for {@link #keep}: what is removed from now on stays removed. */
    public long mark() {
        return clock.incrementAndGet();
    }

    /**
     * Keeps all that another store has under {@code key}, bodies as they are, in place of what is kept here; unless
     * the key was removed or stored anew since {@code mark} was taken, which is before the other store was asked.
     */
    public void keep(CacheKey key, List<StoredResponse> responses, long mark) {
        List<Variant> variants = responses.stream()
                .map(response -> new Variant(response.compact(response.body()), mark))
                .toList();
        nodes.asMap().compute(key, (k, node) -> {
            if (isRefused(key, mark) || node != null && node.oldest > mark) {
                return node;
            }
            return variants.isEmpty() ? null : Node.of(key, variants);
        });
    }

    private boolean isRefused(CacheKey key, long begun) {
        Long removedAt = tombstones.getIfPresent(key);
        return begun < floor.get() || removedAt != null && removedAt > begun;
    }

    /** How many bytes the stored responses may take. */
    public long maxBytes() {
        return maxBytes;
    }

    /** The longest body that is stored. */
    public long maxObjectBytes() {
        return maxObjectBytes;
    }

    /** The bytes that the stored responses take, by this store's own reckoning. */
    public long bytes() {
        nodes.cleanUp();
        return nodes.policy().eviction().orElseThrow().weightedSize().orElse(0);
    }

    /** The number of keys under which something is stored. */
    public long keys() {
        nodes.cleanUp();
        return nodes.estimatedSize();
    }

    private static void raise(AtomicLong number, long to) {
        number.accumulateAndGet(to, Math::max);
    }

    private static CompletionStage<Void> done() {
        return CompletableFuture.completedFuture(null);
    }

    /** All variants of a key, newest first, and the ready answer to {@link #find}. */
    private static final class Node {
        /** After its first, one read of a node in so many is noted. */
        private static final int READS_FOR_ONE_NOTED = 4;

        private final CacheKey key;
        private final List<Variant> variants;
        private final CompletionStage<List<StoredResponse>> found;
        private final long oldest;
        /** The number up to which purges were applied. */
        private final long checked;

        private final int weight;
        /** Set once, by whoever comes first. */
        private boolean wasRead;

        private Node(CacheKey key, List<Variant> variants, long oldest, long checked) {
            List<StoredResponse> responses =
                    variants.stream().map(Variant::response).toList();
            this.key = key;
            this.variants = List.copyOf(variants);
            this.found = CompletableFuture.completedFuture(responses);
            this.oldest = oldest;
            this.checked = checked;
            this.weight = weight(key, responses);
        }

        boolean isToBeNoted() {
            if (wasRead) {
                return ThreadLocalRandom.current().nextInt(READS_FOR_ONE_NOTED) == 0;
            }
            wasRead = true;
            return true;
        }

        static Node of(CacheKey key, List<Variant> variants) {
            long oldest = variants.stream().mapToLong(Variant::begun).min().orElse(Long.MAX_VALUE);
            return new Node(key, variants, oldest, oldest);
        }

        private static int weight(CacheKey key, List<StoredResponse> responses) {
            long weight = key.text().length();
            for (StoredResponse response : responses) {
                weight += OVERHEAD
                        + weight(response.head().headers())
                        + weight(response.selection().headers())
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

        /** The same with {@code freshened} in the place of {@code stored}, by a validation begun at {@code since}. */
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

        /** What the purges leave; null for nothing. */
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
        private boolean refused;

        MemoryFill(CacheKey key, long begun) {
            this.key = key;
            this.begun = begun;
        }

        @Override
        public boolean write(ByteBuffer bytes) {
            int more = bytes.remaining();
            if (refused || length + more > maxObjectBytes) {
                return refuse();
            }
            length += more;
            if (filling.addAndGet(more) > Math.max(maxBytes / 4, maxObjectBytes)) {
                return refuse();
            }
            chunks.add(bytes);
            return true;
        }

        private boolean refuse() {
            refused = true;
            free();
            return false;
        }

        private void free() {
            filling.addAndGet(-length);
            length = 0;
            chunks.clear();
        }

        @Override
        public CompletionStage<Boolean> commit(StoredResponse response) {
            if (refused) {
                return CompletableFuture.completedFuture(false);
            }
            Variant variant = new Variant(response.compact(new ChunkedBody(chunks, memory)), begun);
            boolean[] stored = {false};
            nodes.asMap().compute(key, (k, node) -> {
                if (isRefused(key, begun) || bans.apply(key, response, begun) == null) {
                    return node;
                }
                Node standing = standing(node);
                Node next = standing == null ? Node.of(key, List.of(variant)) : standing.with(variant);
                stored[0] = next != null;
                return next == null ? node : next;
            });
            refuse();
            return CompletableFuture.completedFuture(stored[0]);
        }

        @Override
        public CompletionStage<Void> freshen(StoredResponse stored, StoredResponse freshened) {
            refuse();
            nodes.asMap().computeIfPresent(key, (k, node) -> node.freshened(stored, freshened, bans, purged));
            return done();
        }

        @Override
        public boolean isCurrent() {
            return purged == bans.latest() && !isRefused(key, begun);
        }

        @Override
        public void discard() {
            refuse();
        }
    }
}
