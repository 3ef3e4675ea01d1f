/**
 * The cache: one request at a time through the rules and the store. The door is {@link io.cachingproxy.HttpCache}.
 *
 * <pre>
 *   request ──▶ HttpCache.resolve ──▶ CacheRequest: Site, Treatment, CacheKey
 *                      │
 *                      ▼
 *               HttpCache.open ── store.find ──▶ Reuse.decide
 *                                                  │
 *        Hit, Stale, Unsatisfiable ◀───────────────┤
 *            │                                     ▼
 *            │              Miss, Revalidate: the first leads a Flight, the others wait for its head
 *            │              Bypass: alone          │
 *            │                                     ▼
 *            │                       Exchange.forward() ──▶ origin
 *            │                                                │
 *            │       store.fill ◀── Exchange.onHead, onBody, onComplete, onFailure ◀──┘
 *            │            │                │ Reception.judge: Store, Freshen, ServeStale, Relay
 *            │            │                ▼
 *            │            └─ commit     Flight ──▶ one reader for each client
 *            ▼                             │
 *         Answer  ◀────────────────────────┘
 * </pre>
 *
 * Whoever has an {@link io.cachingproxy.Origin} calls {@link io.cachingproxy.HttpCache#serve} and gets an {@link
 * io.cachingproxy.Answer}; whoever stands in a chain calls {@link io.cachingproxy.HttpCache#open} and drives the {@link
 * io.cachingproxy.Exchange}.
 */
@NullMarked
package io.cachingproxy;

import org.jspecify.annotations.NullMarked;
