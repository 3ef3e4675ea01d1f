package io.cachingproxy;

import io.cachingproxy.policy.StoredResponse;

/** What the origin's response means for the requests that wait for it. */
sealed interface Landing {
    Landing PRIVATE = new Private();

    /**
     * They may read along, as far as the response could be given to them from the store.
     *
     * @param response without its body, which is in flight
     */
    record Shared(StoredResponse response) implements Landing {}

    /** The stored response was validated, or stored meanwhile; it answers them as far as it may be reused for them. */
    record Confirmed(StoredResponse stored) implements Landing {}

    /** It is nothing for them. */
    record Private() implements Landing {}
}
