/**
 * The rules of RFC 9111 as pure functions of values and the time. A request asks twice: {@link
 * io.cachingproxy.policy.Reuse} before it is forwarded, which gives a {@link io.cachingproxy.policy.Decision}, and
 * {@link io.cachingproxy.policy.Reception} once the origin has answered, which gives an {@link
 * io.cachingproxy.policy.Outcome}. Each carries the {@link io.cachingproxy.policy.Reason} for it. What an operator may
 * choose is a {@link io.cachingproxy.policy.Policy}.
 */
@NullMarked
package io.cachingproxy.policy;

import org.jspecify.annotations.NullMarked;
