package io.cachingproxy.servlet;

import io.cachingproxy.Answer;
import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.syntax.FieldValues;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.ServletResponseWrapper;
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
 * Writes an answer to a servlet response, without blocking, at the pace of the content and of the client. Available
 * content is written, and flushed whenever no more is available, so that server-sent events arrive one by one.
 *
 * <p>Content that breaks off must not end as a complete response at the client. The only portable way in the servlet
 * API is one more dispatch of the request, in which the target of the dispatch calls {@link #failed}.
 */
final class AnswerWriter implements WriteListener {
    /** The request attribute that carries a failure into the dispatch that throws it. */
    private static final String FAILURE = AnswerWriter.class.getName() + ".failure";

    /**
     * Maximum length in bytes of available content that is written immediately: it fits the buffers between here and the
     * client.
     */
    static final int SMALL = 64 * 1024;

    private final AsyncContext async;
    private final Content content;
    private final ServletOutputStream out;
    private final AtomicInteger signals = new AtomicInteger();
    /**
     * Whether unflushed data exists: initially the head, if it announces no length and so may be sent before any
     * content.
     */
    private boolean dirty;

    private volatile boolean done;

    private AnswerWriter(AsyncContext async, Answer answer, ServletOutputStream out) {
        this.async = async;
        this.content = answer.content();
        this.out = out;
        this.dirty = !answer.head().headers().contains("Content-Length");
    }

    /** Writes {@code answer} to a request in async mode, and completes its async context. */
    static void write(Answer answer, AsyncContext async) {
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
            // the container has completed the request already
        }
    }

    /**
     * Writes the available content of a small {@code answer} on this thread; starts async for the rest, unless an outer
     * filter has wrapped the response: the filter may copy its buffer when the chain returns, and never again.
     */
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
            if (!request.isAsyncSupported() || response instanceof ServletResponseWrapper) {
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

    /** Writes all of {@code answer} on this thread, blocking while content is not available. */
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
        BlockingContent blocking = new BlockingContent(content, out);
        for (Chunk chunk = blocking.read(); !chunk.isEnd(); chunk = blocking.read()) {
            write(chunk, out);
        }
        if (hasTrailers(content)) {
            out.flush();
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
        if (answer.head().status() == HttpServletResponse.SC_RESET_CONTENT) {
            response.setContentLength(0); // otherwise Tomcat announces chunks, and sends none
        } else if (answer.head().isBodiless(request.getMethod())) {
            response.flushBuffer(); // otherwise the container sets Content-Length: 0, since it has seen no content
        } else if (!request.getProtocol().equals("HTTP/1.0")) {
            Content content = answer.content();
            response.setTrailerFields(() -> trailers(content));
        }
    }

    /**
     * Whether this is a range that the cache has cut out of a stored response. A container with compression would
     * compress the range alone and leave a Content-Range that counts other bytes. An explicit content coding, even
     * identity, prevents that.
     */
    private static boolean isPartFromTheCache(ResponseHead head) {
        return head.status() == 206
                && "HIT".equals(head.headers().first("X-Cache"))
                && !head.headers().contains("Content-Encoding");
    }

    /** The trailers; never null, although the servlet API permits null, because Undertow then fails to end the response. */
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
     * @return whether the request was such a dispatch
     * @throws IOException the failure, if the head is already sent: the container then aborts the response
     */
    static boolean failed(HttpServletRequest request, HttpServletResponse response) throws IOException {
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

    /** Fields that the container or an outer filter may have set to values that do not apply to this answer. */
    private static final Set<String> REPLACED = Set.of("date", "server", "cache-control", "expires", "pragma");

    /** Sets the status and headers, in addition to the headers of other filters. */
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

    /**
     * Writes available content. Called by any thread that signals progress; one thread at a time runs the loop, and a
     * signal meanwhile causes another round.
     */
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
                boolean end = chunk != null && chunk.isEnd();
                if (end && !(dirty && hasTrailers(content))) {
                    done = true;
                    async.complete();
                    return;
                }
                if (chunk != null && !end) {
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
            // This may be the origin's thread, and the container may have recycled the request: exceptions of the
            // container must not reach the fetch.
            leave();
        }
    }

    /**
     * Returns true if the content has trailers: it is flushed before its end then, because the trailers that Jetty writes
     * together with content overtake it over HTTP/2, if it waits for a window of the client, and it is lost.
     */
    private static boolean hasTrailers(Content content) {
        return !content.trailers().isEmpty();
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
