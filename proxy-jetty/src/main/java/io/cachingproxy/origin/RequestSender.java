package io.cachingproxy.origin;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.IteratingCallback;
import org.jspecify.annotations.Nullable;

/** Sends a request with content, at the pace of the client and of the origin. */
final class RequestSender extends IteratingCallback {
    private static final byte[] LINE_END = {'\r', '\n'};
    private static final byte[] LAST_CHUNK = {'0', '\r', '\n', '\r', '\n'};

    private final Http1Call call;
    private final EndPoint endPoint;
    private final Content content;
    private final boolean chunked;
    private final RequestTimer timer;
    private final long announced;
    private @Nullable ByteBuffer head;
    private @Nullable Chunk writing;
    private @Nullable Chunk next;
    private long taken;
    private boolean last;
    private volatile boolean broke;

    RequestSender(
            Http1Call call,
            EndPoint endPoint,
            @Nullable ByteBuffer head,
            Fetch fetch,
            RequestHeadWriter.Framing framing,
            RequestTimer timer) {
        this.call = call;
        this.endPoint = endPoint;
        this.head = head;
        this.content = fetch.body();
        this.chunked = framing == RequestHeadWriter.Framing.CHUNKED;
        this.timer = timer;
        Long length = chunked ? null : fetch.request().headers().contentLength();
        this.announced = length == null ? -1 : length;
    }

    @Override
    public InvocationType getInvocationType() {
        return InvocationType.NON_BLOCKING;
    }

    @Override
    protected Action process() throws IOException {
        timer.activity();
        if (last) {
            return Action.SUCCEEDED;
        }
        List<ByteBuffer> out = new ArrayList<>(4);
        if (head != null) {
            out.add(head);
            head = null;
        }
        do {
            Chunk chunk = next == null ? read() : next;
            next = null;
            if (chunk == null) {
                break;
            }
            add(chunk, out);
        } while (out.isEmpty() && !last);
        if (!out.isEmpty()) {
            endPoint.write(this, out.toArray(ByteBuffer[]::new));
            return Action.SCHEDULED;
        }
        if (last) {
            return Action.SUCCEEDED;
        }
        timer.clientSends(true);
        content.demand(() -> {
            timer.clientSends(false);
            iterate();
        });
        return Action.IDLE;
    }

    private void add(Chunk chunk, List<ByteBuffer> out) throws IOException {
        if (chunk.isEnd()) {
            addEnd(out);
            return;
        }
        release();
        writing = chunk;
        ByteBuffer bytes = chunk.bytes();
        if (!bytes.hasRemaining()) {
            return;
        }
        taken += bytes.remaining();
        if (announced >= 0 && taken > announced) {
            throw broken(new IOException("the request is longer than it said"));
        }
        if (chunked) {
            String size = Integer.toHexString(bytes.remaining()) + "\r\n";
            out.add(ByteBuffer.wrap(size.getBytes(StandardCharsets.US_ASCII)));
        }
        out.add(bytes);
        if (chunked) {
            out.add(ByteBuffer.wrap(LINE_END));
        }
        next = read();
        if (next != null && next.isEnd()) {
            next = null;
            addEnd(out);
        }
    }

    private void addEnd(List<ByteBuffer> out) throws IOException {
        if (announced >= 0 && taken != announced) {
            throw broken(new IOException("the request is not as long as it said"));
        }
        last = true;
        if (chunked) {
            out.add(ByteBuffer.wrap(LAST_CHUNK));
        }
    }

    private @Nullable Chunk read() throws IOException {
        try {
            return content.read();
        } catch (IOException | RuntimeException failed) {
            throw broken(failed instanceof IOException io ? io : new IOException(failed));
        }
    }

    private IOException broken(IOException cause) {
        broke = true;
        return cause;
    }

    private void release() {
        if (writing != null) {
            writing.release();
            writing = null;
        }
    }

    @Override
    protected void onSuccess() {
        release();
    }

    @Override
    protected void onCompleteSuccess() {
        release();
        call.onSent();
    }

    @Override
    protected void onCompleteFailure(Throwable cause) {
        release();
        if (next != null && !next.isEnd()) {
            next.release();
            next = null;
        }
        if (broke) {
            call.onRequestBroke(cause);
        } else {
            content.cancel();
            call.onUnsent(cause);
        }
    }
}
