package io.cachingproxy.store.redis.entries;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.bytes.ByteReader;
import io.cachingproxy.store.redis.bodies.ReadAhead;
import io.cachingproxy.store.redis.bodies.SharedBody;
import io.cachingproxy.store.redis.bodies.WindowedBody;
import io.cachingproxy.store.redis.channel.KnownRemovals;
import io.cachingproxy.store.redis.channel.Stamps;
import io.cachingproxy.store.redis.link.Bounds;
import io.cachingproxy.store.redis.link.KeyNames;
import io.cachingproxy.store.redis.link.Node;
import io.cachingproxy.store.redis.link.Operation;
import io.cachingproxy.store.redis.link.RedisLink;
import io.cachingproxy.store.redis.link.RedisLog;
import io.cachingproxy.store.redis.link.Script;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Reads an entry: all its variants in one round trip, and a second one to check that windowed bodies still exist,
 * before they are used. Unreadable variants are deleted. A lookup transfers at most 2 MiB, regardless of the content of
 * Redis.
 */
public final class EntryReader {

    /** Length of the header: the stamp of the last removal, and a number used by the scripts only; see variants.lua. */
    private static final int HEADER = 32;

    private static final int STAMP = 16;

    /** Length of the prefix of each variant: digest, number and id. */
    private static final int PREFIX = 80;

    private static final int ID = 48;

    /**
     * An entry of this length inlines only very small bodies, because each lookup transfers all variants to use one.
     */
    private static final int WIDE = 64 * 1024;

    private final Cache<CacheKey, Boolean> wide =
            Caffeine.newBuilder().maximumSize(10_000).executor(Runnable::run).build();
    private final Node node;
    private final RedisLink link;
    private final KeyNames names;
    private final KnownRemovals gone;
    private final ReadAhead ahead;

    public EntryReader(Node node, KnownRemovals gone, ReadAhead ahead) {
        this.node = node;
        this.link = node.link();
        this.names = node.names();
        this.gone = gone;
        this.ahead = ahead;
    }

    /** A variant in Redis: its bytes and its decoded response. */
    @SuppressWarnings("ArrayRecordComponent") // instances are never compared
    private record Variant(byte[] bytes, StoredResponse response) {}

    /** Reads all responses stored under {@code key}, newest first. */
    public CompletionStage<List<StoredResponse>> read(CacheKey key) {
        long readAt = System.nanoTime();
        String name = names.entry(key);
        return link.range(name, 0, Bounds.MAX_ENTRY + 1)
                .thenCompose(entry -> existing(key, variants(key, entry, readAt)))
                .exceptionally(failure -> {
                    if (!RedisLink.isAlive(failure)) {
                        throw new CompletionException(RedisLink.unwrapped(failure));
                    }
                    drop(key, new byte[0]);
                    return List.of();
                });
    }

    /** Whether the entry of {@code key} was large when it was last read here. */
    public boolean isWide(CacheKey key) {
        return wide.getIfPresent(key) != null;
    }

    private void note(CacheKey key, int length) {
        if (length > WIDE) {
            wide.put(key, true);
        } else if (isWide(key)) {
            wide.invalidate(key);
        }
    }

    private List<Variant> variants(CacheKey key, byte[] entry, long readAt) {
        note(key, entry.length);
        if (entry.length == 0) {
            return List.of();
        }
        List<Variant> variants = new ArrayList<>(1);
        try {
            if (entry.length > Bounds.MAX_ENTRY) {
                throw new ByteReader.Malformed();
            }
            ByteReader in = new ByteReader(ByteBuffer.wrap(entry));
            String header = new String(in.bytes(HEADER), StandardCharsets.ISO_8859_1);
            gone.stamps().read(Stamps.parse(header.substring(0, STAMP)));
            while (!in.isAtEnd()) {
                byte[] variant = in.bytes(in.count(1));
                StoredResponse response = decoded(key, variant, readAt);
                if (response == null) {
                    drop(key, variant);
                } else {
                    StoredResponse left = left(key, response);
                    if (left != null) {
                        variants.add(new Variant(variant, left));
                    }
                }
            }
            return variants;
        } catch (ByteReader.Malformed e) {
            drop(key, new byte[0]);
            return List.of();
        }
    }

    /** Applies clearings and purges to a response; null if it was removed. */
    private @Nullable StoredResponse left(CacheKey key, StoredResponse response) {
        long stamp = ((SharedBody) response.body()).stamp();
        gone.stamps().heard(stamp);
        return gone.left(key, response, stamp);
    }

    private @Nullable StoredResponse decoded(CacheKey key, byte[] value, long readAt) {
        if (value.length < PREFIX) {
            return null;
        }
        String id = new String(value, ID, PREFIX - ID, StandardCharsets.ISO_8859_1);
        ByteBuffer bytes = ByteBuffer.wrap(value, PREFIX, value.length - PREFIX);
        return EntryCodec.decode(key, id, bytes, readAt, source(key, id));
    }

    private WindowedBody.Source source(CacheKey key, String id) {
        String body = names.body(key, id);
        return new WindowedBody.Source() {
            @Override
            public CompletionStage<byte[]> bytes(long from, long to, boolean begun) {
                return begun // the client has received a part of the body already
                        ? link.insist(Operation.BODY, node.patience().multipliedBy(4), () -> link.range(body, from, to))
                        : link.transfer(Operation.BODY, body, node.deadline(), () -> link.range(body, from, to));
            }

            @Override
            public ReadAhead ahead() {
                return ahead;
            }
        };
    }

    private CompletionStage<List<StoredResponse>> existing(CacheKey key, List<Variant> variants) {
        List<WindowedBody> apart = new ArrayList<>();
        for (Variant variant : variants) {
            if (variant.response().body() instanceof WindowedBody body) {
                apart.add(body);
            }
        }
        return apart.size() < 2
                ? each(key, variants)
                : areThere(key, apart)
                        .thenCompose(there ->
                                there ? CompletableFuture.completedFuture(responses(variants)) : each(key, variants));
    }

    private static List<StoredResponse> responses(List<Variant> variants) {
        return variants.stream().map(Variant::response).toList();
    }

    /** Whether all these bodies exist, by one command. */
    private CompletionStage<Boolean> areThere(CacheKey key, List<WindowedBody> bodies) {
        List<Object> keys =
                bodies.stream().<Object>map(body -> names.body(key, body.id())).toList();
        Object[] lengths = bodies.stream().map(WindowedBody::length).toArray();
        return link.number(Script.LENGTHS, keys, lengths).thenApply(all -> all == 1);
    }

    private CompletionStage<List<StoredResponse>> each(CacheKey key, List<Variant> variants) {
        List<CompletableFuture<@Nullable StoredResponse>> checks = new ArrayList<>(variants.size());
        for (Variant variant : variants) {
            checks.add(existing(key, variant));
        }
        return CompletableFuture.allOf(checks.toArray(CompletableFuture[]::new))
                .thenApply(done -> checks.stream()
                        .map(CompletableFuture::join)
                        .filter(Objects::nonNull)
                        .toList());
    }

    /** The response, or null if its body no longer exists. */
    private CompletableFuture<@Nullable StoredResponse> existing(CacheKey key, Variant variant) {
        if (!(variant.response().body() instanceof WindowedBody body)) {
            return CompletableFuture.completedFuture(variant.response());
        }
        return link.length(names.body(key, body.id()))
                .handle((length, failure) -> {
                    if (failure != null && !RedisLink.isAlive(failure)) {
                        throw new CompletionException(RedisLink.unwrapped(failure));
                    }
                    if (failure == null && length == body.length()) {
                        return variant.response();
                    }
                    drop(key, variant.bytes());
                    return null;
                })
                .toCompletableFuture();
    }

    private void drop(CacheKey key, byte[] variant) {
        RedisLog.LOG.debug("An entry of {} cannot be read and is deleted", names.prefix());
        link.number(Script.DROP, List.of(names.entry(key)), variant, Bounds.MAX_ENTRY);
    }
}
