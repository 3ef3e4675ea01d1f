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
import io.cachingproxy.store.RemoteStoreListener;
import io.cachingproxy.store.StoreListener;
import io.cachingproxy.store.StoredEntry;
import io.cachingproxy.store.redis.bodies.ReadAhead;
import io.cachingproxy.store.redis.channel.ChangeChannel;
import io.cachingproxy.store.redis.channel.Control;
import io.cachingproxy.store.redis.channel.KnownRemovals;
import io.cachingproxy.store.redis.channel.Member;
import io.cachingproxy.store.redis.channel.Membership;
import io.cachingproxy.store.redis.channel.Pulse;
import io.cachingproxy.store.redis.channel.Purges;
import io.cachingproxy.store.redis.channel.RedisClock;
import io.cachingproxy.store.redis.channel.Removals;
import io.cachingproxy.store.redis.channel.Upkeep;
import io.cachingproxy.store.redis.entries.Backlog;
import io.cachingproxy.store.redis.entries.EntryReader;
import io.cachingproxy.store.redis.entries.EntryScan;
import io.cachingproxy.store.redis.entries.EntryWriter;
import io.cachingproxy.store.redis.entries.NearFill;
import io.cachingproxy.store.redis.entries.RedisFill;
import io.cachingproxy.store.redis.leases.RedisLeases;
import io.cachingproxy.store.redis.link.Capacity;
import io.cachingproxy.store.redis.link.KeyNames;
import io.cachingproxy.store.redis.link.Node;
import io.cachingproxy.store.redis.link.Operation;
import io.cachingproxy.store.redis.link.RedisLink;
import io.cachingproxy.store.redis.link.Trouble;
import io.cachingproxy.store.redis.near.NearCache;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/**
 * Shares stored responses through Redis: all stores with the same Redis and prefix form one cache. A near cache in this
 * process serves hits without contacting Redis.
 *
 * <pre>{@code
 * CacheStore store = RedisStore.at("redis://localhost:6379").near(new MemoryStore(256 << 20, 32 << 20)).open();
 * }</pre>
 *
 * <h2>Staleness of near copies</h2>
 *
 * A change on any node invalidates the near copies of the other nodes by a message on a Redis channel: typically within
 * milliseconds, within 1 s while the channel works. An interrupted channel, or one silent for two heartbeats (1 s), is
 * detected: from then on Redis is asked for each lookup, and all near copies are dropped when the channel is restored.
 * A message lost without such an interruption has an effect for at most 10 s, because each near copy is confirmed after
 * that time. While Redis is unreachable, near copies are served as long as they are fresh, and removals by other nodes
 * are unknown here.
 *
 * <h2>Outages</h2>
 *
 * Redis may be unavailable at the start or later: lookups end within the deadline, immediately after a second of
 * failures, and use the near cache; fills go to the near cache only; removals are repeated when Redis is back, which is
 * checked several times a second. One line is logged when Redis becomes unavailable, and one when it is back. Purges by
 * other nodes during an outage become known here when it ends.
 *
 * <p>A full Redis whose policy forbids eviction accepts removals and purges, but no new responses: they are stored in
 * the near cache only. One line is logged when Redis is full, and one when it has room again.
 *
 * <h2>Lost writes</h2>
 *
 * A Redis that does not know the latest stamp of a node has lost writes, and possibly purges: its control hash was
 * evicted, an older snapshot was restored, or a failover lost the latest writes. All responses stored before are then
 * treated as removed.
 *
 * <p>A Redis user needs only the rights
 * {@code resetchannels ~cp:* &cp:* -@all +@read +@write +@connection +@pubsub +@scripting +time +info}, and
 * {@code +cluster} in a cluster; {@code cp} stands for the prefix.
 *
 * <p>Stages complete on Redisson's threads, which must not block.
 */
public final class RedisStore implements CacheStore {
    private final Redisson client;
    private final boolean ownsClient;
    private final Node node;
    private final Capacity capacity;
    private final NearCache near;
    private final KnownRemovals gone;
    private final Backlog backlog;
    private final ChangeChannel channel;
    private final EntryReader reader;
    private final EntryWriter writer;
    private final Removals removals;
    private final Purges purges;
    private final RedisLeases leases;
    private final Membership membership;
    private final EntryScan scan;
    private final InstantSource clock;
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
        this.gone = new KnownRemovals(near);
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
        this.clock = builder.clock;
        this.membership = new Membership(node, gone.purges(), builder.name, version(), clock.instant());
        RedisClock redisClock = new RedisClock();
        this.channel = new ChangeChannel(node, near, gone, purges, membership, redisClock, leases::heard);
        this.writer = new EntryWriter(node, control, capacity, near, gone, builder.clock);
        this.reader = new EntryReader(node, gone, new ReadAhead(builder.maxBacklogBytes));
        this.scan = new EntryScan(node, gone);
        Upkeep upkeep = new Upkeep(channel, near, gone.stamps(), capacity, removals, purges, membership);
        new Pulse(node, control, near, leases::areAwaited, upkeep, redisClock, background).start();
    }

    /**
     * Configures a store at the Redis with this URL, in a form of {@link RedisUrl}.
     *
     * @throws IllegalArgumentException if {@code url} is invalid; the message is one line without a password
     */
    public static Builder at(String url) {
        return new Builder(Connections.of(RedisUrl.parse(url)), null);
    }

    /**
     * Configures a store by a Redisson YAML file. Its codec, read mode and lazy initialization are ignored.
     *
     * @throws IllegalArgumentException if the file cannot be read; the message is one line that names it
     */
    public static Builder configuredBy(Path redissonYaml) {
        return new Builder(Connections.ofYaml(redissonYaml), null);
    }

    /**
     * Configures a store with the application's Redisson client, which must read from masters, and which the
     * application closes.
     *
     * @throws IllegalArgumentException if the client was not created by {@link Redisson#create}
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
                () -> node.link()
                        .call(Operation.FIND, node.names().entry(key), node.deadline(), () -> reader.read(key)));
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

    /**
     * Adds a listener for the duration of each operation in Redis and the delay of messages from other nodes; see
     * {@code RedisStoreMetrics}.
     */
    public void measure(RemoteStoreListener listener) {
        node.link().measure(listener);
    }

    /** The state of the connection to Redis, of the channel of changes and of what waits for Redis. */
    public RedisStatus status() {
        RedisLink link = node.link();
        return new RedisStatus(
                link.breakers().stream().map(RedisStatus.Server::of).toList(),
                link.openings(),
                link.rejected(),
                near.isTrusted(),
                near.heardSince(),
                purges.pending(),
                gone.removals().size(),
                backlog.bytes(),
                capacity.isFull());
    }

    @Override
    public BodyMemory memory() {
        return near.store().memory();
    }

    @Override
    public long keys() {
        return near.store().keys();
    }

    /** The near copies, and the responses stored during outages. */
    @Override
    public Stream<StoredEntry> entries() {
        return near.store().entries();
    }

    /**
     * Reads a page of the entries in Redis, for operators, in no particular order. Bodies are not read. The work of a page
     * is bounded: a page can be short, or empty, although there is a next one. An entry that exists while all pages are
     * read is on at least one of them, unless a master of a cluster joins, leaves or is replaced meanwhile.
     *
     * @param after the {@link RedisEntries#next} of the page before; empty for the first page
     * @param limit the most entries of the page, at least 1
     * @param wanted which entries are listed; called on Redisson's threads
     * @return fails with {@link RedisUnavailableException} if Redis is unreachable or does not answer in time
     * @throws IllegalArgumentException if {@code after} is not from a page, or {@code limit} is less than 1
     */
    public CompletionStage<RedisEntries> entriesInRedis(String after, int limit, Predicate<CacheKey> wanted) {
        if (limit < 1 || !(after.isEmpty() || EntryScan.isPlace(after))) {
            throw new IllegalArgumentException("limit is at least 1, and after is the next of a page");
        }
        return orUnavailable(scan.page(after, limit, wanted)
                .thenApply(page -> new RedisEntries(page.entries(), Optional.ofNullable(page.next()))));
    }

    /**
     * Reads the entry in Redis of the key with this {@link CacheKey#hash}, without bodies; empty if there is none.
     *
     * @return fails with {@link RedisUnavailableException} if Redis is unreachable or does not answer in time
     */
    public CompletionStage<Optional<StoredEntry>> entryInRedis(String hash) {
        return orUnavailable(scan.entry(hash));
    }

    private <T> CompletionStage<T> orUnavailable(CompletionStage<T> answer) {
        return answer.exceptionallyCompose(failure -> CompletableFuture.failedFuture(
                new RedisUnavailableException(outage().map(reason -> "Redis is not reachable: " + reason)
                        .orElseGet(() -> Trouble.of(failure).sentence()))));
    }

    @Override
    public long bytes() {
        return near.store().bytes();
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

    /** Bounds the wait for an operation by the deadline; the operation continues in the background. */
    private <T> CompletionStage<T> soon(CompletableFuture<T> done, @Nullable T otherwise) {
        return done.copy().completeOnTimeout(otherwise, node.deadline().toMillis(), TimeUnit.MILLISECONDS);
    }

    /** {@inheritDoc} If Redis is unreachable, it is cleared as soon as possible; see {@link #clearOrFail}. */
    @Override
    public CompletionStage<Void> clear() {
        return clearOrFail().handle((keys, failure) -> null);
    }

    /**
     * Removes everything stored under this prefix, in Redis and in the near caches of all nodes, and no other key.
     * Waits for Redis a few seconds.
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

    /** The number of bytes waiting to be written to Redis, or kept until then. */
    long backlogBytes() {
        return backlog.bytes();
    }

    /**
     * The nodes that share the Redis and the prefix of this store, this one first. Each node announces itself every 5 s,
     * so a new one is listed after at most 10 s; a node that has closed its store is not listed any more, one that has
     * ended otherwise is listed as gone for up to 2 min. While Redis is unreachable, the others are listed as last known.
     * Nodes of versions before this method are not listed. Does not block.
     */
    public List<RedisNode> nodes() {
        Instant now = clock.instant();
        long acknowledged = purges.acknowledged();
        return membership.members().stream()
                .map(member ->
                        RedisNode.of(member, now, isHere(member), isHere(member) || member.purged() >= acknowledged))
                .toList();
    }

    private boolean isHere(Member member) {
        return member.id().equals(node.id());
    }

    /**
     * Asks the other nodes whether they have applied the purges of this store that Redis has acknowledged.
     *
     * @param most how long to wait for those that have not
     * @return the {@link #nodes}, once each that is not gone has applied them, or after {@code most}
     */
    public CompletionStage<List<RedisNode>> purgedNodes(Duration most) {
        long acknowledged = purges.acknowledged();
        return membership
                .ask(member -> member.purged() >= acknowledged || RedisNode.isGone(member), most)
                .thenApply(done -> nodes());
    }

    private static String version() {
        String version = RedisStore.class.getPackage().getImplementationVersion();
        return version == null ? "unknown" : version;
    }

    /** Leases that coordinate fetches among all stores with this prefix. */
    public FillLeases leases() {
        return leases;
    }

    /** Whether Redis answers. */
    public boolean isReachable() {
        return node.link().isOpen();
    }

    /** Whether the store is ready: Redis answers, and changes from before the start of this store are known. */
    public boolean isReady() {
        return node.link().isOpen() && near.isTrusted() && purges.areKnown();
    }

    /** Why Redis is unavailable, without keys and passwords; empty if it is available. */
    public Optional<String> outage() {
        return node.link().isOpen() ? Optional.empty() : Optional.of(node.link().lastReason());
    }

    /** Whether near copies are served without asking Redis: Redis answers and the channel of changes works. */
    public boolean isNearTrusted() {
        return near.isTrusted();
    }

    @Override
    public void close() {
        background.shutdownNow();
        membership.leave();
        near.store().close();
        if (ownsClient) {
            client.shutdown(0, 2, TimeUnit.SECONDS);
        } else {
            channel.close();
        }
    }

    /** The settings of a {@link RedisStore}. */
    public static final class Builder {
        private final @Nullable Config config;
        private final @Nullable Redisson client;
        private String prefix = "cp";
        private Duration deadline = Duration.ofMillis(50);
        private Duration confirmEvery = Duration.ofSeconds(10);
        private MemoryStore near = new MemoryStore(64 << 20, 8 << 20);
        private Supplier<String> name = Builder::processName;
        private InstantSource clock = InstantSource.system();
        private long maxObjectBytes = 32 << 20;
        private long maxBacklogBytes = Math.min(64 << 20, Runtime.getRuntime().maxMemory() / 16);

        private Builder(@Nullable Config config, @Nullable Redisson client) {
            this.config = config;
            this.client = client;
        }

        /**
         * The prefix of all keys in Redis; default {@code cp}.
         *
         * @throws IllegalArgumentException unless it is 1 to 64 letters, digits, dots, hyphens, underscores
         */
        public Builder prefix(String prefix) {
            this.prefix = new KeyNames(prefix).prefix();
            return this;
        }

        /**
         * The longest duration of a lookup, default 50 ms. Operations without a waiting client may take ten times as
         * long; but a server that answers later than the deadline is not used.
         */
        public Builder deadline(Duration deadline) {
            this.deadline = deadline;
            return this;
        }

        /** How long a near copy is served before Redis is asked again; default 10 s. */
        public Builder confirmEvery(Duration confirmEvery) {
            this.confirmEvery = confirmEvery;
            return this;
        }

        /** The near cache, used by this store only and closed with it; default 64 MiB. */
        public Builder near(MemoryStore near) {
            this.near = near;
            return this;
        }

        /**
         * The name of this store among the {@link RedisStore#nodes}, for operators; read every few seconds. Default: the
         * environment variable {@code HOSTNAME}, or {@code process} and the process id. Of a longer name the first 200
         * characters are used.
         */
        public Builder name(Supplier<String> name) {
            this.name = name;
            return this;
        }

        private static String processName() {
            String host = System.getenv("HOSTNAME");
            return host == null || host.isEmpty()
                    ? "process " + ProcessHandle.current().pid()
                    : host;
        }

        /** The clock that determines how long Redis keeps a response; default the system's clock. */
        public Builder clock(InstantSource clock) {
            this.clock = clock;
            return this;
        }

        /** The longest body that is stored, in bytes; default 32 MiB. */
        public Builder maxObjectBytes(long maxObjectBytes) {
            this.maxObjectBytes = maxObjectBytes;
            return this;
        }

        /**
         * The bound of bytes that wait to be written, for all fills together, and of bytes read ahead of bodies over 32
         * KiB, for all readers together; default 64 MiB, or a 16th of the heap if that is less.
         */
        public Builder maxBacklogBytes(long maxBacklogBytes) {
            this.maxBacklogBytes = maxBacklogBytes;
            return this;
        }

        /**
         * Opens the store, which begins to connect. Does not wait for Redis.
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
