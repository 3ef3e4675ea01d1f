package io.cachingproxy.store.redis.entries;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.Fill;
import io.cachingproxy.store.redis.channel.KnownRemovals;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;

/**
 * A fill of the near cache only, while Redis accepts no new responses. Responses in Redis can still be freshened, which
 * needs no more memory.
 *
 * @param purged see {@link KnownRemovals.Start}
 */
public record NearFill(EntryWriter writer, CacheKey key, long purged, Fill near) implements Fill {
    @Override
    public boolean write(ByteBuffer bytes) {
        return near.write(bytes);
    }

    @Override
    public CompletionStage<Boolean> commit(StoredResponse response) {
        return near.commit(response);
    }

    @Override
    public CompletionStage<Void> freshen(StoredResponse stored, StoredResponse freshened) {
        return writer.freshen(near, key, stored, freshened, purged);
    }

    @Override
    public boolean isCurrent() {
        return near.isCurrent();
    }

    @Override
    public void discard() {
        near.discard();
    }
}
