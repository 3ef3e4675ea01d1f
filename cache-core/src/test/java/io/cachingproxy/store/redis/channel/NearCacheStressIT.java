package io.cachingproxy.store.redis.channel;

import static io.cachingproxy.testkit.StoredResponses.key;
import static io.cachingproxy.testkit.StoredResponses.response;
import static io.cachingproxy.testkit.StoredResponses.utf8;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.Fill;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.Purge;
import io.cachingproxy.store.Purge.Scope;
import io.cachingproxy.store.redis.bodies.InlineBody;
import io.cachingproxy.store.redis.bodies.SharedBody;
import io.cachingproxy.store.redis.near.NearCache;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * However threads interleave, a lookup that begins after a purge or a removal returned on this node, or after the
 * message of another node's was handled, does not find what was stored before it. Lincheck tries the interleavings.
 *
 * <p>Redis is a value that changes in one step here, as it does by scripts there. Each response bears the number of its
 * fill; a lookup notes first up to which number all must be gone. Where a call ends at its deadline, that is as soon as
 * the removal was begun here.
 *
 * <p>The windows between reading from Redis and keeping what was read:
 *
 * <ul>
 *   <li>read, purged, kept: the copy bears a mark from before it was read, and falls under the purge as if it had been
 *       stored before;
 *   <li>read, removed or cleared, kept: the mark is older than the removal, and the copy is refused;
 *   <li>begun here, read, told to Redis or not: what is owed is not read, and purges that are on their way hold for what
 *       is read;
 *   <li>read, a message lost, the channel heard again, kept: all is dropped at once when it is heard, which refuses the
 *       copy;
 *   <li>found, purged elsewhere, validated (304): the validation counts from the stamp up to which no purge is missing
 *       here.
 * </ul>
 */
public class NearCacheStressIT {
    private static final Set<String> ONE_STEP = Set.of(
            "io.cachingproxy.store.MemoryStore", "io.cachingproxy.store.parts.Bans", "io.cachingproxy.store.Purge");

    private static final String RIGHT = "as it should be";
    private static final CacheKey KEY = key("/a");
    private static final Purge PURGE = Purge.hard(new Scope.Url(KEY.target()));
    private static final Purge OTHER = Purge.hard(new Scope.Tag("other"));

    private static final Actor fill = actor("fillAndCommit");
    private static final Actor lookUp = actor("lookUp");
    private static final Actor validate = actor("validate");
    private static final Actor purge = actor("purge");
    private static final Actor purgeOther = actor("purgeOther");
    private static final Actor purgeElsewhere = actor("purgeElsewhere");
    private static final Actor remove = actor("remove");
    private static final Actor removeUntold = actor("removeUntold");
    private static final Actor removeElsewhere = actor("removeElsewhere");
    private static final Actor loseARemoval = actor("loseARemoval");
    private static final Actor hear = actor("hear");
    private static final Actor reconnect = actor("reconnect");

    /** What the operations say where nothing is brought back. */
    public static final class AsItShouldBe {
        public String lookUp() {
            return RIGHT;
        }

        public void fillAndCommit() {}

        public void validate() {}

        public void purge() {}

        public void purgeOther() {}

        public void purgeElsewhere() {}

        public void remove() {}

        public void removeUntold() {}

        public void removeElsewhere() {}

        public void loseARemoval() {}

        public void hear() {}

        public void reconnect() {}

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof AsItShouldBe;
        }

        @Override
        public int hashCode() {
            return 1;
        }
    }

    /** What Redis has: the entry, the latest stamp, those of the last removal and of the last purge. */
    private record Redis(@Nullable StoredResponse entry, long stamp, long removed, long purged) {
        Redis purge() {
            return new Redis(entry, stamp + 1, removed, stamp + 1);
        }

        Redis remove() {
            return new Redis(null, stamp + 1, stamp + 1, purged);
        }

        Redis with(StoredResponse response, long begun) {
            return removed > begun ? this : new Redis(response, stamp, removed, purged);
        }

        Redis freshened(StoredResponse response) {
            return entry != null && id(entry).equals(id(response)) ? new Redis(response, stamp, removed, purged) : this;
        }

        private static String id(StoredResponse response) {
            return ((SharedBody) response.body()).id();
        }
    }

    private final AtomicReference<Redis> redis = new AtomicReference<>(new Redis(null, 0, 0, 0));
    private final NearCache near =
            new NearCache(new MemoryStore(1 << 20, 1 << 10), Duration.ofDays(1), Duration.ofDays(1), () -> false);
    private final Stamps stamps = new Stamps();
    private final KnownPurges purges = new KnownPurges(near);
    private final PendingInvalidations owed = new PendingInvalidations(near);
    private final AtomicInteger fills = new AtomicInteger();
    private final AtomicInteger gone = new AtomicInteger();

    public NearCacheStressIT() {
        near.heard();
    }

    private static Actor actor(String operation) {
        return Arrays.stream(NearCacheStressIT.class.getMethods())
                .filter(method -> method.getName().equals(operation))
                .map(method -> new Actor(method, List.of()))
                .findAny()
                .orElseThrow();
    }

    /** From now on, what {@code before} fills and fewer brought is gone. */
    private void gone(int before) {
        gone.accumulateAndGet(before, Math::max);
    }

    private static int number(StoredResponse response) {
        return Integer.parseInt(String.valueOf(response.head().headers().first("X")));
    }

    private List<StoredResponse> found() {
        return near.find(KEY, () -> !owed.isOwed(KEY), () -> CompletableFuture.completedFuture(read()))
                .toCompletableFuture()
                .join();
    }

    private List<StoredResponse> read() {
        StoredResponse entry = redis.get().entry();
        StoredResponse left = entry == null ? null : purges.apply(KEY, entry, ((SharedBody) entry.body()).stamp());
        return left == null ? List.of() : List.of(left);
    }

    @Operation
    public String lookUp() {
        int before = gone.get();
        return found().stream().allMatch(response -> number(response) > before) ? RIGHT : "brought back";
    }

    @Operation
    public void fillAndCommit() {
        long begun = stamps.latest();
        int number = fills.incrementAndGet();
        SharedBody body = new InlineBody("id" + number, begun, utf8("x"), System.nanoTime());
        StoredResponse response = response("X", String.valueOf(number)).withBody(body);
        if (purges.apply(KEY, response, body.stamp()) != null) {
            redis.updateAndGet(now -> now.with(response, body.stamp()));
        }
        near.drop(KEY);
    }

    @Operation
    public void validate() {
        for (StoredResponse stored : found()) {
            long complete = purges.complete();
            Fill copy = near.store().fill(KEY);
            copy.freshen(stored, stored.freshened(stored.head(), stored.freshness()));
            SharedBody body = (SharedBody) stored.body();
            SharedBody validated = body.withStamp(purges.validated(KEY, stored, body.stamp(), complete));
            redis.updateAndGet(now -> now.freshened(stored.withBody(validated)));
            near.drop(KEY);
        }
    }

    @Operation
    public void purge() {
        int before = fills.get();
        purges.begin(PURGE);
        gone(before);
        told(PURGE);
    }

    @Operation
    public void purgeOther() {
        purges.begin(OTHER);
        told(OTHER);
    }

    private void told(Purge purge) {
        Redis was = redis.getAndUpdate(Redis::purge);
        stamps.heard(was.stamp() + 1);
        purges.told(purge, was.stamp() + 1, was.purged());
    }

    @Operation
    public void purgeElsewhere() {
        int before = fills.get();
        long stamp = redis.updateAndGet(Redis::purge).stamp();
        near.heard();
        stamps.heard(stamp);
        purges.learn(PURGE, stamp);
        gone(before);
    }

    @Operation
    public void remove() {
        long ticket = begin();
        redis.updateAndGet(Redis::remove);
        owed.told(KEY, ticket);
    }

    @Operation
    public void removeUntold() {
        begin();
    }

    private long begin() {
        int before = fills.get();
        long ticket = owed.begin(KEY);
        gone(before);
        return ticket;
    }

    @Operation
    public void removeElsewhere() {
        int before = fills.get();
        stamps.heard(redis.updateAndGet(Redis::remove).stamp());
        near.heard();
        owed.gone(KEY);
        gone(before);
    }

    /** The channel is interrupted, and while it is, another node removes something. */
    @Operation
    public void loseARemoval() {
        int before = fills.get();
        near.distrust();
        redis.updateAndGet(Redis::remove);
        gone(before);
    }

    @Operation
    public void hear() {
        near.heard();
    }

    /** The channel is interrupted, another node purges, and then this node catches up. */
    @Operation
    public void reconnect() {
        int before = fills.get();
        near.distrust();
        long stamp = redis.updateAndGet(Redis::purge).stamp();
        near.heard();
        stamps.heard(stamp);
        purges.learn(PURGE, stamp);
        purges.completeUpTo(stamp);
        gone(before);
    }

    @Test
    void what_was_read_before_a_purge_is_no_near_copy_after_it() {
        check(List.of(lookUp, lookUp), List.of(purge, lookUp));
        check(List.of(lookUp, lookUp), List.of(purgeElsewhere, lookUp));
    }

    @Test
    void what_was_read_before_a_removal_is_no_near_copy_after_it() {
        check(List.of(lookUp, lookUp), List.of(remove, lookUp));
        check(List.of(lookUp, lookUp), List.of(removeElsewhere, lookUp));
    }

    @Test
    void a_removal_that_redis_never_heard_of_holds_here() {
        check(List.of(lookUp, lookUp), List.of(removeUntold, lookUp));
    }

    @Test
    void a_commit_does_not_outlive_a_purge_or_a_removal() {
        check(List.of(fill, lookUp), List.of(purge, lookUp));
        check(List.of(fill, lookUp), List.of(purgeElsewhere, lookUp));
        check(List.of(fill, lookUp), List.of(remove, lookUp));
    }

    @Test
    void a_validation_does_not_undo_a_purge_or_a_removal() {
        check(List.of(validate, lookUp), List.of(purge, lookUp));
        check(List.of(validate, lookUp), List.of(remove, lookUp));
        check(List.of(validate), List.of(purgeElsewhere), List.of(lookUp));
    }

    @Test
    void a_validation_does_not_undo_a_purge_that_is_heard_of_after_a_later_one() {
        check(List.of(purgeOther, validate), List.of(purgeElsewhere, lookUp));
    }

    @Test
    void nothing_near_is_used_while_messages_may_be_missing() {
        check(List.of(lookUp, loseARemoval, lookUp), List.of(hear, lookUp));
        check(List.of(lookUp, lookUp), List.of(loseARemoval, hear, lookUp));
    }

    @Test
    void what_was_read_before_a_reconnection_is_no_near_copy_after_it() {
        check(List.of(lookUp, lookUp), List.of(reconnect, lookUp));
        check(List.of(validate, lookUp), List.of(reconnect, lookUp));
    }

    /** What has no threads in it, or has a test of its own: {@code RemovalStressIT}. */
    private static boolean isOneStep(String type) {
        return Stream.of(
                                "com.github.benmanes.",
                                "io.cachingproxy.http.",
                                "io.cachingproxy.policy.",
                                "io.cachingproxy.key.")
                        .anyMatch(type::startsWith)
                || ONE_STEP.contains(type);
    }

    /** Interleavings of what threads do after something was stored, and before one last look. */
    @SafeVarargs
    private static void check(List<Actor>... threads) {
        new ModelCheckingOptions()
                .addGuarantee(ManagedStrategyGuaranteeKt.forClasses(NearCacheStressIT::isOneStep)
                        .allMethods()
                        .treatAsAtomic())
                .addCustomScenario(new ExecutionScenario(List.of(fill), List.of(threads), List.of(lookUp), null))
                .sequentialSpecification(AsItShouldBe.class)
                .iterations(0)
                .invocationsPerIteration(Integer.getInteger("stress.invocations", 100))
                .check(NearCacheStressIT.class);
    }
}
