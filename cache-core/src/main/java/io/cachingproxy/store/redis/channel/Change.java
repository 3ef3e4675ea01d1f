package io.cachingproxy.store.redis.channel;

import io.cachingproxy.http.Target;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.store.Purge;
import io.cachingproxy.store.bytes.ByteReader;
import io.cachingproxy.store.bytes.ByteWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A message from one node to the others on the channel. Each contains its sender. */
public sealed interface Change {
    String node();

    /** The entry of {@code key} was stored or freshened. */
    record Stored(String node, CacheKey key) implements Change {}

    /** The entry of {@code key} was removed, at {@code stamp}. */
    record Removed(String node, long stamp, CacheKey key) implements Change {}

    /** Everything was removed, at {@code stamp}. */
    record Cleared(String node, long stamp) implements Change {}

    /** Responses were purged, at {@code stamp}. */
    record Purged(String node, Purge purge, long stamp) implements Change {
        Purged(String node, Purge purge) {
            this(node, purge, 0);
        }
    }

    /** A node released the lease of a variant of {@code key}. */
    record LeaseOver(String node, CacheKey key, String variant) implements Change {}

    /**
     * Nothing changed: shows that the channel works.
     *
     * @param time when Redis sent it, in microseconds since 1970; 0 if a node of an earlier version sent it
     */
    record Heartbeat(String node, long time) implements Change {
        Heartbeat(String node) {
            this(node, 0);
        }
    }

    /** A node asks the others to announce themselves. */
    record Question(String node) implements Change {}

    default byte[] bytes() {
        ByteWriter out = new ByteWriter();
        if (this instanceof Stored stored) {
            key(out.number4('S').text(stored.node()), stored.key());
        } else if (this instanceof Removed removed) {
            key(out.number4('R').text(removed.node()).number8(removed.stamp()), removed.key());
        } else if (this instanceof Cleared cleared) {
            out.number4('C').text(cleared.node()); // clear.lua appends the stamp
        } else if (this instanceof LeaseOver over) {
            key(out.number4('L').text(over.node()), over.key());
            out.text(over.variant());
        } else if (this instanceof Purged purged) {
            PurgeCodec.write(out.number4('P').text(purged.node()), purged.purge()); // purge.lua appends the stamp
        } else if (this instanceof Question) {
            out.number4('Q').text(node());
        } else {
            out.number4('H').text(node()); // pulse.lua appends the time
        }
        return out.bytes();
    }

    private static void key(ByteWriter out, CacheKey key) {
        Target target = key.target();
        out.text(key.method()).text(target.scheme()).text(target.authority()).text(target.pathAndQuery());
        optional(out, key.contentDigest());
        optional(out, key.parts());
    }

    private static void optional(ByteWriter out, @Nullable String text) {
        out.flag(text != null).text(text == null ? "" : text);
    }

    /** Parses a message; null if it is not a change. */
    static @Nullable Change parse(byte[] message) {
        try {
            ByteReader in = new ByteReader(ByteBuffer.wrap(message));
            int kind = in.number4(0, 127);
            String node = in.text();
            return switch (kind) {
                case 'S' -> new Stored(node, key(in));
                case 'R' -> new Removed(node, in.number8(0, Stamps.MAX), key(in));
                case 'C' -> new Cleared(node, stamp(in));
                case 'P' -> new Purged(node, PurgeCodec.read(in), stamp(in));
                case 'L' -> new LeaseOver(node, key(in), in.text());
                case 'H' -> new Heartbeat(node, stamp(in));
                case 'Q' -> new Question(node);
                default -> null;
            };
        } catch (ByteReader.Malformed e) {
            return null;
        }
    }

    private static CacheKey key(ByteReader in) {
        return new CacheKey(in.text(), new Target(in.text(), in.text(), in.text()), optional(in), optional(in));
    }

    private static @Nullable String optional(ByteReader in) {
        boolean there = in.flag();
        String text = in.text();
        return there ? text : null;
    }

    private static long stamp(ByteReader in) {
        return Stamps.parse(
                StandardCharsets.UTF_8.decode(in.raw(in.remaining())).toString());
    }
}
