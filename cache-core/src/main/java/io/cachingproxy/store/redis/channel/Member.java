package io.cachingproxy.store.redis.channel;

import io.cachingproxy.http.syntax.FieldValues;
import io.cachingproxy.store.bytes.ByteReader;
import io.cachingproxy.store.bytes.ByteWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A node as it has announced itself.
 *
 * @param started by its own clock
 * @param purged the stamp up to which it has applied all purges
 * @param silence the time since its announcement, by the clock of Redis
 */
public record Member(String id, String name, String version, Instant started, long purged, Duration silence) {
    /** The longest id, name and version, in characters. */
    private static final int LONGEST = 200;

    private static final int DIGITS = 20;
    private static final long MAX_MILLIS = 1L << 50;

    /** The bytes of an announcement. */
    byte[] bytes() {
        return new ByteWriter()
                .number8(purged)
                .number8(started.toEpochMilli())
                .text(version)
                .text(name)
                .bytes();
    }

    /**
     * Parses an announcement in Redis, whose bytes are untrusted; null if it is malformed.
     *
     * @param value the time of the announcement in milliseconds, a space, and the bytes
     * @param now the time of Redis in milliseconds
     */
    static @Nullable Member parse(String id, byte[] value, long now) {
        int space = 0;
        while (space < value.length && space < DIGITS && value[space] != ' ') {
            space++;
        }
        try {
            Long seen = FieldValues.number(new String(value, 0, space, StandardCharsets.US_ASCII), MAX_MILLIS);
            if (seen == null || space >= value.length || id.length() > LONGEST) {
                return null;
            }
            ByteReader in = new ByteReader(ByteBuffer.wrap(value, space + 1, value.length - space - 1));
            long purged = in.number8(0, Stamps.MAX);
            Instant started = Instant.ofEpochMilli(in.number8(0, MAX_MILLIS));
            String version = shortened(in.text());
            String name = shortened(in.text());
            return new Member(id, name, version, started, purged, Duration.ofMillis(Math.max(0, now - seen)));
        } catch (ByteReader.Malformed e) {
            return null;
        }
    }

    static String shortened(String text) {
        return text.length() > LONGEST ? text.substring(0, LONGEST) : text;
    }
}
