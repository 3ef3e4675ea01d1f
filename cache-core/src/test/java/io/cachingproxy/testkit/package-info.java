/**
 * What tests of this module and of others need: {@link io.cachingproxy.testkit.RedisServers} gives them real Redis
 * servers.
 */
@NullMarked
package io.cachingproxy.testkit;

import org.jspecify.annotations.NullMarked;
