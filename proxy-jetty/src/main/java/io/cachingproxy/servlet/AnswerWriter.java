package io.cachingproxy.servlet;

import io.cachingproxy.Answer;
import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Writes an answer to a servlet response, without blocking, at the pace of both the content and the client: what is
 * there is written, and flushed whenever nothing more is there, so that events arrive one by one.
 *
 * <p>Content that breaks off must not end cleanly at the client. The servlet API has one portable way to say so: the
 * request is dispatched once more, and {@link CachingFilter} throws the failure there.
 */
public final class AnswerWriter implements WriteListener {
    /** The request attribute that carries a failure into the dispatch that throws it. */
    static final String FAILURE = AnswerWriter.class.getName() + ".failure";

    /** Content up to this length is written at once where it is all there: it fits the buffers on the way. */
    static final int SMALL = 64 * 1024;

    private final AsyncContext async;
    private final Content content;
    private final ServletOutputStream out;
    private final AtomicInteger signals = new AtomicInteger();
    private boolean dirty;
    private boolean done;

    private AnswerWriter(AsyncContext async, Content content, ServletOutputStream out) {
        this.async = async;
        this.content = content;
        this.out = out;
    }

    /** Writes {@code answer} to a request whose async was started, and completes it. */
    public static void write(Answer answer, AsyncContext async) {
        HttpServletResponse response = (HttpServletResponse) async.getResponse();
        try {
            head(answer, response);
            ServletOutputStream out = response.getOutputStream();
            out.setWriteListener(new AnswerWriter(async, answer.content(), out));
        } catch (IOException | IllegalStateException clientGone) {
            answer.content().cancel();
            async.complete();
        }
    }

    /** Writes {@code answer} on this thread if it is small and all there; else starts async. */
    static void write(Answer answer, HttpServletRequest request, HttpServletResponse response) throws IOException {
        String length = answer.head().headers().first("Content-Length");
        boolean small = length != null && length.length() <= 5 && Integer.parseInt(length) <= SMALL;
        if (!small && request.isAsyncSupported()) {
            AsyncContext async = request.startAsync(request, response);
            async.setTimeout(0);
            write(answer, async);
            return;
        }
        writeAll(answer, response);
    }

    /** Writes all of {@code answer} on this thread, which waits where the content does. */
    static void writeAll(Answer answer, HttpServletResponse response) throws IOException {
        head(answer, response);
        ServletOutputStream out = response.getOutputStream();
        BlockingContent content = new BlockingContent(answer.content());
        for (Chunk chunk = content.read(); chunk != Content.END; chunk = content.read()) {
            try {
                write(out, chunk.bytes());
            } finally {
                chunk.release();
            }
        }
    }

    private static void head(Answer answer, HttpServletResponse response) {
        head(answer.head(), response);
        Content content = answer.content();
        if (!answer.head().headers().contains("Content-Length")) {
            response.setTrailerFields(() -> trailers(content));
        }
    }

    private static @Nullable Map<String, String> trailers(Content content) {
        Headers trailers = content.trailers();
        if (trailers.isEmpty()) {
            return null;
        }
        Map<String, String> fields = new HashMap<>();
        for (int i = 0; i < trailers.size(); i++) {
            fields.put(trailers.name(i), trailers.value(i));
        }
        return fields;
    }

    /** Sets status and headers. */
    static void head(ResponseHead head, HttpServletResponse response) {
        response.setStatus(head.status());
        Headers headers = head.headers();
        for (int i = 0; i < headers.size(); i++) {
            response.addHeader(headers.name(i), headers.value(i));
        }
    }

    private static void write(ServletOutputStream out, ByteBuffer bytes) throws IOException {
        if (bytes.hasArray()) {
            out.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
        } else {
            byte[] copy = new byte[bytes.remaining()];
            bytes.duplicate().get(copy);
            out.write(copy);
        }
    }

    @Override
    public void onWritePossible() {
        advance();
    }

    /** Runs on whatever thread has news, one at a time: a signal that comes meanwhile means another round. */
    private void advance() {
        if (signals.getAndIncrement() != 0) {
            return;
        }
        int seen;
        do {
            seen = signals.get();
            if (!done) {
                step();
            }
        } while (!signals.compareAndSet(seen, 0));
    }

    private void step() {
        try {
            while (out.isReady()) {
                Chunk chunk = content.read();
                if (chunk == Content.END) {
                    done = true;
                    async.complete();
                    return;
                }
                if (chunk == null) {
                    if (dirty) {
                        dirty = false;
                        out.flush();
                        continue;
                    }
                    content.demand(this::advance);
                    return;
                }
                dirty = true;
                write(chunk);
            }
        } catch (IOException failed) {
            fail(failed);
        }
    }

    private void write(Chunk chunk) throws IOException {
        try {
            write(out, chunk.bytes());
        } finally {
            chunk.release();
        }
    }

    @Override
    public void onError(Throwable clientGone) {
        content.cancel();
        if (!done) {
            done = true;
            async.complete();
        }
    }

    private void fail(IOException failure) {
        done = true;
        content.cancel();
        async.getRequest().setAttribute(FAILURE, failure);
        async.dispatch();
    }
}
