package io.cachingproxy;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.fields.ByteRange;
import io.cachingproxy.policy.StoredResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Several ranges of a stored body as a {@code multipart/byteranges} content (RFC 9110 §14.6). */
final class Multipart implements Content {
    private final List<Content> pieces;
    private int next;

    private Multipart(List<Content> pieces) {
        this.pieces = pieces;
    }

    static Answer answer(List<ByteRange> ranges, StoredResponse stored, Headers headers, CacheStatus status) {
        String boundary = UUID.randomUUID().toString();
        String type = headers.first("Content-Type");
        long total = stored.body().length();
        List<Content> pieces = new ArrayList<>();
        long length = 0;
        for (ByteRange range : ranges) {
            byte[] head = text("\r\n--" + boundary + (type == null ? "" : "\r\nContent-Type: " + type)
                    + "\r\nContent-Range: " + range.contentRange(total) + "\r\n\r\n");
            pieces.add(Content.of(ByteBuffer.wrap(head)));
            pieces.add(stored.body().read(range.from(), range.count()));
            length += head.length + range.count();
        }
        byte[] end = text("\r\n--" + boundary + "--\r\n");
        pieces.add(Content.of(ByteBuffer.wrap(end)));
        Headers part = headers.with("Content-Type", "multipart/byteranges; boundary=" + boundary)
                .with("Content-Length", Long.toString(length + end.length));
        return new Answer(new ResponseHead(206, part), new Multipart(pieces), status);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public @Nullable Chunk read() throws IOException {
        while (next < pieces.size()) {
            Chunk chunk = pieces.get(next).read();
            if (chunk == null || !chunk.isEnd()) {
                return chunk;
            }
            next++;
        }
        return END;
    }

    @Override
    public void demand(Runnable ready) {
        if (next < pieces.size()) {
            pieces.get(next).demand(ready);
        } else {
            ready.run();
        }
    }

    @Override
    public void cancel() {
        pieces.subList(next, pieces.size()).forEach(Content::cancel);
    }
}
