/**
 * Building blocks of {@link io.cachingproxy.policy.Reuse} and {@link io.cachingproxy.policy.Reception} that the cache uses,
 * too: validation, preconditions, partial responses, invalidation. Not exported, unlike {@link io.cachingproxy.policy}.
 */
@NullMarked
package io.cachingproxy.policy.parts;

import org.jspecify.annotations.NullMarked;
