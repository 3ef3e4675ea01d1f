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
import io.cachingproxy.store.FillLeases;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.Purge;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

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
    private final Collapsing collapsing;
    private final Equivalents equivalents = new Equivalents();

    private HttpCache(Builder builder) {
        this.store = builder.store == null ? new MemoryStore(DEFAULT_MEMORY, builder.maxObjectBytes) : builder.store;
        this.leases = builder.leases;
        this.policy = builder.policy;
        this.clock = builder.clock;
        this.answers = new Answers(builder.name);
        this.maxObjectBytes = builder.maxObjectBytes;
        this.collapsing = new Collapsing(builder.clock, builder.maxWait, builder.maxWaiters);
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
        Refusal refusal = Refusal.of(request);
        if (refusal != null) {
            return refused(refusal);
        }
        return request.method().equals("QUERY") && request.hasBody()
                ? QueryContent.read(request, body)
                        .thenCompose(query -> answered(query.head(), query.content(), origin, interim))
                : answered(request, body, origin, interim);
    }

    /**
     * The answer that a fresh response gives which this process has stored; null if it takes anything more than that.
     * Then nothing has happened yet, and {@link #serve} answers.
     *
     * @param request without content
     */
    public @Nullable Answer hit(RequestHead request) {
        List<StoredResponse> found = Refusal.of(request) == null ? store.findHere(CacheKey.of(request)) : null;
        if (found == null || found.isEmpty()) {
            return null;
        }
        Instant now = now();
        return Reuse.decide(policy, request, found, now) instanceof Decision.Hit hit
                        && hit.stored().body().isHere()
                ? answer(request, hit, now)
                : null;
    }

    private CompletionStage<Answer> answered(RequestHead request, Content body, Origin origin, Interim interim) {
        return open(request).thenCompose(step -> {
            if (step instanceof Step.Forward forward) {
                forward.exchange().onInterims(interim);
                return fetch(forward.exchange(), body, origin);
            }
            Step.Answered answered = (Step.Answered) step;
            Exchange refresh = answered.refresh();
            if (refresh != null) {
                origin.fetch(refresh.forward(), Content.empty(), refresh);
            }
            return answered.far() == null
                    ? CompletableFuture.completedFuture(answered.answer())
                    : FarAnswers.begun(this, request, origin, answered.answer(), answered.far());
        });
    }

    /** Answers {@code request} as if nothing were stored, on its own. */
    CompletionStage<Answer> anew(RequestHead request, Origin origin) {
        Decision decision = Reuse.decide(policy, request, List.of(), now());
        return decision instanceof Decision.Unsatisfiable unsatisfiable
                ? CompletableFuture.completedFuture(unsatisfiable(unsatisfiable, now()))
                : fetch(new Exchange(this, request, decision), Content.empty(), origin);
    }

    /** Answers {@code request} from {@code origin}, past the store: nothing is found, stored or shared. */
    public CompletionStage<Answer> forward(RequestHead request, Content body, Origin origin) {
        Refusal refusal = Refusal.of(request);
        if (refusal != null) {
            return refused(refusal);
        }
        return fetch(new Exchange(this, request, new Decision.Bypass(Reason.BYPASS)), body, origin);
    }

    private CompletionStage<Answer> refused(Refusal refusal) {
        CacheStatus status = CacheStatus.failed(null, Reason.REFUSED);
        return CompletableFuture.completedFuture(answers.error(refusal.status(), refusal.sentence(), status, now()));
    }

    private static CompletionStage<Answer> fetch(Exchange exchange, Content body, Origin origin) {
        CompletionStage<Answer> answer = exchange.answer();
        origin.fetch(exchange.forward(), body, exchange);
        return answer;
    }

    /**
     * Asks the store, and says what is to be done for {@code request}. The stage completes at once, unless the store
     * goes over a network or someone else is fetching the same; it never fails.
     */
    public CompletionStage<Step> open(RequestHead request) {
        Reason bypass = Reuse.bypass(policy, request);
        if (bypass != null) {
            return CompletableFuture.completedFuture(alone(request, new Decision.Bypass(bypass)));
        }
        CacheKey key = CacheKey.of(request);
        long departures = collapsing.departures(key);
        return store.find(key).thenCompose(found -> {
            CacheKey equivalent = found.isEmpty() ? equivalents.of(key) : null;
            return equivalent == null
                    ? decided(request, key, found, departures)
                    : store.find(equivalent).thenCompose(others -> equivalent(request, key, others, departures));
        });
    }

    /** A response to an equivalent URL answers if it is fresh; to validate it is not worth the confusion. */
    private CompletionStage<Step> equivalent(
            RequestHead request, CacheKey key, List<StoredResponse> others, long departures) {
        Instant now = now();
        return Reuse.decide(policy, request, others, now) instanceof Decision.Hit hit
                ? done(answered(request, hit, now))
                : decided(request, key, List.of(), departures);
    }

    private CompletionStage<Step> decided(
            RequestHead request, CacheKey key, List<StoredResponse> found, long departures) {
        Instant now = now();
        Decision decision = Reuse.decide(policy, request, found, now);
        if (decision instanceof Decision.Hit hit) {
            return done(answered(request, hit, now));
        }
        if (decision instanceof Decision.Stale stale) {
            CacheStatus status = CacheStatus.hit(stale.stored().freshness().ttl(now), stale.reason());
            Answer answer = answers.stored(request, stale.stored(), status, now);
            Exchange refresh = stale.refresh() ? refresh(request, key, stale.stored()) : null;
            return done(Step.Answered.of(stale.stored(), answer, refresh));
        }
        if (decision instanceof Decision.Unsatisfiable unsatisfiable) {
            return done(new Step.Answered(unsatisfiable(unsatisfiable, now)));
        }
        if (decision instanceof Decision.Complete complete
                && !complete.stored().body().isHere()) {
            decision = new Decision.Miss(Reason.PARTIAL);
        }
        return collapsing.admits(request, key, decision)
                ? joined(request, key, decision, departures)
                : done(alone(request, decision));
    }

    private Answer unsatisfiable(Decision.Unsatisfiable decision, Instant now) {
        return answers.error(504, "nothing stored matches", CacheStatus.failed(null, decision.reason()), now);
    }

    private static CompletionStage<Step> done(Step step) {
        return CompletableFuture.completedFuture(step);
    }

    private Step alone(RequestHead request, Decision decision) {
        return new Step.Forward(new Exchange(this, request, decision));
    }

    /** Leads the fetch, or waits for the one who does. */
    private CompletionStage<Step> joined(RequestHead request, CacheKey key, Decision decision, long departures) {
        Exchange[] mine = new Exchange[1];
        Exchange leader = collapsing.leadOrFind(key, () -> mine[0] = new Exchange(this, request, decision));
        if (leader == mine[0]) {
            return collapsing.departures(key) == departures
                    ? leased(request, key, leader)
                    : askAgain(request, key, leader);
        }
        if (!collapsing.mayWait(leader)) {
            return done(alone(request, decision));
        }
        return collapsing.landing(leader).thenApply(landed -> {
            Answer answer = leader.follow(request, decision.reason(), landed);
            return answer == null ? alone(request, decision) : new Step.Answered(answer);
        });
    }

    /** Forwards, unless another node does: then waits until it is over. */
    private CompletionStage<Step> leased(RequestHead request, CacheKey key, Exchange leader) {
        if (leases == FillLeases.ALONE) {
            return done(new Step.Forward(leader));
        }
        return leases.ask(key).thenCompose(lease -> {
            if (lease instanceof FillLeases.Elsewhere elsewhere) {
                return awaited(request, key, leader, elsewhere, now().plus(collapsing.maxWait()));
            }
            leader.onLeave(((FillLeases.Held) lease).release());
            return done(new Step.Forward(leader));
        });
    }

    /** Waits for another node as long as it holds the lease, but not for ever: then forwards. */
    private CompletionStage<Step> awaited(
            RequestHead request, CacheKey key, Exchange leader, FillLeases.Elsewhere elsewhere, Instant until) {
        return elsewhere.over().thenCompose(told -> {
            if (told || now().isAfter(until)) {
                return askAgain(request, key, leader);
            }
            return leases.ask(key).thenCompose(lease -> {
                if (lease instanceof FillLeases.Elsewhere still) {
                    return awaited(request, key, leader, still, until);
                }
                leader.onLeave(((FillLeases.Held) lease).release());
                return askAgain(request, key, leader);
            });
        });
    }

    /** Someone else stored a response for this key while the store was asked. */
    private CompletionStage<Step> askAgain(RequestHead request, CacheKey key, Exchange leader) {
        return store.find(key).thenApply(found -> {
            Instant now = now();
            if (Reuse.decide(policy, request, found, now) instanceof Decision.Hit hit) {
                leader.abandon(hit.stored());
                return answered(request, hit, now);
            }
            return new Step.Forward(leader);
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
        collapsing.leadOrFind(key, () -> mine[0] = new Exchange(this, asGet, revalidate));
        return mine[0];
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

    /** A response for this key is being stored: others may read along, and equivalent URLs find it. */
    void shared(CacheKey key, ResponseHead response) {
        collapsing.shared(key);
        equivalents.learn(key, response.headers());
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

        public HttpCache build() {
            return new HttpCache(this);
        }
    }
}
