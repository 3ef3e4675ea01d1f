package io.cachingproxy;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.key.Selection;
import io.cachingproxy.policy.StoredResponse;
import java.util.List;

/**
 * A request in the course of its lookup in the store.
 *
 * @param variant {@link Selection#variant}, if a response to the key is known; else empty
 * @param departures {@link Coalescing#departures} before the lookup
 * @param time how long the request may still wait for the store
 * @param again whether the request can be sent to the origin twice
 */
record Lookup(CacheRequest request, String variant, long departures, StoreTime time, boolean again) {
    CacheKey key() {
        return request.key();
    }

    /** A copy for the variant that the request selects by the newest of the {@code known} responses to its key. */
    Lookup among(List<StoredResponse> known) {
        String selected = known.isEmpty()
                ? ""
                : known.get(0).selection().variant(request.head().headers());
        return new Lookup(request, selected, departures, time, again);
    }

    /** Returns true if the variant (Vary) is known in {@code later}, and was unknown in this lookup. */
    boolean isNarrowedTo(Lookup later) {
        return variant.isEmpty() && !later.variant.isEmpty();
    }
}
