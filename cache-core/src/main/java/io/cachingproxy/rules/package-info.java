/**
 * Rules for sites and URLs as values. {@link io.cachingproxy.rules.Sites} finds the {@link io.cachingproxy.rules.Site}
 * of a host; its {@link io.cachingproxy.rules.Rules} determine the {@link io.cachingproxy.rules.Treatment} of a
 * request, which determines the {@link io.cachingproxy.rules.ResponseTreatment} of a response. A {@link
 * io.cachingproxy.rules.Rule} consists of a {@link io.cachingproxy.rules.Match} and settings. No class does I/O or
 * reads a clock.
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
