package io.cachingproxy.store.redis;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.ByteArrayCodec;
import org.redisson.client.codec.Codec;
import org.redisson.client.codec.StringCodec;
import org.redisson.codec.CompositeCodec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads an entry: all its variants in one round trip, and a second one to see that bodies apart are still there, before
 * anyone relies on them. What cannot be read is deleted.
 */
final class EntryReader {
    private static final Logger LOG = LoggerFactory.getLogger(RedisStore.class);
    private static final Codec FIELDS = new CompositeCodec(StringCodec.INSTANCE, ByteArrayCodec.INSTANCE);

    /** Two numbers of 16 digits, of the commit and the beginning of its fill, and the id. */
    private static final int PREFIX = 64;

    private final RedisLink link;
    private final KeyNames names;
    private final Stamps stamps;
    private final Purges purges;
    private final BodySources sources;

    /** Makes the source of a body apart. */
    interface BodySources {
        WindowedBody.Source of(CacheKey key, String id);
    }

    EntryReader(RedisLink link, KeyNames names, Stamps stamps, Purges purges, BodySources sources) {
        this.link = link;
        this.names = names;
        this.stamps = stamps;
        this.purges = purges;
        this.sources = sources;
    }

    /** A variant as it stands in Redis: where it is, and what it says. */
    private record Variant(String field, byte[] value, StoredResponse response) {
        String committed() {
            return new String(value, 0, 16, StandardCharsets.ISO_8859_1);
        }
    }

    /** All that is stored under {@code key}, newest first. */
    CompletionStage<List<StoredResponse>> read(CacheKey key) {
        long readAt = System.nanoTime();
        RedissonClient client = link.client();
        return client.<String, byte[]>getMap(names.entry(key), FIELDS)
                .readAllMapAsync()
                .thenCompose(fields -> existing(key, variants(key, fields, readAt)))
                .exceptionally(failure -> {
                    if (!RedisLink.isAlive(failure)) {
                        throw new CompletionException(RedisLink.unwrapped(failure));
                    }
                    drop(key, "", new byte[0]);
                    return List.of();
                });
    }

    private List<Variant> variants(CacheKey key, Map<String, byte[]> fields, long readAt) {
        List<Variant> variants = new ArrayList<>();
        fields.forEach((field, value) -> {
            if (field.equals("t")) {
                stamps.heard(Stamps.parse(value));
            } else if (field.startsWith("v:")) {
                StoredResponse response = decoded(key, value, readAt);
                if (response == null) {
                    drop(key, field, value);
                } else {
                    StoredResponse left = left(key, response);
                    if (left != null) {
                        variants.add(new Variant(field, value, left));
                    }
                }
            }
        });
        variants.sort(Comparator.comparing(Variant::committed).reversed());
        return variants;
    }

    /** What clearing and purges leave of a response; null for nothing. */
    private @Nullable StoredResponse left(CacheKey key, StoredResponse response) {
        long stamp = ((SharedBody) response.body()).stamp();
        return stamp < stamps.cleared() ? null : purges.apply(key, response, stamp);
    }

    private @Nullable StoredResponse decoded(CacheKey key, byte[] value, long readAt) {
        if (value.length < PREFIX) {
            return null;
        }
        String id = new String(value, 32, 32, StandardCharsets.ISO_8859_1);
        ByteBuffer bytes = ByteBuffer.wrap(value, PREFIX, value.length - PREFIX);
        return EntryCodec.decode(key, id, bytes, readAt, sources.of(key, id));
    }

    private CompletionStage<List<StoredResponse>> existing(CacheKey key, List<Variant> variants) {
        List<CompletableFuture<Boolean>> checks = new ArrayList<>();
        for (Variant variant : variants) {
            checks.add(
                    variant.response().body() instanceof WindowedBody body
                            ? isThere(key, body)
                            : CompletableFuture.completedFuture(true));
        }
        return CompletableFuture.allOf(checks.toArray(CompletableFuture[]::new)).thenApply(done -> {
            List<StoredResponse> responses = new ArrayList<>();
            for (int i = 0; i < variants.size(); i++) {
                Variant variant = variants.get(i);
                if (checks.get(i).join()) {
                    responses.add(variant.response());
                } else {
                    drop(key, variant.field(), variant.value());
                }
            }
            return List.copyOf(responses);
        });
    }

    private CompletableFuture<Boolean> isThere(CacheKey key, WindowedBody body) {
        return link.client()
                .getBucket(names.body(key, body.id()), ByteArrayCodec.INSTANCE)
                .sizeAsync()
                .thenApply(size -> size == body.length())
                .exceptionally(failure -> {
                    if (!RedisLink.isAlive(failure)) {
                        throw new CompletionException(RedisLink.unwrapped(failure));
                    }
                    return false;
                })
                .toCompletableFuture();
    }

    private void drop(CacheKey key, String field, byte[] value) {
        LOG.debug("An entry of {} cannot be read and is deleted", names.prefix());
        link.number(Script.DROP, List.of(names.entry(key)), field, value);
    }
}
