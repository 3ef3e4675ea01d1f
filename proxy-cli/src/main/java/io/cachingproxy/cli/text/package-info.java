/**
 * Text for people and programs that is safe to show: read {@link io.cachingproxy.cli.text.Controls} first.
 */
@NullMarked
package io.cachingproxy.cli.text;

import org.jspecify.annotations.NullMarked;
