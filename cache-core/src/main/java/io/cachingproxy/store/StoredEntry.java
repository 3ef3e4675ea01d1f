package io.cachingproxy.store;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import java.util.List;

/**
 * A key and the responses stored under it.
 *
 * @param responses newest first; at least one
 */
public record StoredEntry(CacheKey key, List<StoredResponse> responses) {}
