package io.cachingproxy;

import io.cachingproxy.policy.StoredResponse;

/** What the origin's response means for the followers of a coalesced fetch. */
sealed interface Landing {
    Landing PRIVATE = new Private();

    /**
     * The response may be shared: followers may read it, if the store could answer them with it.
     *
     * @param response without its body, which is in flight
     */
    record Shared(StoredResponse response) implements Landing {}

    /** The stored response was validated, or stored meanwhile; it answers the followers for whom it may be reused. */
    record Confirmed(StoredResponse stored) implements Landing {}

    /** The response may not be shared. */
    record Private() implements Landing {}
}
