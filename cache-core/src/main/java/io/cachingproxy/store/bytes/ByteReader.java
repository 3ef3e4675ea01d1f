package io.cachingproxy.store.bytes;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Reads the output of {@link ByteWriter} from untrusted bytes: each value is checked against its bounds. */
public final class ByteReader {
    /** Thrown if the bytes are malformed. */
    public static final class Malformed extends RuntimeException {
        private static final long serialVersionUID = 1;

        public Malformed() {
            super("malformed", null, false, false);
        }
    }

    private final ByteBuffer bytes;

    public ByteReader(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    public int remaining() {
        return bytes.remaining();
    }

    public boolean isAtEnd() {
        return !bytes.hasRemaining();
    }

    public int number4(int min, int max) {
        need(4);
        return (int) within(bytes.getInt(), min, max);
    }

    public long number8(long min, long max) {
        need(8);
        return within(bytes.getLong(), min, max);
    }

    public boolean flag() {
        return number4(0, 1) == 1;
    }

    /** A number of elements of at least {@code size} bytes each, checked against the remaining bytes. */
    public int count(int size) {
        int count = number4(0, Integer.MAX_VALUE);
        need((long) count * size);
        return count;
    }

    public String text() {
        return new String(bytes(count(1)), StandardCharsets.UTF_8);
    }

    /** A copy of the next bytes. */
    public byte[] bytes(int length) {
        need(length);
        byte[] copy = new byte[length];
        bytes.get(copy);
        return copy;
    }

    public ByteBuffer raw(int length) {
        need(length);
        ByteBuffer part = bytes.slice(bytes.position(), length);
        bytes.position(bytes.position() + length);
        return part;
    }

    private void need(long count) {
        if (count > bytes.remaining()) {
            throw new Malformed();
        }
    }

    private static long within(long number, long min, long max) {
        if (number < min || number > max) {
            throw new Malformed();
        }
        return number;
    }
}
