package io.cachingproxy.store.redis;

import io.cachingproxy.store.StoredEntry;
import java.util.List;
import java.util.Optional;

/**
 * A page of the entries in Redis, for operators.
 *
 * @param entries with bodies that have a length, but cannot be read
 * @param next continues the listing; empty on the last page
 */
public record RedisEntries(List<StoredEntry> entries, Optional<String> next) {
    public RedisEntries {
        entries = List.copyOf(entries);
    }
}
