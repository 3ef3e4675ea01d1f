/** What the cache costs, in nanoseconds and allocated bytes: {@code ./mvnw verify -Pbenchmark -pl cache-core}. */
@NullMarked
package io.cachingproxy.benchmark;

import org.jspecify.annotations.NullMarked;
