package io.cachingproxy.store.redis.channel;

import io.cachingproxy.http.Hosts;
import io.cachingproxy.http.Target;
import io.cachingproxy.http.syntax.FieldValues;
import io.cachingproxy.store.Purge;
import io.cachingproxy.store.Purge.Scope;
import io.cachingproxy.store.bytes.ByteReader;
import io.cachingproxy.store.bytes.ByteWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The form of a purge in Redis. Each scope has at most one hard and one soft purge; a later one replaces the earlier.
 */
public final class PurgeCodec {
    private static final long MAX_MILLIS = 1L << 46;

    private PurgeCodec() {}

    static void write(ByteWriter out, Purge purge) {
        Instant staleFrom = purge.staleFrom();
        out.number8(staleFrom == null ? -1 : staleFrom.toEpochMilli());
        write(out, purge.scope());
    }

    private static void write(ByteWriter out, Scope scope) {
        if (scope instanceof Scope.Url url) {
            Target target = url.target();
            out.number4('U').text(target.scheme()).text(target.authority()).text(target.pathAndQuery());
        } else if (scope instanceof Scope.Prefix prefix) {
            out.number4('P').text(prefix.url());
        } else if (scope instanceof Scope.Tag tag) {
            origin(out.number4('T'), tag.origin()).text(tag.tag());
        } else if (scope instanceof Scope.Group group) {
            origin(out.number4('G'), group.origin()).text(group.group());
        } else if (scope instanceof Scope.All all) {
            origin(out.number4('A'), all.origin());
        } else if (scope instanceof Scope.OfHosts site) {
            write(out.number4('H').text(site.hosts().text()), site.scope());
        }
    }

    private static ByteWriter origin(ByteWriter out, @Nullable String origin) {
        return out.text(origin == null ? "" : origin);
    }

    private static @Nullable String origin(ByteReader in) {
        String origin = in.text();
        return origin.isEmpty() ? null : origin;
    }

    static Purge read(ByteReader in) {
        long millis = in.number8(-1, MAX_MILLIS);
        Instant staleFrom = millis < 0 ? null : Instant.ofEpochMilli(millis);
        int kind = in.number4(0, 127);
        return new Purge(
                kind == 'H' ? new Scope.OfHosts(hosts(in), scope(in.number4(0, 127), in)) : scope(kind, in), staleFrom);
    }

    private static Scope scope(int kind, ByteReader in) {
        return switch (kind) {
            case 'U' -> new Scope.Url(new Target(in.text(), in.text(), in.text()));
            case 'P' -> new Scope.Prefix(in.text());
            case 'T' -> new Scope.Tag(origin(in), in.text());
            case 'G' -> new Scope.Group(origin(in), in.text());
            case 'A' -> new Scope.All(origin(in));
            default -> throw new ByteReader.Malformed();
        };
    }

    private static Hosts hosts(ByteReader in) {
        try {
            return Hosts.parse(in.text());
        } catch (IllegalArgumentException malformed) {
            throw new ByteReader.Malformed();
        }
    }

    /** The name of the field in the control hash. */
    public static byte[] field(Purge purge) {
        ByteWriter out = new ByteWriter().raw(ByteBuffer.wrap(new byte[] {'p', ':'}));
        write(out, purge.staleFrom() == null ? purge : Purge.soft(purge.scope(), Instant.EPOCH));
        return out.bytes();
    }

    /**
     * The value of the field after the stamp: the time from which responses are stale, and in hexadecimal digits the
     * field of the purge of the whole origin, or site, into which it may be folded, if there is one.
     */
    public static String value(Purge purge) {
        Instant staleFrom = purge.staleFrom();
        Scope whole = purge.scope().whole();
        byte[] wider = whole.equals(new Scope.All()) ? new byte[0] : field(Purge.hard(whole));
        return (staleFrom == null ? "-" : Long.toString(staleFrom.toEpochMilli()))
                + " "
                + HexFormat.of().formatHex(wider);
    }

    /** A purge and its stamp. */
    public record Stamped(Purge purge, long stamp) {}

    /** Parses a field of the control hash; null if it is not a purge. */
    public static @Nullable Stamped parse(byte[] field, byte[] value) {
        if (field.length < 2 || field[0] != 'p' || field[1] != ':') {
            return null;
        }
        String[] parts = new String(value, StandardCharsets.ISO_8859_1).split(" ", 3);
        try {
            Purge purge = read(new ByteReader(ByteBuffer.wrap(field, 2, field.length - 2)));
            Long millis = parts.length < 2 ? null : FieldValues.number(parts[1], MAX_MILLIS);
            Instant staleFrom = millis == null ? null : Instant.ofEpochMilli(millis);
            return (purge.staleFrom() == null) != (staleFrom == null)
                    ? null
                    : new Stamped(new Purge(purge.scope(), staleFrom), Stamps.parse(parts[0]));
        } catch (ByteReader.Malformed e) {
            return null;
        }
    }
}
