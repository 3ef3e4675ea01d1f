/** Request coalescing between nodes: the node that holds the lease of an entry fetches, the others wait. */
@NullMarked
package io.cachingproxy.store.redis.leases;

import org.jspecify.annotations.NullMarked;
