/**
 * Binary forms: big-endian numbers, and texts with a length prefix. A reader checks each value against its bounds, so
 * that untrusted bytes yield a value or {@link io.cachingproxy.store.bytes.ByteReader.Malformed}.
 */
@NullMarked
package io.cachingproxy.store.bytes;

import org.jspecify.annotations.NullMarked;
