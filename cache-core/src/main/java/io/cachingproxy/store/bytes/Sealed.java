package io.cachingproxy.store.bytes;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Bytes with an integrity check: a magic number, the total length, the payload, and a CRC-32C at the end. */
public final class Sealed {
    private static final int BEFORE = 8;
    private static final int AFTER = 4;

    private Sealed() {}

    /** A writer of such bytes, to be completed with {@link #bytes}. */
    public static ByteWriter writer(int magic) {
        return new ByteWriter().number4(magic).number4(0);
    }

    /** Completes the bytes of the writer. */
    public static byte[] bytes(ByteWriter out) {
        out.number4At(4, out.length() + AFTER);
        return out.number4(out.checksum()).bytes();
    }

    /** A reader of the payload; null if the bytes are incomplete or damaged. */
    public static @Nullable ByteReader reader(int magic, ByteBuffer bytes) {
        int length = bytes.remaining();
        int start = bytes.position();
        if (length < BEFORE + AFTER || bytes.getInt(start) != magic || bytes.getInt(start + 4) != length) {
            return null;
        }
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(start, length - AFTER));
        return (int) crc.getValue() == bytes.getInt(start + length - AFTER)
                ? new ByteReader(bytes.slice(start + BEFORE, length - BEFORE - AFTER))
                : null;
    }
}
