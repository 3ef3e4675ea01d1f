/**
 * Test support. The jar with classifier {@code testkit} has what applications need: {@link
 * io.cachingproxy.testkit.CacheAssertions} for responses, {@link io.cachingproxy.testkit.ScriptedOrigin}, {@link
 * io.cachingproxy.testkit.Messages} and {@link io.cachingproxy.testkit.ManualClock} for caches, and {@link
 * io.cachingproxy.testkit.CacheStoreContract} for stores of one's own. The rest is for the tests of these modules: {@link
 * io.cachingproxy.testkit.RedisServers} gives them real Redis servers.
 */
@NullMarked
package io.cachingproxy.testkit;

import org.jspecify.annotations.NullMarked;
