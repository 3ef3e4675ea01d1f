/**
 * Warming: requests URLs through a running proxy so that their responses are stored. Read {@link
 * io.cachingproxy.cli.warm.Warming} first.
 */
@NullMarked
package io.cachingproxy.cli.warm;

import org.jspecify.annotations.NullMarked;
