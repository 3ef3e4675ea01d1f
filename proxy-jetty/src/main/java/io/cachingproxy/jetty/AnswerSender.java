package io.cachingproxy.jetty;

import io.cachingproxy.Answer;
import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.IteratingCallback;
import org.jspecify.annotations.Nullable;

/**
 * Writes an answer to a Jetty response at the pace of both the content and the client. Head and body go out in one write
 * where the body is one chunk that is already there.
 */
final class AnswerSender extends IteratingCallback {
    private final Content content;
    private final Response response;
    private final Callback callback;
    private @Nullable Chunk writing;
    private @Nullable Chunk next;
    private boolean last;

    private AnswerSender(Content content, Response response, Callback callback) {
        this.content = content;
        this.response = response;
        this.callback = callback;
    }

    /** Writes {@code answer}, and completes {@code callback}: failed, if the content broke off or the client left. */
    static void send(Answer answer, Response response, Callback callback) {
        response.setStatus(answer.head().status());
        HttpFields.Mutable fields = response.getHeaders();
        Headers headers = answer.head().headers();
        boolean counted = false;
        for (int i = 0; i < headers.size(); i++) {
            String name = headers.name(i);
            fields.add(name, headers.value(i));
            counted |= name.equalsIgnoreCase("Content-Length");
        }
        Content content = answer.content();
        if (!counted) {
            response.setTrailersSupplier(() -> trailers(content));
        }
        new AnswerSender(content, response, callback).iterate();
    }

    private static @Nullable HttpFields trailers(Content content) {
        Headers trailers = content.trailers();
        if (trailers.isEmpty()) {
            return null;
        }
        HttpFields.Mutable fields = HttpFields.build();
        for (int i = 0; i < trailers.size(); i++) {
            fields.add(trailers.name(i), trailers.value(i));
        }
        return fields;
    }

    @Override
    protected Action process() throws IOException {
        if (last) {
            return Action.SUCCEEDED;
        }
        Chunk chunk = next == null ? content.read() : next;
        next = null;
        if (chunk == null) {
            content.demand(this::iterate);
            return Action.IDLE;
        }
        ByteBuffer bytes = BufferUtil.EMPTY_BUFFER;
        if (chunk == Content.END) {
            last = true;
        } else {
            writing = chunk;
            bytes = chunk.bytes();
            next = ahead();
            last = next == Content.END;
        }
        response.write(last, bytes, this);
        return Action.SCHEDULED;
    }

    /** The chunk after this one, if it is known already: the last one is written as such. */
    private @Nullable Chunk ahead() throws IOException {
        try {
            return content.read();
        } catch (IOException broken) {
            release();
            throw broken;
        }
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
        callback.succeeded();
    }

    @Override
    protected void onCompleteFailure(Throwable cause) {
        release();
        if (next != null) {
            next.release();
            next = null;
        }
        content.cancel();
        callback.failed(cause);
    }
}
