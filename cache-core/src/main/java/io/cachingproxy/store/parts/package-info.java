/**
 * What stores in this module are made of: bodies in memory, and purges as bans, which are judged at each read. The half of
 * {@link io.cachingproxy.store} that is not exported.
 */
@NullMarked
package io.cachingproxy.store.parts;

import org.jspecify.annotations.NullMarked;
