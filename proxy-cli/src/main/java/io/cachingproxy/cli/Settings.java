package io.cachingproxy.cli;

import io.cachingproxy.policy.Policy;
import java.net.URI;
import java.util.Optional;

/**
 * All that one instance is started with, valid as a whole.
 *
 * @param admin the port of the admin listener on 127.0.0.1; empty: none
 */
record Settings(URI origin, String host, Port port, Optional<Port> admin, Policy policy, Storage storage) {

    /**
     * Where responses are kept.
     *
     * @param memory what the store in memory takes, which with Redis is the near cache
     * @param maxObject the longest body that is stored
     */
    record Storage(ByteSize memory, ByteSize maxObject, Optional<RedisAddress> redis) {}
}
