package io.cachingproxy.store.redis;

import io.cachingproxy.store.redis.channel.Member;
import java.time.Duration;
import java.time.Instant;

/**
 * A node that shares a Redis and a prefix, as it has announced itself.
 *
 * @param id unique to each opened store
 * @param name see {@link RedisStore.Builder#name}
 * @param version the version of this library there; {@code unknown} if it runs from class files
 * @param started when its store was opened, by its own clock
 * @param lastSeen when it last announced itself, by the clock of this process; nodes do so every 5 s
 * @param here whether it is this store
 * @param gone whether it has not announced itself for 15 s: it has ended without closing its store, or it cannot reach
 *     Redis, or this node cannot. It is listed for 2 min
 * @param purged whether it has applied all purges of this store that Redis has acknowledged, as far as it has announced
 */
public record RedisNode(
        String id,
        String name,
        String version,
        Instant started,
        Instant lastSeen,
        boolean here,
        boolean gone,
        boolean purged) {
    private static final Duration GONE = Duration.ofSeconds(15);

    static boolean isGone(Member member) {
        return member.silence().compareTo(GONE) > 0;
    }

    static RedisNode of(Member member, Instant now, boolean here, boolean purged) {
        return new RedisNode(
                member.id(),
                member.name(),
                member.version(),
                member.started(),
                now.minus(member.silence()),
                here,
                isGone(member),
                purged);
    }
}
