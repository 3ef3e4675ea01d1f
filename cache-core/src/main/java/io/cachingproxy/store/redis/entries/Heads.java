package io.cachingproxy.store.redis.entries;

import io.cachingproxy.http.Body;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.syntax.FieldValues;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.ResponseCodec;
import io.cachingproxy.store.StoredEntry;
import io.cachingproxy.store.redis.bodies.WindowedBody;
import io.cachingproxy.store.redis.channel.KnownRemovals;
import io.cachingproxy.store.redis.channel.Stamps;
import io.cachingproxy.store.redis.link.Bounds;
import io.cachingproxy.store.redis.link.Node;
import io.cachingproxy.store.redis.link.Operation;
import io.cachingproxy.store.redis.link.Script;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Reads entries without their bodies, by the hash in the name of the key: the stored heads name the cache key. Purged
 * responses are left out. Bodies that are stored separately are not checked.
 */
final class Heads {
    /** The most bytes of the heads of one entry. */
    private static final int MOST = 256 * 1024;

    private static final int STAMP = 8;
    private static final int FIELDS = 3;

    private final Node node;
    private final KnownRemovals gone;

    Heads(Node node, KnownRemovals gone) {
        this.node = node;
        this.gone = gone;
    }

    /**
     * An entry and the bytes that were read for it.
     *
     * @param entry null if nothing is stored under the hash
     */
    record Read(@Nullable StoredEntry entry, int bytes) {
        Optional<StoredEntry> found() {
            return Optional.ofNullable(entry);
        }
    }

    CompletionStage<Read> read(String hash) {
        return node.link()
                .browse(
                        Operation.SCAN,
                        node.patience(),
                        () -> node.link()
                                .list(
                                        Script.HEADS,
                                        List.of(node.names().entry(hash)),
                                        Bounds.MAX_ENTRY,
                                        WindowedBody.WINDOW,
                                        MOST))
                .thenApply(heads -> decoded(hash, heads));
    }

    private Read decoded(String hash, List<byte[]> heads) {
        CacheKey key = null;
        List<StoredResponse> responses = new ArrayList<>();
        int bytes = 0;
        for (int i = 0; i + FIELDS <= heads.size(); i += FIELDS) {
            ByteBuffer response = ByteBuffer.wrap(heads.get(i + 2));
            bytes += response.remaining();
            CacheKey named = key == null ? ResponseCodec.key(response) : key;
            if (named != null && named.hash().equals(hash)) {
                key = named;
                StoredResponse left = left(named, stamp(heads.get(i)), length(heads.get(i + 1)), response);
                if (left != null) {
                    responses.add(left);
                }
            }
        }
        return new Read(key == null || responses.isEmpty() ? null : new StoredEntry(key, responses), bytes);
    }

    private @Nullable StoredResponse left(CacheKey key, long stamp, @Nullable Long length, ByteBuffer bytes) {
        if (stamp < 0 || stamp > Stamps.MAX || length == null) {
            return null;
        }
        StoredResponse response = ResponseCodec.decode(key, bytes, new Unread(length));
        return response == null ? null : gone.left(key, response, stamp);
    }

    private static long stamp(byte[] bytes) {
        return bytes.length == STAMP ? ByteBuffer.wrap(bytes).getLong() : -1;
    }

    private static @Nullable Long length(byte[] digits) {
        return FieldValues.number(new String(digits, StandardCharsets.US_ASCII), Stamps.MAX);
    }

    /** A body of which only the length was read. */
    private record Unread(long length) implements Body {
        @Override
        public Content read(long from, long count) {
            throw new IllegalStateException("only the head was read");
        }

        @Override
        public boolean isHere() {
            return false;
        }
    }
}
