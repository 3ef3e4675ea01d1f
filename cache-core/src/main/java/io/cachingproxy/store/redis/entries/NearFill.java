package io.cachingproxy.store.redis.entries;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.Fill;
import io.cachingproxy.store.redis.channel.Gone;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;

/**
 * A response that is stored in the near cache only, because Redis takes no new ones. What Redis has can still be
 * freshened there, which needs no more memory.
 *
 * @param purged as {@link Gone.Start}'s
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
