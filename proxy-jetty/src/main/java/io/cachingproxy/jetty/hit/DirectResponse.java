package io.cachingproxy.jetty.hit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.cachingproxy.Interim;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.jetty.front.FaultLog;
import io.cachingproxy.jetty.front.Outgoing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * The response to a {@link SimpleRequest} over HTTP/1.1, written to the connection without a Jetty request (RFC 9112 §6,
 * §7). The content has the announced length, or is chunked; of a response that is known completely when it is written, the
 * length is added.
 */
final class DirectResponse implements Outgoing, Interim {
    private static final String CHUNKED = "Transfer-Encoding: chunked\r\n";
    private static final String CLOSE = "Connection: close\r\n";
    private static final byte[] NOTHING = {};
    private static final byte[] LINE_END = {'\r', '\n'};

    /** Fields that the connection decides. */
    private static final Set<String> OF_CONNECTION = Set.of("connection", "transfer-encoding");

    private static final Set<String> LENGTH = Set.of("content-length");

    /** The connection of the response. */
    interface Owner {
        EndPoint client();

        Executor executor();

        FaultLog faults();

        /** Whether the connection ends with this response. */
        boolean isEnding();

        /**
         * The exchange has ended.
         *
         * @param failure why the response breaks off; null if it is complete
         */
        void ended(DirectResponse response, @Nullable Throwable failure);
    }

    private final SimpleRequest request;
    private final Owner owner;

    /** The rest of interim responses that the client did not take at once. */
    private ByteBuffer interim = BufferUtil.EMPTY_BUFFER;

    private int status;
    private Headers headers = Headers.EMPTY;
    private Content content = Content.empty();
    private boolean bodiless;
    /** The announced length; negative if there is none. */
    private long announced;

    private boolean chunked;
    private boolean closes;
    private boolean committed;
    private long sent;
    private long written;

    DirectResponse(SimpleRequest request, Owner owner) {
        this.request = request;
        this.owner = owner;
    }

    int status() {
        return status;
    }

    /** Number of bytes of content that were written. */
    long contentBytes() {
        return sent;
    }

    /** Number of bytes that were written. */
    long bytes() {
        return written;
    }

    /** Whether the response announces the end of the connection. */
    boolean closes() {
        return closes;
    }

    /** Interim responses precede the head. The client gets at once what it takes without waiting. */
    @Override
    public void relay(int code, Headers fields) {
        byte[] head = new byte[HeadWriter.length(fields, "")];
        int length = HeadWriter.write(code, fields, "", head);
        if (length < 0) {
            return;
        }
        ByteBuffer all = ByteBuffer.allocate(interim.remaining() + length)
                .put(interim)
                .put(head, 0, length)
                .flip();
        written += length;
        try {
            owner.client().flush(all);
            interim = all;
        } catch (IOException gone) { // the write of the response fails too
            interim = BufferUtil.EMPTY_BUFFER;
        }
    }

    @Override
    public void head(ResponseHead head, Content following) {
        status = head.status();
        content = following;
        bodiless = head.isBodiless(request.method());
        closes = head.headers().hasMember("Connection", "close");
        Headers fields = head.headers();
        if (fields.contains("Connection") || fields.contains("Transfer-Encoding")) {
            fields = fields.without(OF_CONNECTION);
        }
        Long length = fields.contentLength();
        if (fields.contains("Content-Length") && (length == null || status == 204)) { // RFC 9110 §8.6
            fields = fields.without(LENGTH);
        }
        headers = fields;
        announced = length == null || bodiless ? -1 : length;
    }

    @Override
    public boolean isCommitted() {
        return committed;
    }

    @Override
    public void write(boolean last, ByteBuffer bytes, Callback callback) {
        int length = bodiless ? 0 : bytes.remaining();
        long all = sent + length;
        if (announced >= 0 && (all > announced || (last && all < announced))) {
            callback.failed(new IOException("the content has another length than announced"));
            return;
        }
        byte[] head = NOTHING;
        int headLength = 0;
        if (!committed) {
            chunked =
                    !bodiless && announced < 0 && (!last || !content.trailers().isEmpty());
            closes |= owner.isEnding();
            String framing = framing(length);
            head = ThreadBuffers.get().head;
            headLength = HeadWriter.write(status, headers, framing, head);
            if (headLength < 0) {
                head = new byte[HeadWriter.length(headers, framing)];
                headLength = HeadWriter.write(status, headers, framing, head);
            }
            if (headLength < 0) {
                throw new IllegalStateException("a field of the response has an invalid name");
            }
            committed = true;
        }
        sent = all;
        byte[] size = chunked && length > 0 ? (Integer.toHexString(length) + "\r\n").getBytes(ISO_8859_1) : NOTHING;
        byte[] end = chunked ? end(last, length > 0) : NOTHING;
        int around = interim.remaining() + headLength + size.length + end.length;
        written += around + length;
        if (around + length <= ThreadBuffers.SHORT) {
            ByteBuffer text = length > 0 ? bytes : BufferUtil.EMPTY_BUFFER;
            ByteBuffer out = ThreadBuffers.get().out.clear();
            out.put(interim).put(head, 0, headLength).put(size);
            int before = out.position();
            out.put(text.duplicate()).put(end).flip();
            flush(callback, () -> rest(out, before, text, end), out);
        } else {
            ByteBuffer before = ByteBuffer.allocate(around - end.length)
                    .put(interim)
                    .put(head, 0, headLength)
                    .put(size)
                    .flip();
            ByteBuffer[] pieces = {before, bytes, ByteBuffer.wrap(end)};
            flush(callback, () -> pieces, pieces);
        }
    }

    private String framing(int length) {
        String content = chunked ? CHUNKED : bodiless || announced >= 0 ? "" : "Content-Length: " + length + "\r\n";
        return closes ? content + CLOSE : content;
    }

    /** The bytes after the content of a write. */
    private byte[] end(boolean last, boolean chunk) {
        if (!last) {
            return chunk ? LINE_END : NOTHING;
        }
        Headers trailers = content.trailers();
        StringBuilder end = new StringBuilder(chunk ? "\r\n0\r\n" : "0\r\n");
        for (int i = 0; i < trailers.size(); i++) {
            end.append(trailers.name(i)).append(": ").append(trailers.value(i)).append("\r\n");
        }
        return end.append("\r\n").toString().getBytes(ISO_8859_1);
    }

    /**
     * Writes {@code now}, and what the client does not take at once at its pace.
     *
     * @param rest supplies that, in buffers that may be retained until the write has ended
     */
    private void flush(Callback callback, Supplier<ByteBuffer[]> rest, ByteBuffer... now) {
        try {
            if (!owner.client().flush(now)) {
                owner.client().write(callback, rest.get());
                return;
            }
        } catch (IOException gone) {
            callback.failed(gone);
            return;
        }
        callback.succeeded();
    }

    /**
     * The rest of a buffer of the thread. The content is not copied, because the caller retains it: a client that stalls
     * takes no memory of its own.
     *
     * @param before number of bytes before the content
     */
    private static ByteBuffer[] rest(ByteBuffer out, int before, ByteBuffer text, byte[] end) {
        int taken = out.position();
        int ofText = Math.min(text.remaining(), Math.max(0, taken - before));
        int ofEnd = Math.max(0, taken - before - text.remaining());
        return new ByteBuffer[] {
            taken < before ? BufferUtil.copy(out.duplicate().limit(before)) : BufferUtil.EMPTY_BUFFER,
            text.duplicate().position(text.position() + ofText),
            ByteBuffer.wrap(end, ofEnd, end.length - ofEnd)
        };
    }

    @Override
    public void execute(Runnable task) {
        owner.executor().execute(task);
    }

    @Override
    public void abort() {
        owner.client().close();
    }

    @Override
    public void completed() {
        owner.ended(this, null);
    }

    @Override
    public void failed(Throwable cause) {
        owner.ended(this, cause);
    }

    @Override
    public FaultLog faults() {
        return owner.faults();
    }

    @Override
    public FaultLog.Subject subject() {
        return new FaultLog.Subject(request.method(), request.target(), request::headers);
    }
}
