/**
 * What {@link io.cachingproxy.policy.Reuse} and {@link io.cachingproxy.policy.Reception} are made of, which the cache needs
 * too: validation, preconditions, parts, invalidation. The half of {@link io.cachingproxy.policy} that is not exported.
 */
@NullMarked
package io.cachingproxy.policy.parts;

import org.jspecify.annotations.NullMarked;
