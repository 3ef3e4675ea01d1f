/**
 * The choice among the servers of an origin: load balancing, passive ejection, active checks, slow start and the budget of
 * retries. No I/O but the checks'.
 */
@NullMarked
package io.cachingproxy.origin.balance;

import org.jspecify.annotations.NullMarked;
