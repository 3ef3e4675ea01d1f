/**
 * The command line: parses options into {@code Settings}, and starts an {@code Instance} with the settings. Read {@link
 * io.cachingproxy.cli.CachingProxyCommand} first.
 */
@NullMarked
package io.cachingproxy.cli;

import org.jspecify.annotations.NullMarked;
