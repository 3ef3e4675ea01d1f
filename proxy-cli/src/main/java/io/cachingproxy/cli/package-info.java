/**
 * Starts the proxy from a command line: options become {@code Settings}, settings become one running {@code Instance}.
 * {@link io.cachingproxy.cli.CachingProxyCommand} is the type to read first.
 */
@NullMarked
package io.cachingproxy.cli;

import org.jspecify.annotations.NullMarked;
