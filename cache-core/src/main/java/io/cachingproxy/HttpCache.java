package io.cachingproxy;

import io.cachingproxy.http.Content;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.http.syntax.FieldValues;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.key.KeyBase;
import io.cachingproxy.policy.Decision;
import io.cachingproxy.policy.Outcome;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.policy.Reception;
import io.cachingproxy.policy.Reuse;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.policy.parts.Invalidation;
import io.cachingproxy.policy.parts.Validation;
import io.cachingproxy.rules.Redirect;
import io.cachingproxy.rules.Respond;
import io.cachingproxy.rules.Rules;
import io.cachingproxy.rules.Site;
import io.cachingproxy.rules.Sites;
import io.cachingproxy.rules.Treatment;
import io.cachingproxy.store.CacheStore;
import io.cachingproxy.store.Confirmation;
import io.cachingproxy.store.Fill;
import io.cachingproxy.store.FillLeases;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.Purge;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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
    private final WatchedClock clock;
    private final Answers answers;
    private final long maxObjectBytes;
    private final Executor threads;
    private final AtomicBoolean warned = new AtomicBoolean();
    private final AtomicBoolean warnedOfKeys = new AtomicBoolean();
    private final Events events;
    private final Coalescing coalescing;
    private final MissPath misses;
    private final Equivalents equivalents;

    private HttpCache(Builder builder) {
        this.store = builder.store == null ? new MemoryStore(DEFAULT_MEMORY, builder.maxObjectBytes) : builder.store;
        this.sites = builder.allSites();
        this.clock = new WatchedClock(builder.clock, System::nanoTime, this::clockWasSetBack);
        this.answers = new Answers(builder.name);
        this.maxObjectBytes = Math.min(builder.maxObjectBytes, store.memory().longestBody());
        this.threads = builder.threads;
        this.events = new Events(builder.listeners);
        store.listen(events);
        this.equivalents = new Equivalents(store, clock);
        this.coalescing = new Coalescing(builder.clock, builder.maxWait, builder.maxWaiters, threads);
        this.misses = new MissPath(this, coalescing, builder.leases);
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
        Site site = sites.find(request.target().authority());
        if (site == null) {
            Treatment none = Rules.NONE.forRequest(request, null);
            return new CacheRequest(request, null, none, CacheKey.of(request), true, null);
        }
        InetAddress address = site.rules().list().isEmpty() ? null : client.get();
        Treatment treatment = site.rules().forRequest(request, address);
        KeyBase base = site.isEverything() ? only : null;
        Target keyed = base == null ? request.target() : base.of(request.target());
        try {
            CacheKey key = treatment.key(request, keyed);
            return new CacheRequest(request, site, treatment, key, treatment.bypasses(), base);
        } catch (RuntimeException | Error broken) { // a user function may throw anything
            if (warnedOfKeys.compareAndSet(false, true)) {
                LOG.warn("The key function of a rule fails, such requests bypass the cache: {}", broken.toString());
            }
            return new CacheRequest(request, site, treatment, CacheKey.of(request, keyed, null), true, base);
        }
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
        long begun = events.begin(request);
        Answer own = own(request);
        if (own != null) {
            return CompletableFuture.completedFuture(events.answered(request, own, begun));
        }
        RequestHead head = request.head();
        CompletionStage<Answer> answer = head.method().equals("QUERY") && head.hasBody()
                ? QueryContent.read(head, body)
                        .thenCompose(query -> answered(request.with(query.head()), query.content(), origin, interim))
                : answered(request, body, origin, interim);
        CompletionStage<Answer> given = answer.exceptionally(this::broken);
        return begun == 0 ? given : given.thenApply(it -> events.answered(request, it, begun));
    }

    /** The answer after a failure of the cache itself: an error response, so that no request waits forever. */
    private Answer broken(Throwable failure) {
        LOG.warn("A request failed", failure);
        return answers.error(500, "the cache failed", CacheStatus.failed(null, Reason.ORIGIN_FAILED), now());
    }

    /**
     * Fast path: the answer from a fresh response stored in this process. Null if the request needs more than that;
     * then it has had no effect yet and must be passed to {@link #serve}.
     *
     * @param request without content
     */
    public @Nullable Answer hit(CacheRequest request) {
        long begun = events.now();
        boolean looksUp =
                !request.bypasses() && !request.treatment().answers() && !request.climbs() && refusal(request) == null;
        Instant now = now(); // before the store is asked, see clockWasSetBack
        List<StoredResponse> found = looksUp ? store.findHere(request.key()) : null;
        if (found == null || found.isEmpty()) {
            return null;
        }
        return decide(request, found, now) instanceof Decision.Hit hit
                        && hit.stored().body().isHere()
                ? events.hit(request, hit, answer(request, hit, now), begun)
                : null;
    }

    private CompletionStage<Answer> answered(CacheRequest request, Content body, Origin origin, Interim interim) {
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

    /** Answers {@code request} from the origin as if the store were empty, without coalescing. */
    CompletionStage<Answer> anew(CacheRequest request, Origin origin) {
        Decision decision = decide(request, List.of(), now());
        return decision instanceof Decision.Unsatisfiable unsatisfiable
                ? CompletableFuture.completedFuture(unsatisfiable(unsatisfiable, now()))
                : anew(request, origin, decision);
    }

    /** Answers {@code request} from the origin, without coalescing, for the reason of {@code decision}. */
    CompletionStage<Answer> anew(CacheRequest request, Origin origin, Decision decision) {
        return new Exchange(this, request, decision, time()).fetch(origin, Content.empty());
    }

    /** Answers {@code request} from {@code origin}, bypassing the cache: no lookup, no storing, no coalescing. */
    public CompletionStage<Answer> forward(CacheRequest request, Content body, Origin origin) {
        Answer own = own(request);
        return own == null
                ? new Exchange(this, request, new Decision.Bypass(Reason.BYPASS), time()).fetch(origin, body)
                : CompletableFuture.completedFuture(own);
    }

    /** The answer that does not depend on the store: a refusal, or the answer of a rule; null if neither applies. */
    private @Nullable Answer own(CacheRequest request) {
        Refusal refusal = refusal(request);
        return refusal == null ? byRule(request) : refused(refusal);
    }

    private @Nullable Refusal refusal(CacheRequest request) {
        return answers.wasHere(request.head().headers()) ? Refusal.LOOP : Refusal.of(request.head());
    }

    private @Nullable Answer byRule(CacheRequest request) {
        if (request.site() == null) {
            return refused(Refusal.MISDIRECTED);
        }
        Redirect redirect = request.treatment().redirect();
        if (redirect != null) {
            return answers.redirect(request, redirect, now());
        }
        Respond respond = request.treatment().respond();
        if (respond != null) {
            return answers.respond(request, respond, now());
        }
        return request.climbs() ? refused(Refusal.CLIMBS) : null;
    }

    private Answer refused(Refusal refusal) {
        CacheStatus status = CacheStatus.failed(null, refusal.reason());
        return answers.error(refusal.status(), refusal.sentence(), status, now());
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
        boolean loops = answers.wasHere(request.head().headers());
        Answer own = loops ? refused(Refusal.LOOP) : byRule(request);
        CompletionStage<Step> step = own == null
                ? open(request, false)
                        .exceptionally(failure -> alone(request, new Decision.Bypass(Reason.BYPASS), time()))
                : done(new Step.Answered(own));
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
     * Asks the store and decides how to handle {@code request}.
     *
     * @param again whether the request can be sent to the origin again, if the response does not complete a stored
     *     partial one
     */
    private CompletionStage<Step> open(CacheRequest request, boolean again) {
        clock.instant(); // before the store is asked, see clockWasSetBack
        StoreTime time = time();
        Reason bypass = request.bypasses()
                ? Reason.RULE
                : Reuse.bypass(request.treatment().beforeResponse(), request.head());
        if (bypass != null) {
            Decision decision = new Decision.Bypass(bypass);
            events.tell(it -> it.onDecision(request, decision));
            return done(alone(request, decision, time));
        }
        CacheKey key = request.key();
        Lookup lookup = new Lookup(request, "", coalescing.departures(key), time, again);
        Equivalents.Found nothing = new Equivalents.Found(List.of(), List.of());
        return time.bound(attempt(() -> equivalents.find(key)), nothing)
                .thenCompose(found -> found.equivalent().isEmpty()
                        ? decided(lookup, found.own())
                        : equivalent(lookup, found.equivalent()));
    }

    StoreTime time() {
        return new StoreTime(store.deadline());
    }

    CompletionStage<List<StoredResponse>> find(CacheKey key, StoreTime time) {
        return time.bound(attempt(() -> store.find(key)), List.of());
    }

    /** Runs a store operation; an exception becomes a failed stage. */
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

    /** Makes all stored responses stale: their age is unknown after the clock was set back (RFC 9111 §4.2.3). */
    private void clockWasSetBack(Duration by, Instant now) {
        LOG.warn("The clock was set back by {} s: what is stored is validated before it is used", by.toSeconds());
        attempt(() -> store.purge(Purge.soft(new Purge.Scope.All(), now)));
    }

    /** Logs a failure of the store, the first time only. */
    void storeFailed(RuntimeException broken) {
        if (warned.compareAndSet(false, true)) {
            LOG.warn("The store fails, requests are forwarded: {}", broken.toString());
        }
        LOG.debug("The store failed", broken);
    }

    /** Answers with a response to an equivalent URL only if it is fresh; such responses are never revalidated. */
    private CompletionStage<Step> equivalent(Lookup lookup, List<StoredResponse> others) {
        Instant now = now();
        if (decide(lookup.request(), others, now) instanceof Decision.Hit hit) {
            events.tell(it -> it.onDecision(lookup.request(), hit));
            return done(answered(lookup.request(), hit, now));
        }
        return decided(lookup, List.of());
    }

    private CompletionStage<Step> decided(Lookup lookup, List<StoredResponse> found) {
        Instant now = now();
        CacheRequest request = lookup.request();
        Decision decision = decide(request, found, now);
        Decision made = decision;
        events.tell(it -> it.onDecision(request, made));
        if (decision instanceof Decision.Hit hit) {
            return done(answered(request, hit, now));
        }
        if (decision instanceof Decision.Stale stale) {
            CacheStatus status = CacheStatus.hit(stale.stored().freshness().ttl(now), stale.reason());
            Answer answer = answers.stored(request, stale.stored(), status, now);
            Refresh refresh = stale.refresh() ? () -> misses.refresh(lookup.among(found), stale.stored()) : null;
            return done(Step.Answered.of(stale.stored(), answer, refresh));
        }
        if (decision instanceof Decision.Unsatisfiable unsatisfiable) {
            return done(new Step.Answered(unsatisfiable(unsatisfiable, now)));
        }
        if (decision instanceof Decision.Complete complete
                && !(lookup.again() && complete.stored().body().isHere())) {
            decision = new Decision.Miss(Reason.PARTIAL);
        }
        return coalescing.admits(request, decision)
                ? misses.joined(lookup.among(found), decision)
                : done(alone(request, decision, lookup.time()));
    }

    private Answer unsatisfiable(Decision.Unsatisfiable decision, Instant now) {
        return answers.error(504, "nothing stored matches", CacheStatus.failed(null, decision.reason()), now);
    }

    static CompletionStage<Step> done(Step step) {
        return CompletableFuture.completedFuture(step);
    }

    Step alone(CacheRequest request, Decision decision, StoreTime time) {
        return new Step.Forward(new Exchange(this, request, decision, time));
    }

    Step answered(CacheRequest request, Decision.Hit hit, Instant now) {
        return Step.Answered.of(hit.stored(), answer(request, hit, now), null);
    }

    private Answer answer(CacheRequest request, Decision.Hit hit, Instant now) {
        CacheStatus status = CacheStatus.hit(hit.stored().freshness().ttl(now), null);
        return answers.stored(request, hit.stored(), status, now);
    }

    Decision decide(CacheRequest request, List<StoredResponse> found, Instant now) {
        return request.bypasses()
                ? new Decision.Bypass(Reason.RULE)
                : Reuse.decide(request.treatment(), request.head(), found, now);
    }

    /** The request to be forwarded: without the client's conditions, if the policy fetches the complete response. */
    RequestHead whole(CacheRequest request, Decision decision) {
        return decision instanceof Decision.Bypass
                ? request.head()
                : Validation.whole(request.treatment().beforeResponse(), request.head());
    }

    Outcome judge(CacheRequest request, Decision decision, ResponseHead response, Instant requestedAt) {
        return request.bypasses()
                ? new Outcome.Relay(Reason.RULE)
                : Reception.judge(request.treatment(), request.atOrigin(), decision, response, requestedAt, now());
    }

    /**
     * Removes the responses that an unsafe request invalidates; completes when the store has removed them (RFC 9111
     * §4.4, RFC 9875 §3).
     */
    CompletableFuture<Void> invalidate(CacheRequest request, ResponseHead response) {
        Site site = request.site();
        if (request.head().isSafe() || site == null) {
            return CompletableFuture.completedFuture(null);
        }
        Stream<CompletionStage<?>> urls = Invalidation.targets(request.atOrigin(), response).stream()
                .flatMap(target -> request.keyTargets(target).stream())
                .distinct()
                .map(target -> invalidate(site, target));
        Set<Target> own = site.rules().keyTargetsBelow(request.atOrigin().target());
        Stream<CompletionStage<?>> groups = Invalidation.groups(request.head(), response).stream()
                .flatMap(group -> own.stream().map(target -> Purge.Scope.Group.of(target, group)))
                .distinct()
                .map(scope -> store.purge(Purge.hard(scope)));
        return CompletableFuture.allOf(Stream.concat(urls, groups)
                .map(CompletionStage::toCompletableFuture)
                .toArray(CompletableFuture<?>[]::new));
    }

    private CompletionStage<?> invalidate(Site site, Target target) {
        CacheKey key = CacheKey.ofGet(target);
        CompletionStage<?> removed = site.rules().addsToKeys()
                ? store.purge(Purge.hard(new Purge.Scope.Url(target))) // the keys are unknown
                : store.invalidate(key);
        coalescing.overtaken(key);
        equivalents.forget(key);
        return removed;
    }

    /** Updates the index of equivalent URLs from a response that is being stored. */
    void learn(CacheKey key, ResponseHead response) {
        try {
            equivalents.learn(key, response);
        } catch (RuntimeException broken) {
            storeFailed(broken);
        }
    }

    /** The longest body that is stored, in bytes: the configured limit, or less if memory is smaller. */
    long maxObjectBytes() {
        return maxObjectBytes;
    }

    /** The executor for work that must not delay the thread that delivers a response. */
    Executor threads() {
        return threads;
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
         * How long a follower waits for the head of the leader's response before it is forwarded itself; 30 s by
         * default.
         */
        public Builder maxWait(Duration value) {
            maxWait = value;
            return this;
        }

        /** How many requests may wait for one response head; further ones are forwarded at once. 4096 by default. */
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
