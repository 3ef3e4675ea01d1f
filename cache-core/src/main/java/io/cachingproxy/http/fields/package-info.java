/**
 * Header fields, one a type, as what they say. Not exported; what applications read of a message is {@link
 * io.cachingproxy.http.CacheControl}.
 */
@NullMarked
package io.cachingproxy.http.fields;

import org.jspecify.annotations.NullMarked;
