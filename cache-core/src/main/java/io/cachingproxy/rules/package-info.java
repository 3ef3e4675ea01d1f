/**
 * Rules per site and URL as values: what a {@link io.cachingproxy.rules.Match} selects, and what holds for it. Nothing
 * here does I/O or knows the time.
 */
@NullMarked
package io.cachingproxy.rules;

import org.jspecify.annotations.NullMarked;
