package io.cachingproxy.store.bytes;

import io.cachingproxy.http.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.zip.CRC32C;

/** Writes big-endian numbers, and texts in UTF-8 with a length prefix. */
public final class ByteWriter {
    private ByteBuffer bytes = ByteBuffer.allocate(1024);

    public ByteWriter number4(int number) {
        room(4).putInt(number);
        return this;
    }

    public ByteWriter number8(long number) {
        room(8).putLong(number);
        return this;
    }

    public ByteWriter flag(boolean flag) {
        return number4(flag ? 1 : 0);
    }

    public ByteWriter text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return number4(utf8.length).raw(ByteBuffer.wrap(utf8));
    }

    /** Writes the number of field lines, then name and value of each. */
    public ByteWriter headers(Headers headers) {
        number4(headers.size());
        for (int i = 0; i < headers.size(); i++) {
            text(headers.name(i)).text(headers.value(i));
        }
        return this;
    }

    /** Writes the number of texts, then each. */
    public ByteWriter texts(Collection<String> texts) {
        number4(texts.size());
        texts.forEach(this::text);
        return this;
    }

    public ByteWriter raw(ByteBuffer more) {
        room(more.remaining()).put(more.duplicate());
        return this;
    }

    public void number4At(int position, int number) {
        bytes.putInt(position, number);
    }

    public int length() {
        return bytes.position();
    }

    /** The CRC-32C of all bytes written so far. */
    public int checksum() {
        CRC32C crc = new CRC32C();
        crc.update(bytes.array(), 0, bytes.position());
        return (int) crc.getValue();
    }

    public byte[] bytes() {
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
