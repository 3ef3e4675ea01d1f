/**
 * Building blocks of stores in this module: bodies in memory, and purges as bans, which are checked at each read. Not
 * exported, unlike {@link io.cachingproxy.store}.
 */
@NullMarked
package io.cachingproxy.store.parts;

import org.jspecify.annotations.NullMarked;
