/**
 * What another configuration would do with the traffic of this proxy. Read {@link
 * io.cachingproxy.cli.preview.Preview} first.
 */
@NullMarked
package io.cachingproxy.cli.preview;

import org.jspecify.annotations.NullMarked;
