package io.cachingproxy.store.redis;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes being written, big-endian, texts in UTF-8 after their length. */
final class ByteWriter {
    private ByteBuffer bytes = ByteBuffer.allocate(1024);

    ByteWriter number4(int number) {
        room(4).putInt(number);
        return this;
    }

    ByteWriter number8(long number) {
        room(8).putLong(number);
        return this;
    }

    ByteWriter flag(boolean flag) {
        return number4(flag ? 1 : 0);
    }

    ByteWriter text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return number4(utf8.length).raw(ByteBuffer.wrap(utf8));
    }

    ByteWriter raw(ByteBuffer more) {
        room(more.remaining()).put(more.duplicate());
        return this;
    }

    void number4At(int position, int number) {
        bytes.putInt(position, number);
    }

    int length() {
        return bytes.position();
    }

    /** The CRC-32C of what was written so far. */
    int checksum() {
        return WindowedBody.checksum(bytes.array(), bytes.position());
    }

    byte[] bytes() {
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    private ByteBuffer room(int more) {
        if (bytes.remaining() < more) {
            ByteBuffer larger = ByteBuffer.allocate(Math.max(2 * bytes.capacity(), bytes.position() + more));
            bytes = larger.put(bytes.flip());
        }
        return bytes;
    }
}
