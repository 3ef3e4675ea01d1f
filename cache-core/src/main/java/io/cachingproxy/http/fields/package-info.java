/**
 * Parsed header fields, one type for each. Not exported; the field for applications is {@link
 * io.cachingproxy.http.CacheControl}.
 */
@NullMarked
package io.cachingproxy.http.fields;

import org.jspecify.annotations.NullMarked;
