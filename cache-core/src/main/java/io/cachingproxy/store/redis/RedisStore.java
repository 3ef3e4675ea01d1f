package io.cachingproxy.store.redis;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.BodyMemory;
import io.cachingproxy.store.CacheStore;
import io.cachingproxy.store.Confirmation;
import io.cachingproxy.store.Fill;
import io.cachingproxy.store.FillLeases;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.Purge;
import io.cachingproxy.store.StoreListener;
import io.cachingproxy.store.redis.bodies.ReadAhead;
import io.cachingproxy.store.redis.channel.ChangeChannel;
import io.cachingproxy.store.redis.channel.Control;
import io.cachingproxy.store.redis.channel.Gone;
import io.cachingproxy.store.redis.channel.Pulse;
import io.cachingproxy.store.redis.channel.Purges;
import io.cachingproxy.store.redis.channel.Removals;
import io.cachingproxy.store.redis.channel.Upkeep;
import io.cachingproxy.store.redis.entries.Backlog;
import io.cachingproxy.store.redis.entries.EntryReader;
import io.cachingproxy.store.redis.entries.EntryWriter;
import io.cachingproxy.store.redis.entries.NearFill;
import io.cachingproxy.store.redis.entries.RedisFill;
import io.cachingproxy.store.redis.leases.RedisLeases;
import io.cachingproxy.store.redis.link.Capacity;
import io.cachingproxy.store.redis.link.KeyNames;
import io.cachingproxy.store.redis.link.Node;
import io.cachingproxy.store.redis.link.RedisLink;
import io.cachingproxy.store.redis.link.Trouble;
import io.cachingproxy.store.redis.near.NearCache;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/**
 * Shares stored responses through Redis: all stores on the same Redis and prefix are one cache. In front of it is a near
 * cache in this process, which answers without a hop.
 *
 * <pre>{@code
 * CacheStore store = RedisStore.at("redis://localhost:6379").near(new MemoryStore(256 << 20, 32 << 20)).open();
 * }</pre>
 *
 * <h2>How stale a near copy may be</h2>
 *
 * A change on any node drops the others' near copies as soon as they hear of it, over a channel of Redis: in
 * milliseconds, within 1 s while the channel works. A channel that is interrupted, or silent for two heartbeats
 * (1 s), is noticed: from then on Redis is asked each time, and all near copies are dropped when the channel is heard
 * again. A message that was lost all the same makes a difference for at most 10 s, after which each near copy is
 * confirmed. While Redis cannot be reached, near copies answer for as long as they are fresh, and what other nodes
 * remove meanwhile is not known here.
 *
 * <h2>Outages</h2>
 *
 * Redis may be missing at the start or go away later: lookups end within the deadline, at once after a second of
 * failures, and find what is near; fills go to the near cache only; removals are made good when Redis is back, which is
 * tried several times a second. One line is logged when it goes, one when it comes back. What another node purges during
 * an outage is not known here until it ends.
 *
 * <p>A full Redis that may evict nothing accepts removals and purges, but no new responses: they are stored in the near
 * cache only. One line is logged when it is full, one when it has room again.
 *
 * <h2>Lost writes</h2>
 *
 * A Redis that does not know the latest stamp of a node has lost writes, and perhaps purges: its control hash was
 * evicted, an older snapshot was restored, or a failover lost the latest. Everything stored so far then counts as
 * removed.
 *
 * <p>A Redis user needs no more rights than {@code resetchannels ~cp:* &cp:* -@all +@read +@write +@connection +@pubsub
 * +@scripting +time +info}, and {@code +cluster} in a cluster; {@code cp} stands for the prefix.
 *
 * <p>Stages end on Redisson's threads, where nothing may block.
 */
public final class RedisStore implements CacheStore {
    private final Redisson client;
    private final boolean ownsClient;
    private final Node node;
    private final Capacity capacity;
    private final NearCache near;
    private final Gone gone;
    private final Backlog backlog;
    private final ChangeChannel channel;
    private final EntryReader reader;
    private final EntryWriter writer;
    private final Removals removals;
    private final Purges purges;
    private final RedisLeases leases;
    private final ScheduledExecutorService background;

    private RedisStore(Builder builder, Redisson client, boolean ownsClient) {
        this.client = client;
        this.ownsClient = ownsClient;
        KeyNames names = new KeyNames(
                builder.prefix, client.getServiceManager().getConfig().getDatabase());
        RedisLink link = new RedisLink(client, names.control(), builder.deadline);
        this.node = new Node(link, names, UUID.randomUUID().toString(), builder.deadline);
        this.capacity = new Capacity(link);
        this.near = new NearCache(builder.near, builder.confirmEvery, Pulse.SILENCE, capacity::isFull);
        this.gone = new Gone(near);
        this.backlog = new Backlog(builder.maxBacklogBytes, builder.maxObjectBytes);
        Control control = new Control(node, gone.stamps());
        this.purges = new Purges(node, control, gone);
        this.removals = new Removals(node, control, gone);
        this.background = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "cache-redis");
            thread.setDaemon(true);
            return thread;
        });
        this.leases = new RedisLeases(node, background);
        this.channel = new ChangeChannel(node, near, gone, purges, leases::heard);
        this.writer = new EntryWriter(node, control, capacity, near, gone, builder.clock);
        this.reader = new EntryReader(node, gone, new ReadAhead(builder.maxBacklogBytes));
        Upkeep upkeep = new Upkeep(channel, near, gone.stamps(), capacity, removals, purges);
        new Pulse(node, control, near, leases::areAwaited, upkeep, background).start();
    }

    /**
     * A store at a Redis that {@link RedisUrl} describes.
     *
     * @throws IllegalArgumentException if {@code url} is none; the message is one line without a password
     */
    public static Builder at(String url) {
        return new Builder(Connections.of(RedisUrl.parse(url)), null);
    }

    /**
     * A store at the Redis of a Redisson YAML file. Codec, read mode and lazy initialization are not taken from it.
     *
     * @throws IllegalArgumentException if the file cannot be read; the message is one line that names it
     */
    public static Builder configuredBy(Path redissonYaml) {
        return new Builder(Connections.ofYaml(redissonYaml), null);
    }

    /**
     * A store at the Redis of a client that the application has, reads from masters, and closes itself.
     *
     * @throws IllegalArgumentException if it is not a client that {@link Redisson#create} made, but another's in its place
     */
    public static Builder over(RedissonClient client) {
        if (client instanceof Redisson redisson) {
            return new Builder(null, redisson);
        }
        throw new IllegalArgumentException(client.getClass().getName() + " is not a client that Redisson.create made");
    }

    @Override
    public CompletionStage<List<StoredResponse>> find(CacheKey key) {
        return near.find(
                key,
                () -> !gone.removals().isOwed(key) && isPrompt(key) && purges.areKnown(),
                () -> node.link().call(node.names().entry(key), node.deadline(), () -> reader.read(key)));
    }

    @Override
    public @Nullable List<StoredResponse> findHere(CacheKey key) {
        return near.trusted(key);
    }

    @Override
    public Duration deadline() {
        return node.deadline();
    }

    @Override
    public void listen(StoreListener listener) {
        node.link().listen(listener);
        near.store().listen(listener);
    }

    @Override
    public BodyMemory memory() {
        return near.store().memory();
    }

    @Override
    public Fill fill(CacheKey key) {
        if (!isPrompt(key) || capacity.isFull()) {
            return new NearFill(
                    writer, key, gone.purges().complete(), near.store().fill(key));
        }
        return new RedisFill(writer, key, gone, reader.isWide(key), near, backlog);
    }

    private boolean isPrompt(CacheKey key) {
        return node.link().isPrompt(node.names().entry(key));
    }

    @Override
    public CompletionStage<Void> invalidate(CacheKey key) {
        return soon(removals.remove(key), null);
    }

    @Override
    public CompletionStage<Confirmation> purge(Purge purge) {
        return soon(purges.purge(purge), Confirmation.PENDING);
    }

    /** The same, but nobody waits longer than the deadline: it goes on without them. */
    private <T> CompletionStage<T> soon(CompletableFuture<T> done, @Nullable T otherwise) {
        return done.copy().completeOnTimeout(otherwise, node.deadline().toMillis(), TimeUnit.MILLISECONDS);
    }

    /** {@inheritDoc} If Redis cannot be told now, it is as soon as it can be; see {@link #clearOrFail}. */
    @Override
    public CompletionStage<Void> clear() {
        return clearOrFail().handle((keys, failure) -> null);
    }

    /**
     * Removes everything that stores with this prefix keep, in Redis and in the near caches of all nodes, and leaves
     * every other key alone. Waits for Redis a few seconds.
     *
     * @return the number of keys deleted; fails with {@link RedisUnavailableException} if Redis could not be reached or
     *     refused
     */
    public CompletionStage<Long> clearOrFail() {
        if (background.isShutdown()) {
            return CompletableFuture.failedFuture(new RedisUnavailableException("the store is closed"));
        }
        return CompletableFuture.supplyAsync(removals::removeAll, background)
                .thenCompose(removed -> removed)
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(
                        new RedisUnavailableException(Trouble.of(failure).sentence())));
    }

    /** How many bytes wait to be written, or are kept until they are. */
    long backlogBytes() {
        return backlog.bytes();
    }

    /** Settles among all stores with this prefix who fetches what they miss at the same time. */
    public FillLeases leases() {
        return leases;
    }

    /** Whether Redis answers. */
    public boolean isReachable() {
        return node.link().isOpen();
    }

    /** Whether all that Redis has is found: it answers, and what was changed before this store began is known. */
    public boolean isReady() {
        return node.link().isOpen() && near.isTrusted() && purges.areKnown();
    }

    /** Why Redis cannot be used, in words without keys and passwords; empty if it can. */
    public Optional<String> outage() {
        return node.link().isOpen() ? Optional.empty() : Optional.of(node.link().lastReason());
    }

    /** Whether near copies are answered from: Redis answers and the channel of changes is heard. */
    public boolean isNearTrusted() {
        return near.isTrusted();
    }

    @Override
    public void close() {
        background.shutdownNow();
        near.store().close();
        if (ownsClient) {
            client.shutdown(0, 2, TimeUnit.SECONDS);
        } else {
            channel.close();
        }
    }

    /** What may be chosen about a {@link RedisStore}. */
    public static final class Builder {
        private final @Nullable Config config;
        private final @Nullable Redisson client;
        private String prefix = "cp";
        private Duration deadline = Duration.ofMillis(50);
        private Duration confirmEvery = Duration.ofSeconds(10);
        private MemoryStore near = new MemoryStore(64 << 20, 8 << 20);
        private InstantSource clock = InstantSource.system();
        private long maxObjectBytes = 32 << 20;
        private long maxBacklogBytes = Math.min(64 << 20, Runtime.getRuntime().maxMemory() / 16);

        private Builder(@Nullable Config config, @Nullable Redisson client) {
            this.config = config;
            this.client = client;
        }

        /**
         * What all keys in Redis begin with; default {@code cp}.
         *
         * @throws IllegalArgumentException unless it is 1 to 64 letters, digits, dots, hyphens, underscores
         */
        public Builder prefix(String prefix) {
            this.prefix = new KeyNames(prefix).prefix();
            return this;
        }

        /**
         * How long a lookup may take, default 50 ms. What no client waits for may take ten times that; but a server whose
         * answers take longer than the deadline is not used.
         */
        public Builder deadline(Duration deadline) {
            this.deadline = deadline;
            return this;
        }

        /** How long a near copy is used before Redis is asked again; default 10 s. */
        public Builder confirmEvery(Duration confirmEvery) {
            this.confirmEvery = confirmEvery;
            return this;
        }

        /** The near cache, used by this store alone and closed with it; default 64 MiB. */
        public Builder near(MemoryStore near) {
            this.near = near;
            return this;
        }

        /** What time it is, for how long Redis keeps a response; default the system's clock. */
        public Builder clock(InstantSource clock) {
            this.clock = clock;
            return this;
        }

        /** The longest body that is stored; default 32 MiB. */
        public Builder maxObjectBytes(long maxObjectBytes) {
            this.maxObjectBytes = maxObjectBytes;
            return this;
        }

        /**
         * How many bytes of all fills may wait to be written, and how many all readers of bodies over 32 KiB may have read
         * ahead; default 64 MiB, or a 16th of the heap if that is less.
         */
        public Builder maxBacklogBytes(long maxBacklogBytes) {
            this.maxBacklogBytes = maxBacklogBytes;
            return this;
        }

        /**
         * The store, which begins to connect. Does not wait for Redis.
         *
         * @throws IllegalArgumentException if Redisson cannot use the configuration; the message is one line
         */
        public RedisStore open() {
            return client != null ? new RedisStore(this, client, false) : new RedisStore(this, created(), true);
        }

        private Redisson created() {
            try {
                return (Redisson) Redisson.create(config);
            } catch (RuntimeException e) {
                throw new IllegalArgumentException("Redisson cannot use the configuration: " + RedisLink.reason(e));
            }
        }
    }
}
