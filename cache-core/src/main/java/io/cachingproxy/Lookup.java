package io.cachingproxy;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.key.Selection;
import io.cachingproxy.policy.StoredResponse;
import java.util.List;

/**
 * A request for which the store is being asked.
 *
 * @param variant {@link Selection#variant}, where a known response tells it; else empty
 * @param departures {@link Coalescing#departures}, before the store was asked
 * @param time how long it may still wait for the store
 * @param again whether the origin can be asked twice
 */
record Lookup(CacheRequest request, String variant, long departures, StoreTime time, boolean again) {
    CacheKey key() {
        return request.key();
    }

    /** The same for the variant that the request selects by the newest of the {@code known} responses to its key. */
    Lookup among(List<StoredResponse> known) {
        String selected = known.isEmpty()
                ? ""
                : known.get(0).selection().variant(request.head().headers());
        return new Lookup(request, selected, departures, time, again);
    }

    /** Whether {@code later} is known to be for a variant of its own, which this was not. */
    boolean isNarrowedTo(Lookup later) {
        return variant.isEmpty() && !later.variant.isEmpty();
    }
}
