/**
 * The HTTP cache: rules, lookup, coalescing and storing of responses. The entry point is {@link
 * io.cachingproxy.HttpCache}.
 *
 * <pre>
 *   request ──▶ HttpCache.resolve ──▶ CacheRequest: Site, Treatment, CacheKey
 *                      │
 *                      ▼
 *               HttpCache.open ── store.find ──▶ Reuse.decide
 *                                                  │
 *        Hit, Stale, Unsatisfiable ◀───────────────┤
 *            │                                     ▼
 *            │              Miss, Revalidate: the leader fetches into a Flight, followers wait for its head
 *            │              Bypass: not coalesced  │
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
 * Applications with an {@link io.cachingproxy.Origin} call {@link io.cachingproxy.HttpCache#serve} and get an {@link
 * io.cachingproxy.Answer}; servlet filters call {@link io.cachingproxy.HttpCache#open} and drive the {@link
 * io.cachingproxy.Exchange}.
 *
 * <p>One class for each part of the way: {@code Resolver} (site, rules, key), {@code LookupPath} (store and reuse decision),
 * {@code MissPath} (coalescing and leases), {@code Exchange} (callbacks of the origin) and {@code Delivery} (the response to
 * store, followers and client).
 */
@NullMarked
package io.cachingproxy;

import org.jspecify.annotations.NullMarked;
