package io.cachingproxy;

import io.cachingproxy.http.Content;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.http.syntax.FieldValues;
import io.cachingproxy.key.KeyBase;
import io.cachingproxy.policy.Decision;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.rules.Rules;
import io.cachingproxy.rules.Site;
import io.cachingproxy.rules.Sites;
import io.cachingproxy.store.CacheStore;
import io.cachingproxy.store.Confirmation;
import io.cachingproxy.store.FillLeases;
import io.cachingproxy.store.MemoryStore;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A shared HTTP cache (RFC 9111), independent of how requests are received and forwarded.
 *
 * <pre>{@code
 * HttpCache cache = HttpCache.builder().policy(Policy.rfc9111()).build();
 * Answer answer = cache.serve(request, Content.empty(), origin).toCompletableFuture().join();
 * }</pre>
 *
 * <p>Concurrent misses of one variant are coalesced: the leader is forwarded, the followers wait for the head of its
 * response. If the response may be shared and matches their selecting headers, they read it while it arrives; else they
 * are forwarded themselves. A key whose response could not be shared becomes a hit-for-miss for a while: its next
 * requests are forwarded at once.
 *
 * <p>Thread-safe. No method blocks.
 */
public final class HttpCache implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpCache.class);
    private static final long DEFAULT_MEMORY = 256L << 20;
    private static final long DEFAULT_OBJECT = 32L << 20;

    /** Default of {@link Builder#maxWaiters}. */
    public static final int DEFAULT_WAITERS = 4096;

    private final CacheStore store;
    private volatile Sites sites;
    private final Resolver resolver = new Resolver();
    private final WatchedClock clock;
    private final Answers answers;
    private final OwnAnswers ownAnswers;
    private final long maxObjectBytes;
    private final Executor threads;
    private final Events events;
    private final GuardedStore guarded;
    private final Coalescing coalescing;
    private final Invalidations invalidations;
    private final LookupPath lookups;
    private final Serving serving;
    private final Explaining explaining;

    private HttpCache(Builder builder) {
        this.store = builder.store == null ? new MemoryStore(DEFAULT_MEMORY, builder.maxObjectBytes) : builder.store;
        this.sites = builder.allSites();
        this.clock = new WatchedClock(builder.clock, System::nanoTime, this::clockWasSetBack);
        this.answers = new Answers(builder.name);
        this.ownAnswers = new OwnAnswers(answers, clock);
        this.maxObjectBytes = Math.min(builder.maxObjectBytes, store.memory().longestBody());
        this.threads = builder.threads;
        this.events = new Events(builder.listeners);
        store.listen(events);
        Equivalents equivalents = new Equivalents(store, clock);
        this.guarded = new GuardedStore(store, equivalents);
        this.coalescing = new Coalescing(builder.clock, builder.maxWait, builder.maxWaiters, threads);
        this.invalidations = new Invalidations(store, coalescing, equivalents);
        this.lookups = new LookupPath(this, guarded, coalescing, new MissPath(this, coalescing, builder.leases));
        this.serving = new Serving(this, lookups);
        this.explaining = new Explaining(this, ownAnswers);
    }

    public static Builder builder() {
        return new Builder();
    }

    /** The sites by which requests are resolved. */
    public Sites sites() {
        return sites;
    }

    /**
     * Replaces all sites. Requests in progress keep the old ones. Stored responses are judged by the new rules at their
     * next use.
     */
    public void sites(Sites value) {
        sites = value;
    }

    /**
     * Determines the site, treatment and cache key of a request.
     *
     * @param client the address of the client; null if it is unknown
     */
    public CacheRequest resolve(RequestHead request, @Nullable InetAddress client) {
        return resolve(request, () -> client, null);
    }

    /**
     * Determines the site, treatment and cache key of a request in a proxy.
     *
     * @param client supplies the address of the client; called only if the site has rules
     * @param only the base URL of the only origin; ignored if the cache has several sites
     */
    public CacheRequest resolve(RequestHead request, Supplier<@Nullable InetAddress> client, @Nullable KeyBase only) {
        return resolver.resolve(sites, request, client, only);
    }

    /**
     * Answers {@code request} from the store or from {@code origin}. The stage completes when the head is known,
     * immediately for responses stored in this process; it never fails.
     *
     * @param body the content of the request; {@link Content#empty()} if it has none
     */
    public CompletionStage<Answer> serve(RequestHead request, Content body, Origin origin) {
        return serve(resolve(request, null), body, origin, (status, headers) -> {});
    }

    /**
     * Answers a resolved request like {@link #serve(RequestHead, Content, Origin)}, and relays interim responses.
     *
     * @param interim receives each interim response, until the stage completes
     */
    public CompletionStage<Answer> serve(CacheRequest request, Content body, Origin origin, Interim interim) {
        return serve(request, body, origin, interim, decision -> {});
    }

    /**
     * Answers a resolved request like {@link #serve(CacheRequest, Content, Origin, Interim)}, and reports the reuse
     * decision.
     *
     * @param decided called with the reuse decision when the store has answered, at most once; not called for requests
     *     that the cache answers without the store, such as a redirect by a rule
     */
    public CompletionStage<Answer> serve(
            CacheRequest request, Content body, Origin origin, Interim interim, Consumer<Decision> decided) {
        long begun = events.begin(request);
        Answer own = ownAnswers.of(request);
        if (own != null) {
            return CompletableFuture.completedFuture(events.answered(request, own, begun));
        }
        CacheRequest asked = request.negotiate();
        CompletionStage<Answer> answer = serving.serve(asked, body, origin, interim, decided);
        return begun == 0 ? answer : answer.thenApply(it -> events.answered(asked, it, begun));
    }

    /**
     * Fast path: the answer from a fresh response stored in this process. Null if the request needs more than that;
     * then it has had no effect yet and must be passed to {@link #serve}.
     *
     * @param resolved without content
     */
    public @Nullable Answer hit(CacheRequest resolved) {
        CacheRequest request = resolved.negotiate();
        long begun = events.beginHit();
        boolean looksUp = ownAnswers.permitLookup(request);
        Instant now = now(); // before the store is asked, see clockWasSetBack
        List<StoredResponse> found = looksUp ? store.findHere(request.key()) : null;
        if (found == null || found.isEmpty()) {
            return null;
        }
        return request.decide(found, now) instanceof Decision.Hit hit
                        && hit.stored().body().isHere()
                ? events.hit(request, hit, answers.hit(request, hit, now), begun)
                : null;
    }

    /** Answers {@code request} from {@code origin}, bypassing the cache: no lookup, no storing, no coalescing. */
    public CompletionStage<Answer> forward(CacheRequest request, Content body, Origin origin) {
        Answer own = ownAnswers.of(request);
        return own == null ? serving.bypass(request, body, origin) : CompletableFuture.completedFuture(own);
    }

    /**
     * Asks the store and decides how to handle {@code request}, for callers that cannot repeat a request to the origin,
     * such as servlet filters. The stage completes immediately, unless the store is remote or another request fetches
     * the same response; it never fails.
     */
    public CompletionStage<Step> open(RequestHead request) {
        return open(resolve(request, null));
    }

    /** Asks the store and decides how to handle a resolved request; see {@link #open(RequestHead)}. */
    public CompletionStage<Step> open(CacheRequest request) {
        long begun = events.begin(request);
        Answer own = ownAnswers.inChain(request);
        CompletionStage<Step> step = own == null
                ? lookups.opened(request, false, decision -> {})
                : CompletableFuture.completedFuture(new Step.Answered(own));
        return begun == 0
                ? step
                : step.thenApply(known -> {
                    if (known instanceof Step.Answered answered) {
                        return answered.with(events.answered(request, answered.answer(), begun));
                    }
                    ((Step.Forward) known).exchange().reportsFrom(begun);
                    return known;
                });
    }

    /**
     * Explains how the cache handles a request, and a response to it. Asks the store, but forwards and stores nothing.
     * The stage completes immediately, unless the store is remote.
     *
     * @param client the address of the client; null if it is unknown
     * @param response null: the storage decision is not explained. If a stored response answers the request, the
     *     response is explained as the one to a client's reload
     */
    public CompletionStage<Explanation> explain(
            RequestHead request, @Nullable InetAddress client, @Nullable ResponseHead response) {
        return explain(resolve(request, client), client, response);
    }

    /**
     * Explains a resolved request like {@link #explain(RequestHead, InetAddress, ResponseHead)}.
     *
     * @param client the address with which the request was resolved
     */
    public CompletionStage<Explanation> explain(
            CacheRequest request, @Nullable InetAddress client, @Nullable ResponseHead response) {
        return explaining.explain(request, client, response);
    }

    /** Makes all stored responses stale: their age is unknown after the clock was set back (RFC 9111 §4.2.3). */
    private void clockWasSetBack(Duration by, Instant now) {
        LOG.warn("The clock was set back by {} s: stored responses are validated before use", by.toSeconds());
        guarded.expireAll(now);
    }

    /** The longest body that is stored, in bytes: the configured limit, or less if memory is smaller. */
    long maxObjectBytes() {
        return maxObjectBytes;
    }

    /** The executor for work that must not delay the thread that delivers a response. */
    Executor threads() {
        return threads;
    }

    /** The store for the operations of requests, whose failures must not fail the request. */
    GuardedStore guarded() {
        return guarded;
    }

    Invalidations invalidations() {
        return invalidations;
    }

    Serving serving() {
        return serving;
    }

    Events events() {
        return events;
    }

    Coalescing coalescing() {
        return coalescing;
    }

    Instant now() {
        return clock.instant();
    }

    Answers answers() {
        return answers;
    }

    /** Purges by the URLs that clients use. */
    public Purging purging() {
        return purging(null);
    }

    /**
     * Purges by the URLs that clients use, in a proxy.
     *
     * @param only the base URL of the only origin; ignored if the cache has several sites
     */
    public Purging purging(@Nullable KeyBase only) {
        return new Purging(this, only);
    }

    /**
     * Removes all stored responses of a URL, as clients write it: all methods and variants.
     *
     * @return whether all instances that share the store have removed them, or only this one so far
     * @throws IllegalArgumentException if it is not an absolute http or https URL
     */
    public CompletionStage<Confirmation> purge(URI url) {
        Purging purging = purging();
        return purging.purge(purging.url(Target.of(url)), false);
    }

    /** The store of this cache. */
    public CacheStore store() {
        return store;
    }

    /** Closes the store. */
    @Override
    public void close() {
        store.close();
    }

    /** The settings of a cache; all have defaults. */
    public static final class Builder {
        private @Nullable CacheStore store;
        private FillLeases leases = FillLeases.ALONE;
        private Policy policy = Policy.standard(Policy.DEFAULT_TTL);
        private Rules rules = Rules.NONE;
        private @Nullable Sites sites;
        private final List<CacheListener> listeners = new ArrayList<>();
        private InstantSource clock = InstantSource.system();
        private String name = "caching-proxy";
        private long maxObjectBytes = DEFAULT_OBJECT;
        private Duration maxWait = Duration.ofSeconds(30);
        private int maxWaiters = DEFAULT_WAITERS;
        private Executor threads = ForkJoinPool.commonPool();

        private Builder() {}

        /** The store; by default a {@link MemoryStore} of 256 MiB. */
        public Builder store(CacheStore value) {
            store = value;
            return this;
        }

        /**
         * The leases that coordinate which of several nodes with a shared store fetches from the origin, such as
         * {@code RedisStore.leases()}; by default each node fetches for itself.
         */
        public Builder leases(FillLeases value) {
            leases = value;
            return this;
        }

        /** The policy; by default {@link Policy#standard}. */
        public Builder policy(Policy value) {
            policy = value;
            return this;
        }

        /** The rules; by default none. */
        public Builder rules(Rules value) {
            rules = value;
            return this;
        }

        /** The sites, each with a policy and rules of its own; by default one for all hosts. */
        public Builder sites(Sites value) {
            sites = value;
            return this;
        }

        private Sites allSites() {
            return sites == null ? Sites.of(Site.everything(policy, rules)) : sites;
        }

        /** Adds a listener for the events of the cache; by default there is none. */
        public Builder listener(CacheListener value) {
            listeners.add(value);
            return this;
        }

        /** The clock; by default the system's. */
        public Builder clock(InstantSource value) {
            clock = value;
            return this;
        }

        /** The token that names this cache in Cache-Status and Via; by default {@code caching-proxy}. */
        public Builder name(String value) {
            if (!FieldValues.isToken(value)) {
                throw new IllegalArgumentException("not a token: " + value);
            }
            name = value;
            return this;
        }

        /**
         * The longest body that is stored, in bytes; 32 MiB by default. Longer bodies are streamed without being
         * stored.
         */
        public Builder maxObjectBytes(long value) {
            maxObjectBytes = value;
            return this;
        }

        /**
         * Longest wait of a follower for the head of the leader's response, before the follower is forwarded itself; 30 s
         * by default.
         */
        public Builder maxWait(Duration value) {
            maxWait = value;
            return this;
        }

        /** Maximum number of requests that wait for one response head; more are forwarded at once. 4096 by default. */
        public Builder maxWaiters(int value) {
            maxWaiters = value;
            return this;
        }

        /**
         * The executor on which followers continue if there are many; by default the common pool. Its tasks do not
         * block.
         */
        public Builder executor(Executor value) {
            threads = value;
            return this;
        }

        public HttpCache build() {
            return new HttpCache(this);
        }
    }
}
