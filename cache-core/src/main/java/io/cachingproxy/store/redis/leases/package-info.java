/**
 * Request coalescing between nodes: the one that holds the lease of an entry fetches it, others wait.
 */
@NullMarked
package io.cachingproxy.store.redis.leases;

import org.jspecify.annotations.NullMarked;
