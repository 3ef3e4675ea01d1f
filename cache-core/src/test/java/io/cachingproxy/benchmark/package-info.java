/** What the cache costs, in nanoseconds and allocated bytes: {@code ./mvnw verify -Pjmh -DskipTests -pl cache-core}. */
@NullMarked
package io.cachingproxy.benchmark;

import org.jspecify.annotations.NullMarked;
