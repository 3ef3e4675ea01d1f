package io.cachingproxy.store.redis;

import io.cachingproxy.store.redis.link.BreakerState;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The state of a {@link RedisStore}, for operators.
 *
 * @param servers the circuit breaker of each server: first the one with the control hash, which every operation needs;
 *     then the other masters of a cluster that were used
 * @param opened how often a circuit breaker has opened since the start
 * @param rejected the number of operations that were not sent to Redis since the start, because a circuit breaker was
 *     open or the last answers were late
 * @param nearTrusted whether near copies are served without asking Redis
 * @param silence the time since the last message of the channel of changes, normally at most 400 ms; empty if none has
 *     arrived since the channel was interrupted
 * @param pendingPurges the number of purges of this node that Redis has not acknowledged
 * @param pendingInvalidations the number of keys removed by this node whose removal Redis has not acknowledged; 10,000 if
 *     there are so many that all keys count as removed
 * @param backlogBytes the bytes that wait to be written to Redis
 * @param full whether Redis refuses new responses because its memory is full
 */
public record RedisStatus(
        List<Server> servers,
        long opened,
        long rejected,
        boolean nearTrusted,
        Optional<Duration> silence,
        int pendingPurges,
        int pendingInvalidations,
        long backlogBytes,
        boolean full) {
    /** The state of a circuit breaker. */
    public enum Breaker {
        /** Operations are sent. */
        CLOSED,
        /** Operations are not sent; the server is probed several times a second. */
        OPEN,
        /** Operations are not sent; the last probe was answered in time. */
        HALF_OPEN;

        private final String token = name().toLowerCase(Locale.ROOT).replace('_', '-');

        /** The name in metrics and JSON: {@code half-open}. */
        public String token() {
            return token;
        }
    }

    /**
     * A server and its circuit breaker.
     *
     * @param name {@code main}, or the address of another master of a cluster
     * @param reason why the breaker is not closed, without keys and passwords; empty if it is closed
     */
    public record Server(String name, Breaker breaker, Optional<String> reason) {
        static Server of(BreakerState state) {
            Breaker breaker = Breaker.valueOf(state.kind().name());
            return new Server(
                    state.server(),
                    breaker,
                    breaker == Breaker.CLOSED ? Optional.empty() : Optional.of(state.reason()));
        }
    }

    public RedisStatus {
        servers = List.copyOf(servers);
    }

    /** The number of servers whose circuit breaker is in this state. */
    public long count(Breaker state) {
        return servers.stream().filter(server -> server.breaker() == state).count();
    }
}
