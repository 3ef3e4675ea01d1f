/**
 * Binary forms: big-endian numbers, and texts after their length. A reader holds each value to its bounds, so that bytes
 * from anywhere are a value or {@link io.cachingproxy.store.bytes.ByteReader.Malformed}.
 */
@NullMarked
package io.cachingproxy.store.bytes;

import org.jspecify.annotations.NullMarked;
