package io.cachingproxy.servlet;

import io.cachingproxy.Answer;
import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.syntax.FieldValues;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Writes an answer to a servlet response, without blocking, at the pace of both the content and the client: what is
 * there is written, and flushed whenever nothing more is there, so that events arrive one by one.
 *
 * <p>Content that breaks off must not end cleanly at the client. The servlet API has one portable way to say so: the
 * request is dispatched once more, and whoever it is dispatched to asks {@link #failed}.
 */
public final class AnswerWriter implements WriteListener {
    /** The request attribute that carries a failure into the dispatch that throws it. */
    private static final String FAILURE = AnswerWriter.class.getName() + ".failure";

    /** Content up to this length is written at once where it is all there: it fits the buffers on the way. */
    static final int SMALL = 64 * 1024;

    private final AsyncContext async;
    private final Content content;
    private final ServletOutputStream out;
    private final AtomicInteger signals = new AtomicInteger();
    /** Whether something is there to be flushed: at first the head, if it announces no length and so may come alone. */
    private boolean dirty;

    private volatile boolean done;

    private AnswerWriter(AsyncContext async, Answer answer, ServletOutputStream out) {
        this.async = async;
        this.content = answer.content();
        this.out = out;
        this.dirty = !answer.head().headers().contains("Content-Length");
    }

    /** Writes {@code answer} to a request whose async was started, and completes it. */
    public static void write(Answer answer, AsyncContext async) {
        try {
            HttpServletResponse response = (HttpServletResponse) async.getResponse();
            head(answer, (HttpServletRequest) async.getRequest(), response);
            ServletOutputStream out = response.getOutputStream();
            out.setWriteListener(new AnswerWriter(async, answer, out));
        } catch (IOException | RuntimeException clientGone) {
            answer.content().cancel();
            complete(async);
        }
    }

    private static void complete(AsyncContext async) {
        try {
            async.complete();
        } catch (RuntimeException over) {
            // the container was faster
        }
    }

    /** Writes {@code answer} on this thread as far as it is small and there; starts async for the rest. */
    static void write(Answer answer, HttpServletRequest request, HttpServletResponse response) throws IOException {
        Content content = answer.content();
        try {
            head(answer, request, response);
            ServletOutputStream out = response.getOutputStream();
            boolean begun = false;
            Chunk chunk = isSmall(answer) ? content.read() : null;
            while (chunk != null && !chunk.isEnd()) {
                begun = true;
                write(chunk, out);
                chunk = content.read();
            }
            if (chunk != null && chunk.isEnd()) {
                return;
            }
            if (!request.isAsyncSupported()) {
                writeRest(content, out);
                return;
            }
            AsyncContext async = request.startAsync(request, response);
            async.setTimeout(0);
            AnswerWriter rest = new AnswerWriter(async, answer, out);
            rest.dirty |= begun;
            out.setWriteListener(rest);
        } catch (IOException failed) {
            content.cancel();
            end(failed, response);
        }
    }

    private static boolean isSmall(Answer answer) {
        String announced = answer.head().headers().first("Content-Length");
        Long length = announced == null ? null : FieldValues.number(announced.strip(), SMALL + 1);
        return length != null && length <= SMALL;
    }

    /** Writes all of {@code answer} on this thread, which waits where the content does. */
    static void writeAll(Answer answer, HttpServletRequest request, HttpServletResponse response) throws IOException {
        try {
            head(answer, request, response);
            writeRest(answer.content(), response.getOutputStream());
        } catch (IOException failed) {
            answer.content().cancel();
            throw failed;
        }
    }

    private static void writeRest(Content content, ServletOutputStream out) throws IOException {
        BlockingContent blocking = new BlockingContent(content);
        for (Chunk chunk = blocking.read(); !chunk.isEnd(); chunk = blocking.read()) {
            write(chunk, out);
        }
    }

    private static void head(Answer answer, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        head(answer.head(), response);
        if (isPartFromTheCache(answer.head()) && request.getHeader("Accept-Encoding") != null) {
            response.setHeader("Content-Encoding", "identity");
        }
        if (answer.head().headers().contains("Content-Length")) {
            return;
        }
        if (answer.head().isBodiless(request.getMethod())) {
            response.flushBuffer(); // else the container counts the bytes that it did not see: Content-Length: 0
        } else if (!request.getProtocol().equals("HTTP/1.0")) {
            Content content = answer.content();
            response.setTrailerFields(() -> trailers(content));
        }
    }

    /**
     * Whether this is a part that the cache has cut out of a response. Containers that compress would compress it alone, and
     * leave a Content-Range that counts other bytes. A coding that is named, even that which changes nothing, prevents it.
     */
    private static boolean isPartFromTheCache(ResponseHead head) {
        return head.status() == 206
                && "HIT".equals(head.headers().first("X-Cache"))
                && !head.headers().contains("Content-Encoding");
    }

    /** Never null, which the servlet API permits: Undertow then fails to end the response. */
    private static Map<String, String> trailers(Content content) {
        Headers trailers = content.trailers();
        Map<String, String> fields = new HashMap<>();
        for (int i = 0; i < trailers.size(); i++) {
            fields.put(trailers.name(i), trailers.value(i));
        }
        return fields;
    }

    /**
     * Ends the response of a request that was dispatched because its content broke off; does nothing for another one.
     *
     * @return whether it was such a request
     * @throws IOException that failure, if the head is gone already: the container aborts the response of whoever throws
     */
    public static boolean failed(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (!(request.getAttribute(FAILURE) instanceof IOException failure)) {
            return false;
        }
        end(failure, response);
        return true;
    }

    private static void end(IOException failure, HttpServletResponse response) throws IOException {
        if (response.isCommitted()) {
            throw failure;
        }
        response.reset();
        response.sendError(HttpServletResponse.SC_BAD_GATEWAY);
    }

    /** Fields of which the container or an outer filter may have set one that does not hold for this answer. */
    private static final Set<String> REPLACED = Set.of("date", "server", "cache-control", "expires", "pragma");

    /** Sets status and headers, beside those of other filters. */
    static void head(ResponseHead head, HttpServletResponse response) {
        response.setStatus(head.status());
        Headers headers = head.headers();
        List<String> vary = List.copyOf(response.getHeaders("Vary"));
        Set<String> begun = new HashSet<>();
        for (int i = 0; i < headers.size(); i++) {
            String name = headers.name(i);
            String lower = name.toLowerCase(Locale.ROOT);
            if (REPLACED.contains(lower) && begun.add(lower)) {
                response.setHeader(name, headers.value(i));
            } else if (!lower.equals("vary") || !vary.contains(headers.value(i))) {
                response.addHeader(name, headers.value(i));
            }
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
                Chunk chunk = next();
                if (done) {
                    return;
                }
                if (chunk != null && chunk.isEnd()) {
                    done = true;
                    async.complete();
                    return;
                }
                if (chunk != null) {
                    dirty = true;
                    write(chunk, out);
                } else if (dirty) {
                    dirty = false;
                    out.flush();
                } else {
                    content.demand(this::advance);
                    return;
                }
            }
        } catch (IOException | RuntimeException clientGone) {
            // This may be the origin's thread, and the container may have forgotten the request: whatever it throws now
            // must not reach the fill.
            leave();
        }
    }

    private @Nullable Chunk next() {
        try {
            return content.read();
        } catch (IOException brokeOff) {
            done = true;
            content.cancel();
            async.getRequest().setAttribute(FAILURE, brokeOff);
            async.dispatch();
            return null;
        }
    }

    private static void write(Chunk chunk, ServletOutputStream out) throws IOException {
        try {
            write(out, chunk.bytes());
        } finally {
            chunk.release();
        }
    }

    @Override
    public void onError(Throwable clientGone) {
        leave();
    }

    private void leave() {
        content.cancel();
        if (done) {
            return;
        }
        done = true;
        complete(async);
    }
}
