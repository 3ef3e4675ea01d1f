package io.cachingproxy;

import io.cachingproxy.policy.StoredResponse;

/** The result of a coalesced fetch for its followers: whether its response, or a stored one, answers them. */
sealed interface Landing {
    Landing PRIVATE = new Private();

    /**
     * The response is shared with those followers that a stored response like it could answer (RFC 9111 §4).
     *
     * @param response without its body, which is in flight
     */
    record Shared(StoredResponse response) implements Landing {}

    /** A stored response, validated or stored meanwhile, answers the followers for which it may be reused. */
    record Confirmed(StoredResponse stored) implements Landing {}

    /** No response is shared: each follower sends its own request. */
    record Private() implements Landing {}
}
