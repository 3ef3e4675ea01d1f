package io.cachingproxy;

import io.cachingproxy.http.Content;
import io.cachingproxy.http.FieldValues;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.Decision;
import io.cachingproxy.policy.Invalidation;
import io.cachingproxy.policy.Outcome;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.policy.Reception;
import io.cachingproxy.policy.Refusal;
import io.cachingproxy.policy.Reuse;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.policy.Validation;
import io.cachingproxy.store.CacheStore;
import io.cachingproxy.store.Fill;
import io.cachingproxy.store.FillLeases;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.Purge;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An HTTP cache: shared, complete, and without an opinion about how requests come in or go out.
 *
 * <pre>{@code
 * HttpCache cache = HttpCache.builder().policy(Policy.rfc9111()).build();
 * Answer answer = cache.serve(request, Content.empty(), origin).toCompletableFuture().join();
 * }</pre>
 *
 * <p>Concurrent misses of one key are collapsed: the first is forwarded, the others wait for the head of its response
 * and read along, if it may be shared and matches their selecting headers; else they are forwarded on their own. A key
 * whose response could not be shared is remembered for a while, so that the next ones need not wait in vain.
 *
 * <p>Safe for any number of threads. No method blocks.
 */
public final class HttpCache implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpCache.class);
    private static final long DEFAULT_MEMORY = 256L << 20;
    private static final long DEFAULT_OBJECT = 32L << 20;

    /** How many requests wait for one, if nothing else is said. */
    public static final int DEFAULT_WAITERS = 4096;

    private final CacheStore store;
    private final FillLeases leases;
    private final Policy policy;
    private final InstantSource clock;
    private final Answers answers;
    private final long maxObjectBytes;
    private final Executor threads;
    private final AtomicBoolean warned = new AtomicBoolean();
    private final Collapsing collapsing;
    private final Equivalents equivalents;

    private HttpCache(Builder builder) {
        this.store = builder.store == null ? new MemoryStore(DEFAULT_MEMORY, builder.maxObjectBytes) : builder.store;
        this.leases = builder.leases;
        this.policy = builder.policy;
        this.clock = builder.clock;
        this.answers = new Answers(builder.name);
        this.maxObjectBytes = Math.min(builder.maxObjectBytes, store.memory().longestBody());
        this.threads = builder.threads;
        this.equivalents = new Equivalents(store, clock);
        this.collapsing = new Collapsing(builder.clock, builder.maxWait, builder.maxWaiters, threads);
    }

    public static Builder builder() {
        return new Builder();
    }

    /**
     * Answers {@code request}, from the store or by way of {@code origin}. The stage completes when the head is known,
     * at once for what this process has stored; it never fails.
     *
     * @param body the content of the request; {@link Content#empty()} if it has none
     */
    public CompletionStage<Answer> serve(RequestHead request, Content body, Origin origin) {
        return serve(request, body, origin, (status, headers) -> {});
    }

    /**
     * The same, and relays interim responses on the way.
     *
     * @param interim told of each, until the stage completes
     */
    public CompletionStage<Answer> serve(RequestHead request, Content body, Origin origin, Interim interim) {
        Refusal refusal = refusal(request);
        if (refusal != null) {
            return CompletableFuture.completedFuture(refused(refusal));
        }
        CompletionStage<Answer> answer = request.method().equals("QUERY") && request.hasBody()
                ? QueryContent.read(request, body)
                        .thenCompose(query -> answered(query.head(), query.content(), origin, interim))
                : answered(request, body, origin, interim);
        return answer.exceptionally(this::broken);
    }

    /** The answer where the cache itself failed: an error as any other, so that no request waits for ever. */
    private Answer broken(Throwable failure) {
        LOG.warn("A request failed", failure);
        return answers.error(500, "the cache failed", CacheStatus.failed(null, Reason.ORIGIN_FAILED), now());
    }

    /**
     * The answer that a fresh response gives which this process has stored; null if it takes anything more than that.
     * Then nothing has happened yet, and {@link #serve} answers.
     *
     * @param request without content
     */
    public @Nullable Answer hit(RequestHead request) {
        List<StoredResponse> found = refusal(request) == null ? store.findHere(CacheKey.of(request)) : null;
        if (found == null || found.isEmpty()) {
            return null;
        }
        Instant now = now();
        return decide(request, found, now) instanceof Decision.Hit hit
                        && hit.stored().body().isHere()
                ? answer(request, hit, now)
                : null;
    }

    private CompletionStage<Answer> answered(RequestHead request, Content body, Origin origin, Interim interim) {
        return open(request, true)
                .exceptionally(failure -> alone(request, new Decision.Bypass(Reason.BYPASS), time()))
                .thenCompose(step -> {
                    if (step instanceof Step.Forward forward) {
                        forward.exchange().onInterims(interim);
                        return forward.exchange().fetch(origin, body);
                    }
                    Step.Answered answered = (Step.Answered) step;
                    Exchange refresh = answered.refresh() == null
                            ? null
                            : answered.refresh().begin();
                    if (refresh != null) {
                        refresh.refresh(origin);
                    }
                    return answered.far() == null
                            ? CompletableFuture.completedFuture(answered.answer())
                            : FarAnswers.begun(this, request, origin, answered.answer(), answered.far());
                });
    }

    /** Answers {@code request} as if nothing were stored, on its own. */
    CompletionStage<Answer> anew(RequestHead request, Origin origin) {
        Decision decision = decide(request, List.of(), now());
        return decision instanceof Decision.Unsatisfiable unsatisfiable
                ? CompletableFuture.completedFuture(unsatisfiable(unsatisfiable, now()))
                : anew(request, origin, decision);
    }

    /** The same, for this reason. */
    CompletionStage<Answer> anew(RequestHead request, Origin origin, Decision decision) {
        return new Exchange(this, request, decision, time()).fetch(origin, Content.empty());
    }

    /** Answers {@code request} from {@code origin}, past the store: nothing is found, stored or shared. */
    public CompletionStage<Answer> forward(RequestHead request, Content body, Origin origin) {
        Refusal refusal = refusal(request);
        if (refusal != null) {
            return CompletableFuture.completedFuture(refused(refusal));
        }
        return new Exchange(this, request, new Decision.Bypass(Reason.BYPASS), time()).fetch(origin, body);
    }

    private @Nullable Refusal refusal(RequestHead request) {
        return answers.wasHere(request.headers()) ? Refusal.LOOP : Refusal.of(request);
    }

    private Answer refused(Refusal refusal) {
        CacheStatus status = CacheStatus.failed(null, refusal.reason());
        return answers.error(refusal.status(), refusal.sentence(), status, now());
    }

    /**
     * Asks the store, and says what is to be done for {@code request}, in front of something that cannot be asked twice.
     * The stage completes at once, unless the store goes over a network or someone else is fetching the same; it never
     * fails.
     */
    public CompletionStage<Step> open(RequestHead request) {
        if (answers.wasHere(request.headers())) {
            return done(new Step.Answered(refused(Refusal.LOOP)));
        }
        return open(request, false)
                .exceptionally(failure -> alone(request, new Decision.Bypass(Reason.BYPASS), time()));
    }

    /**
     * The same.
     *
     * @param again whether the origin can be asked again, if what it says does not complete a stored beginning
     */
    private CompletionStage<Step> open(RequestHead request, boolean again) {
        StoreTime time = time();
        Reason bypass = Reuse.bypass(policy, request);
        if (bypass != null) {
            return done(alone(request, new Decision.Bypass(bypass), time));
        }
        CacheKey key = CacheKey.of(request);
        Lookup lookup = new Lookup(request, key, "", collapsing.departures(key), time, again);
        Equivalents.Found nothing = new Equivalents.Found(List.of(), List.of());
        return time.bound(attempt(() -> equivalents.find(key)), nothing)
                .thenCompose(found -> found.equivalent().isEmpty()
                        ? decided(lookup, found.own())
                        : equivalent(lookup, found.equivalent()));
    }

    /**
     * A request for which the store is being asked.
     *
     * @param variant {@link Selection#variant}, where a stored response tells it; else empty
     * @param departures {@link Collapsing#departures}, before the store was asked
     * @param time how long it may still wait for the store
     * @param again whether the origin can be asked twice
     */
    private record Lookup(
            RequestHead request, CacheKey key, String variant, long departures, StoreTime time, boolean again) {
        /** The same for the variant that the request selects by the newest of the {@code known} responses to its key. */
        Lookup among(List<StoredResponse> known) {
            String selected = known.isEmpty() ? "" : known.get(0).selection().variant(request.headers());
            return new Lookup(request, key, selected, departures, time, again);
        }

        /** Whether {@code later} is known to be for a variant of its own, which this was not. */
        boolean isNarrowedTo(Lookup later) {
            return variant.isEmpty() && !later.variant.isEmpty();
        }
    }

    private StoreTime time() {
        return new StoreTime(store.deadline());
    }

    private CompletionStage<List<StoredResponse>> find(CacheKey key, StoreTime time) {
        return time.bound(attempt(() -> store.find(key)), List.of());
    }

    /** A store that throws is like one whose stage fails. */
    private <T> CompletionStage<T> attempt(Supplier<CompletionStage<T>> operation) {
        try {
            return operation.get();
        } catch (RuntimeException broken) {
            storeFailed(broken);
            return CompletableFuture.failedFuture(broken);
        }
    }

    /** Begins to store a response; null if the store cannot. */
    @Nullable
    Fill fill(CacheKey key) {
        try {
            return store.fill(key);
        } catch (RuntimeException broken) {
            storeFailed(broken);
            return null;
        }
    }

    /** Says once that the store fails. */
    void storeFailed(RuntimeException broken) {
        if (warned.compareAndSet(false, true)) {
            LOG.warn("The store fails, requests are forwarded: {}", broken.toString());
        }
        LOG.debug("The store failed", broken);
    }

    /** A response to an equivalent URL answers if it is fresh; to validate it is not worth the confusion. */
    private CompletionStage<Step> equivalent(Lookup lookup, List<StoredResponse> others) {
        Instant now = now();
        return decide(lookup.request(), others, now) instanceof Decision.Hit hit
                ? done(answered(lookup.request(), hit, now))
                : decided(lookup, List.of());
    }

    private CompletionStage<Step> decided(Lookup lookup, List<StoredResponse> found) {
        Instant now = now();
        RequestHead request = lookup.request();
        Decision decision = decide(request, found, now);
        if (decision instanceof Decision.Hit hit) {
            return done(answered(request, hit, now));
        }
        if (decision instanceof Decision.Stale stale) {
            CacheStatus status = CacheStatus.hit(stale.stored().freshness().ttl(now), stale.reason());
            Answer answer = answers.stored(request, stale.stored(), status, now);
            Refresh refresh = stale.refresh() ? () -> refresh(request, lookup.key(), stale.stored()) : null;
            return done(Step.Answered.of(stale.stored(), answer, refresh));
        }
        if (decision instanceof Decision.Unsatisfiable unsatisfiable) {
            return done(new Step.Answered(unsatisfiable(unsatisfiable, now)));
        }
        if (decision instanceof Decision.Complete complete
                && !(lookup.again() && complete.stored().body().isHere())) {
            decision = new Decision.Miss(Reason.PARTIAL);
        }
        return collapsing.admits(request, lookup.key(), decision)
                ? joined(lookup.among(found), decision)
                : done(alone(request, decision, lookup.time()));
    }

    private Answer unsatisfiable(Decision.Unsatisfiable decision, Instant now) {
        return answers.error(504, "nothing stored matches", CacheStatus.failed(null, decision.reason()), now);
    }

    private static CompletionStage<Step> done(Step step) {
        return CompletableFuture.completedFuture(step);
    }

    private Step alone(RequestHead request, Decision decision, StoreTime time) {
        return new Step.Forward(new Exchange(this, request, decision, time));
    }

    /** Leads the fetch, or waits for the one who does. */
    private CompletionStage<Step> joined(Lookup lookup, Decision decision) {
        RequestHead request = lookup.request();
        Exchange[] mine = new Exchange[1];
        Exchange leader = collapsing.leadOrFind(
                lookup.key(), () -> mine[0] = new Exchange(this, request, decision, lookup.time()));
        if (leader == mine[0]) {
            CompletionStage<Step> leading = collapsing.departures(lookup.key()) == lookup.departures()
                    ? leased(lookup, leader)
                    : askAgain(lookup, leader);
            return leading.exceptionally(failure -> new Step.Forward(leader));
        }
        int waiter = leader.oneMoreWaits();
        if (!collapsing.mayWait(leader, waiter)) {
            return done(alone(request, decision, lookup.time()));
        }
        return collapsing.landing(leader, waiter).thenCompose(landed -> {
            Step answered = leader.follow(request, decision.reason(), landed);
            return answered == null ? apart(lookup, decision, landed) : done(answered);
        });
    }

    /** Forwards a request that another's response does not answer; as one for a variant of its own, if it is that. */
    private CompletionStage<Step> apart(Lookup lookup, Decision decision, Landing landed) {
        Exchange exchange = new Exchange(this, lookup.request(), decision, lookup.time());
        StoredResponse another = landed instanceof Landing.Shared shared
                ? shared.response()
                : landed instanceof Landing.Confirmed confirmed ? confirmed.stored() : null;
        return another == null || another.selection().matches(lookup.request().headers())
                ? done(new Step.Forward(exchange))
                : leased(lookup.among(List.of(another)), exchange).exceptionally(failed -> new Step.Forward(exchange));
    }

    /** Forwards, unless another node does: then waits until it is over. */
    private CompletionStage<Step> leased(Lookup lookup, Exchange leader) {
        if (leases == FillLeases.ALONE) {
            return done(new Step.Forward(leader));
        }
        return lease(lookup).thenCompose(lease -> {
            if (lease instanceof FillLeases.Elsewhere elsewhere) {
                return awaited(lookup, leader, elsewhere, now().plus(collapsing.maxWait()));
            }
            leader.onLeave(((FillLeases.Held) lease).release());
            return done(new Step.Forward(leader));
        });
    }

    /** Asks to be the one that fetches; whoever gets no answer in time is, and gives back what is granted later. */
    private CompletionStage<FillLeases.Lease> lease(Lookup lookup) {
        CompletionStage<FillLeases.Lease> asked = leases.ask(lookup.key(), lookup.variant());
        FillLeases.Lease late = new FillLeases.Held(() -> asked.thenAccept(lease -> {
            if (lease instanceof FillLeases.Held held) {
                held.release().run();
            }
        }));
        return lookup.time().bound(asked, late);
    }

    /** Waits for another node as long as it holds the lease, but not for ever: then forwards. */
    private CompletionStage<Step> awaited(
            Lookup lookup, Exchange leader, FillLeases.Elsewhere elsewhere, Instant until) {
        return elsewhere.over().thenCompose(told -> {
            if (told || now().isAfter(until)) {
                return askAgain(lookup, leader);
            }
            return lease(lookup).thenCompose(lease -> {
                if (lease instanceof FillLeases.Elsewhere still) {
                    return awaited(lookup, leader, still, until);
                }
                leader.onLeave(((FillLeases.Held) lease).release());
                return askAgain(lookup, leader);
            });
        });
    }

    /** Someone else stored a response for this key while the store was asked. */
    private CompletionStage<Step> askAgain(Lookup lookup, Exchange leader) {
        return find(lookup.key(), lookup.time()).thenCompose(found -> {
            Instant now = now();
            if (decide(lookup.request(), found, now) instanceof Decision.Hit hit) {
                leader.abandon(hit.stored());
                return done(answered(lookup.request(), hit, now));
            }
            Lookup own = lookup.among(found);
            return lookup.isNarrowedTo(own) ? leased(own, leader) : done(new Step.Forward(leader));
        });
    }

    private Step answered(RequestHead request, Decision.Hit hit, Instant now) {
        return Step.Answered.of(hit.stored(), answer(request, hit, now), null);
    }

    private Answer answer(RequestHead request, Decision.Hit hit, Instant now) {
        CacheStatus status = CacheStatus.hit(hit.stored().freshness().ttl(now), null);
        return answers.stored(request, hit.stored(), status, now);
    }

    /** The exchange that refreshes a stale response, unless someone is fetching it already. */
    private @Nullable Exchange refresh(RequestHead request, CacheKey key, StoredResponse stored) {
        RequestHead whole = Validation.conditional(request, stored);
        RequestHead asGet = whole.isHead() ? whole.withMethod("GET") : whole;
        Decision revalidate = new Decision.Revalidate(stored, Reason.STALE_WHILE_REVALIDATE);
        Exchange[] mine = new Exchange[1];
        collapsing.leadOrFind(key, () -> mine[0] = new Exchange(this, asGet, revalidate, time()));
        return mine[0];
    }

    Decision decide(RequestHead request, List<StoredResponse> found, Instant now) {
        return Reuse.decide(policy, request, found, now);
    }

    /** The request to be forwarded: without the client's own conditions, if the policy fetches the whole. */
    RequestHead whole(RequestHead request, Decision decision) {
        return decision instanceof Decision.Bypass ? request : Validation.whole(policy, request);
    }

    Outcome judge(RequestHead request, Decision decision, ResponseHead response, Instant requestedAt) {
        return Reception.judge(policy, request, decision, response, requestedAt, now());
    }

    /** Removes what an unsafe request made worthless; done when the store has done so (RFC 9111 §4.4, RFC 9875 §3). */
    CompletableFuture<Void> invalidate(RequestHead request, ResponseHead response) {
        if (request.isSafe()) {
            return CompletableFuture.completedFuture(null);
        }
        Stream<CompletionStage<?>> keys = Invalidation.keys(request, response).stream()
                .map(key -> {
                    CompletionStage<Void> removed = store.invalidate(key);
                    collapsing.overtaken(key);
                    equivalents.forget(key);
                    return removed;
                });
        Stream<CompletionStage<?>> groups = Invalidation.groups(request, response).stream()
                .map(group -> store.purge(Purge.hard(Purge.Scope.Group.of(request.target(), group))));
        return CompletableFuture.allOf(Stream.concat(keys, groups)
                .map(CompletionStage::toCompletableFuture)
                .toArray(CompletableFuture<?>[]::new));
    }

    /** Whether a body of the announced length may be stored. */
    boolean fits(ResponseHead response) {
        Long length = response.headers().contentLength();
        return length == null || length <= maxObjectBytes;
    }

    /** A response for this key is being stored: equivalent URLs find it. */
    void learn(CacheKey key, ResponseHead response) {
        try {
            equivalents.learn(key, response);
        } catch (RuntimeException broken) {
            storeFailed(broken);
        }
    }

    /** The longest body that is stored: what was chosen, or what the memory holds. */
    long maxObjectBytes() {
        return maxObjectBytes;
    }

    /** Where work is done that must not hold up the thread that brings a response. */
    Executor threads() {
        return threads;
    }

    Collapsing collapsing() {
        return collapsing;
    }

    Instant now() {
        return clock.instant();
    }

    Answers answers() {
        return answers;
    }

    /** The store that this cache uses. */
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
         * What settles which of several nodes with the same store asks the origin, such as {@code RedisStore.leases()}; by
         * default each node does.
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

        /** The longest body that is stored, in bytes; by default 32 MiB. Longer ones stream through. */
        public Builder maxObjectBytes(long value) {
            maxObjectBytes = value;
            return this;
        }

        /** How long a request waits for another one's response head before it is forwarded itself; 30 s by default. */
        public Builder maxWait(Duration value) {
            maxWait = value;
            return this;
        }

        /** How many requests wait for one response head; the others are forwarded themselves. 4096 by default. */
        public Builder maxWaiters(int value) {
            maxWaiters = value;
            return this;
        }

        /**
         * Where requests go on that wait for one response, if they are many; by default the common pool. What runs there
         * does not block.
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
