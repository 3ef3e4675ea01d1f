/**
 * Rules per site and URL as values. {@link io.cachingproxy.rules.Sites} finds the {@link io.cachingproxy.rules.Site} of a
 * host; its {@link io.cachingproxy.rules.Rules} give the {@link io.cachingproxy.rules.Treatment} of a request, and that the
 * {@link io.cachingproxy.rules.ResponseTreatment} of a response. A {@link io.cachingproxy.rules.Rule} is a {@link
 * io.cachingproxy.rules.Match} and settings. Nothing here does I/O or knows the time.
 *
 * <pre>
 *   Host ──▶ Sites ──▶ Site ──▶ Rules.forRequest ──▶ Treatment ──▶ key, origin, rewrite, redirect …
 *                                                      │
 *                                   response ──▶ Treatment.response ──▶ ResponseTreatment ──▶ Terms of storage and reuse
 * </pre>
 */
@NullMarked
package io.cachingproxy.rules;

import org.jspecify.annotations.NullMarked;
