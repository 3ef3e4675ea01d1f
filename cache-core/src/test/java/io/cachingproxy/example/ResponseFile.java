package io.cachingproxy.example;

import io.cachingproxy.http.Body;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.ResponseCodec;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file that has a response, and its body in front of it. */
record ResponseFile(Path path) {
    void write(CacheKey key, StoredResponse response, byte[] body) throws IOException {
        byte[] head = ResponseCodec.encode(key, response);
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES + body.length + head.length);
        Files.write(path, bytes.putInt(body.length).put(body).put(head).array());
    }

    /** The response; null if the file is damaged, truncated, or of another key. */
    StoredResponse read(CacheKey key) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path));
        try {
            int length = bytes.getInt();
            Body body = Body.of(bytes.slice(bytes.position(), length));
            return ResponseCodec.decode(key, bytes.position(bytes.position() + length), body);
        } catch (BufferUnderflowException | IllegalArgumentException | IndexOutOfBoundsException truncated) {
            return null;
        }
    }
}
