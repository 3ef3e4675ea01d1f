package io.cachingproxy.http;

import java.nio.ByteBuffer;

/** A stored body: complete, immutable, and read by any number of readers at once. */
public interface Body {
    Body EMPTY = new Body() {
        @Override
        public long length() {
            return 0;
        }

        @Override
        public Content read(long from, long count) {
            return Content.empty();
        }
    };

    /** A body of the remaining bytes, which must not be changed afterwards. */
    static Body of(ByteBuffer bytes) {
        return new BufferBody(bytes.slice());
    }

    /** The length in bytes. */
    long length();

    /**
     * The bytes {@code from} to {@code from + count}, for one reader.
     *
     * @throws IndexOutOfBoundsException unless {@code 0 <= from}, {@code 0 <= count} and {@code from + count <= length()}
     */
    Content read(long from, long count);

    /** Whether the whole body is in this process, so that reading neither waits nor fails. */
    default boolean isHere() {
        return true;
    }

    /** The whole body, for one reader. */
    default Content read() {
        return read(0, length());
    }
}
