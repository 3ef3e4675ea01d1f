/** {@link io.cachingproxy.testkit.CacheStoreContract} is what every store promises. */
@NullMarked
package io.cachingproxy.store;

import org.jspecify.annotations.NullMarked;
