package io.cachingproxy.store;

import io.cachingproxy.http.Body;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.syntax.FieldValues;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.key.Selection;
import io.cachingproxy.policy.Freshness;
import io.cachingproxy.policy.Receipt;
import io.cachingproxy.policy.StaleUse;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.bytes.ByteReader;
import io.cachingproxy.store.bytes.ByteWriter;
import io.cachingproxy.store.bytes.Sealed;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The binary form of a stored response without its body, for stores outside of this process, such as RedisStore. The
 * store keeps the body separately, in its own form.
 *
 * <p>Big-endian: magic number and version, total length, full key, status, headers, selection, freshness, tags, and a
 * CRC-32C of all preceding bytes. Bytes that are damaged, truncated, of another key or version, or not valid HTTP
 * decode to null, never to an exception, and decoding takes no more memory than a few times their length. The checksum
 * detects damage, not forgery. Decoded headers never contain a line end.
 */
public final class ResponseCodec {
    /** {@code CPR} and the version of this form. */
    private static final int MAGIC = 'C' << 24 | 'P' << 16 | 'R' << 8 | 1;

    private static final long MAX_SECONDS = 1L << 36;

    private ResponseCodec() {}

    /** Encodes {@code response}, stored under {@code key}, without its body. */
    public static byte[] encode(CacheKey key, StoredResponse response) {
        ByteWriter out = Sealed.writer(MAGIC).text(key.text());
        out.number4(response.head().status());
        Selection selection = response.selection();
        out.headers(response.head().headers())
                .texts(selection.names())
                .headers(selection.headers())
                .text(selection.language() == null ? "" : selection.language());
        freshness(out, response.freshness());
        return Sealed.bytes(out.texts(response.tags()));
    }

    private static void freshness(ByteWriter out, Freshness freshness) {
        Receipt receipt = freshness.receipt();
        Instant at = receipt.at();
        out.number8(at.getEpochSecond()).number4(at.getNano());
        for (Duration duration : List.of(
                receipt.age(),
                receipt.staleAt(),
                freshness.lifetime(),
                freshness.stale().whileRevalidating(),
                freshness.stale().ifError())) {
            out.number8(duration.getSeconds()).number4(duration.getNano());
        }
        out.flag(receipt.get())
                .flag(receipt.authorization())
                .flag(receipt.cookie())
                .flag(freshness.explicit())
                .flag(freshness.noCache())
                .flag(freshness.immutable())
                .flag(freshness.stale().mustRevalidate())
                .number8(freshness.terms());
    }

    /**
     * Decodes the remaining bytes of {@code bytes}, whose position does not change.
     *
     * @param key the key under which they were found
     * @param body the body that the store keeps for them
     * @return null if the bytes are not exactly one response stored under {@code key}
     */
    public static @Nullable StoredResponse decode(CacheKey key, ByteBuffer bytes, Body body) {
        ByteReader in = Sealed.reader(MAGIC, bytes);
        if (in == null) {
            return null;
        }
        try {
            if (!in.text().equals(key.text())) {
                return null;
            }
            ResponseHead head = new ResponseHead(in.number4(100, 999), headers(in));
            Selection selection = new Selection(names(in), headers(in), language(in));
            Freshness freshness = freshness(in);
            StoredResponse response = new StoredResponse(head, selection, freshness, body, tags(in));
            return in.isAtEnd() ? response : null;
        } catch (ByteReader.Malformed e) {
            return null;
        }
    }

    /**
     * The key under which the response in these bytes was stored, whose position does not change; null if they are damaged.
     */
    public static @Nullable CacheKey key(ByteBuffer bytes) {
        ByteReader in = Sealed.reader(MAGIC, bytes);
        try {
            return in == null ? null : KeyParser.parse(in.text());
        } catch (ByteReader.Malformed e) {
            return null;
        }
    }

    /** Reads headers and rejects line ends, because the bytes are untrusted. */
    private static Headers headers(ByteReader in) {
        Headers.Builder headers = Headers.builder();
        for (int left = in.count(8); left > 0; left--) {
            String name = in.text();
            String value = in.text();
            if (!FieldValues.isToken(name) || !isFieldValue(value)) {
                throw new ByteReader.Malformed();
            }
            headers.add(name, value);
        }
        return headers.build();
    }

    private static boolean isFieldValue(String value) {
        return value.indexOf('\r') < 0 && value.indexOf('\n') < 0 && value.indexOf('\0') < 0;
    }

    private static @Nullable String language(ByteReader in) {
        String language = in.text();
        return language.isEmpty() ? null : language;
    }

    private static List<String> names(ByteReader in) {
        List<String> names = new ArrayList<>();
        for (int left = in.count(4); left > 0; left--) {
            names.add(in.text());
        }
        return List.copyOf(names);
    }

    private static Freshness freshness(ByteReader in) {
        Instant receivedAt = Instant.ofEpochSecond(in.number8(0, MAX_SECONDS), in.number4(0, 999_999_999));
        Duration age = duration(in);
        Duration staleAt = duration(in);
        Duration lifetime = duration(in);
        Duration whileRevalidating = duration(in);
        Duration ifError = duration(in);
        Receipt receipt = new Receipt(receivedAt, age, staleAt, in.flag(), in.flag(), in.flag());
        boolean explicit = in.flag();
        boolean noCache = in.flag();
        boolean immutable = in.flag();
        StaleUse stale = new StaleUse(in.flag(), whileRevalidating, ifError);
        return new Freshness(
                receipt, lifetime, explicit, noCache, immutable, stale, in.number8(Long.MIN_VALUE, Long.MAX_VALUE));
    }

    private static Set<String> tags(ByteReader in) {
        Set<String> tags = new TreeSet<>();
        for (int left = in.count(4); left > 0; left--) {
            tags.add(in.text());
        }
        return tags.isEmpty() ? Set.of() : tags;
    }

    private static Duration duration(ByteReader in) {
        return Duration.ofSeconds(in.number8(-MAX_SECONDS, MAX_SECONDS), in.number4(0, 999_999_999));
    }
}
