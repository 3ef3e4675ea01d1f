/**
 * The configuration file: YAML with the place of each key, read into sites, rules, origins and options, all errors at once.
 * {@link io.cachingproxy.cli.config.Configuration} is the type to read first.
 */
@NullMarked
package io.cachingproxy.cli.config;

import org.jspecify.annotations.NullMarked;
