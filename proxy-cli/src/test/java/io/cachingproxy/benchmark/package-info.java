/** Peers to measure against, for {@code src/benchmark/compare.py}: {@code ./mvnw verify -Pbenchmark}. */
@NullMarked
package io.cachingproxy.benchmark;

import org.jspecify.annotations.NullMarked;
