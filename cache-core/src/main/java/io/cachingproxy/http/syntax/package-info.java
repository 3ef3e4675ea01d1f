/**
 * The syntax below HTTP messages: lists, tokens and numbers in field values, dates, percent-encoding. All inputs are
 * strings; no class depends on messages. Not exported.
 */
@NullMarked
package io.cachingproxy.http.syntax;

import org.jspecify.annotations.NullMarked;
