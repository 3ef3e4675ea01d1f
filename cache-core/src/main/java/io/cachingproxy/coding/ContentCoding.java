package io.cachingproxy.coding;

import java.io.IOException;
import java.io.OutputStream;

/** A content coding that compresses response bodies (RFC 9110 §8.4.1). Thread-safe. */
public interface ContentCoding {
    /** The coding {@code gzip} (RFC 9110 §8.4.1.3), by the Java platform. */
    ContentCoding GZIP = new Gzip();

    /** The name in Accept-Encoding and Content-Encoding, in lower case, such as {@code gzip}. */
    String token();

    /**
     * The memory that a body in progress takes, in bytes, about. The cache takes it from the memory of its store, and does
     * not encode a response if that is short. 256 KiB by default.
     */
    default long memory() {
        return 256 * 1024;
    }

    /**
     * Begins a body.
     *
     * @param to receives the encoded bytes; never fails
     * @return a stream whose {@code flush} writes all bytes given so far, so that a client can decode them, and whose
     *     {@code close} ends the body and releases all memory. It is used by one thread at a time, and is always closed
     */
    OutputStream encode(OutputStream to) throws IOException;
}
