/**
 * The rules of RFC 9111 as pure functions of values and the time. Each request needs two decisions: the reuse decision
 * by {@link io.cachingproxy.policy.Reuse} before it is forwarded, a {@link io.cachingproxy.policy.Decision}, and the
 * storage decision by {@link io.cachingproxy.policy.Reception} once the origin has answered, an
 * {@link io.cachingproxy.policy.Outcome}. Each has a {@link io.cachingproxy.policy.Reason}. A
 * {@link io.cachingproxy.policy.Policy} contains the operator's settings.
 */
@NullMarked
package io.cachingproxy.policy;

import org.jspecify.annotations.NullMarked;
