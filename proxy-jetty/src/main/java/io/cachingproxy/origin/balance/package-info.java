/**
 * Load balancing over the servers of an origin: server selection, passive ejection, active health checks, slow start
 * and the retry budget. Only the health checks do I/O.
 */
@NullMarked
package io.cachingproxy.origin.balance;

import org.jspecify.annotations.NullMarked;
