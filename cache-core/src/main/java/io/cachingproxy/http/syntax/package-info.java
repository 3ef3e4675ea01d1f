/**
 * The syntax below HTTP messages: lists, tokens and numbers in field values, dates, percent-encoding. Values are texts here;
 * nothing knows a message. Not exported.
 */
@NullMarked
package io.cachingproxy.http.syntax;

import org.jspecify.annotations.NullMarked;
