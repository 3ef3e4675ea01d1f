/**
 * The configuration file: a YAML reader that keeps the position of each key, and the validation that reports all errors of
 * a file at once. Read {@link io.cachingproxy.cli.config.Configuration} first.
 */
@NullMarked
package io.cachingproxy.cli.config;

import org.jspecify.annotations.NullMarked;
