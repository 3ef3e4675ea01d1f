package io.cachingproxy.store;

import static io.cachingproxy.testkit.StoredResponses.key;
import static io.cachingproxy.testkit.StoredResponses.response;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.Purge.Scope;
import java.util.Arrays;
import java.util.List;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;

/**
 * However threads interleave, the memory store does what it would have done had each operation happened at one moment:
 * so nothing comes back that began before a removal that returned. Lincheck tries the interleavings.
 */
public class RemovalStressIT {
    private static final CacheKey KEY = key("/a");

    /** Made once, beside the interleavings: what reads its fields does not belong to the store. */
    private static final StoredResponse RESPONSE = response("Cache-Tag", "news", "X", "stored");

    private static final Actor fill = actor("fillAndCommit");
    private static final Actor lookUp = actor("lookUp");
    private static final Actor purgeUrl = actor("purgeUrl");
    private static final Actor purgeSomethingElse = actor("purgeSomethingElse");
    private static final Actor invalidate = actor("invalidate");
    private static final Actor clear = actor("clear");

    private final MemoryStore store = new MemoryStore(1 << 20, 1 << 10);

    private static Actor actor(String operation) {
        return Arrays.stream(RemovalStressIT.class.getMethods())
                .filter(method -> method.getName().equals(operation))
                .map(method -> new Actor(method, List.of()))
                .findAny()
                .orElseThrow();
    }

    @Operation
    public void fillAndCommit() {
        store.fill(KEY).commit(RESPONSE);
    }

    @Operation
    public String lookUp() {
        List<StoredResponse> found = store.find(KEY).toCompletableFuture().join();
        return found.isEmpty()
                ? "nothing"
                : String.valueOf(found.get(0).head().headers().first("X"));
    }

    @Operation
    public void purgeUrl() {
        store.purge(Purge.hard(new Scope.Url(KEY.target())));
    }

    @Operation
    public void purgeSomethingElse() {
        store.purge(Purge.hard(new Scope.Tag("sports")));
    }

    @Operation
    public void invalidate() {
        store.invalidate(KEY);
    }

    @Operation
    public void clear() {
        store.clear();
    }

    @Test
    void a_purge_holds_whatever_else_is_purged_and_looked_up_meanwhile() {
        check(List.of(fill), List.of(List.of(purgeUrl), List.of(purgeSomethingElse, lookUp)));
    }

    @Test
    void a_fill_does_not_outlive_a_purge() {
        check(List.of(), List.of(List.of(fill, lookUp), List.of(purgeUrl, lookUp)));
    }

    @Test
    void a_fill_does_not_outlive_an_invalidation() {
        check(List.of(fill), List.of(List.of(fill), List.of(invalidate, lookUp)));
    }

    @Test
    void a_fill_does_not_outlive_a_clearing() {
        check(List.of(fill), List.of(List.of(fill), List.of(clear, lookUp)));
    }

    /** All interleavings of what two threads do after {@code before}, and before one last look. */
    private void check(List<Actor> before, List<List<Actor>> threads) {
        new ModelCheckingOptions()
                .addGuarantee(ManagedStrategyGuaranteeKt.forClasses(name -> name.startsWith("com.github.benmanes."))
                        .allMethods()
                        .treatAsAtomic())
                .addCustomScenario(new ExecutionScenario(before, threads, List.of(lookUp), null))
                .iterations(0)
                .invocationsPerIteration(500)
                .check(RemovalStressIT.class);
    }
}
