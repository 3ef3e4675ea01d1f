package io.cachingproxy.jetty.front;

import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.net.JettyHeaders;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** A response that Jetty writes. */
public final class JettyResponse implements Outgoing {
    private final @Nullable ServerContent request;
    private final Response response;
    private final Callback callback;
    private Content content = Content.empty();
    private boolean set;
    private boolean announced;
    private boolean bodiless;

    /**
     * @param request the content of the request; null if it has none
     * @param callback completes with the exchange
     */
    public JettyResponse(@Nullable ServerContent request, Response response, Callback callback) {
        this.request = request;
        this.response = response;
        this.callback = callback;
    }

    @Override
    public void head(ResponseHead head, Content following) {
        if (set) {
            response.reset();
        }
        set = true;
        content = following;
        announced = head.headers().contains("Content-Length");
        bodiless = head.isBodiless(response.getRequest().getMethod());
        response.setStatus(head.status());
        JettyHeaders.into(response.getHeaders(), head.headers());
        if (!announced) {
            response.setTrailersSupplier(this::trailers);
        }
        if (request != null) {
            request.announce(response);
        }
    }

    private @Nullable HttpFields trailers() {
        Headers trailers = content.trailers();
        return trailers.isEmpty() ? null : JettyHeaders.into(HttpFields.build(), trailers);
    }

    @Override
    public boolean isCommitted() {
        return response.isCommitted();
    }

    @Override
    public void write(boolean last, ByteBuffer bytes, Callback written) {
        if (last && !announced && !response.isCommitted() && isEndApart(bytes)) {
            Callback end = Callback.from(
                    written.getInvocationType(),
                    () -> response.write(true, BufferUtil.EMPTY_BUFFER, written),
                    written::failed);
            response.write(false, bytes, end);
        } else {
            response.write(last, bytes, written);
        }
    }

    /**
     * Whether head and content are written before the end. Written together with them over HTTP/2, Jetty's trailers overtake
     * content that waits for a window of the client, which is then lost. Without content, Jetty adds Content-Length: 0 to a
     * response whose length is that of another one, or that has none (RFC 9110 §8.6).
     */
    private boolean isEndApart(ByteBuffer bytes) {
        boolean http2 = response.getRequest().getConnectionMetaData().getHttpVersion() == HttpVersion.HTTP_2;
        return bytes.hasRemaining()
                ? http2 && !content.trailers().isEmpty()
                : bodiless && (http2 || response.getStatus() == HttpStatus.NOT_MODIFIED_304);
    }

    @Override
    public void execute(Runnable task) {
        response.getRequest().getComponents().getExecutor().execute(task);
    }

    @Override
    public void abort() {
        PendingWrites.abort(response.getRequest());
    }

    @Override
    public void completed() {
        if (request == null) {
            callback.succeeded();
        } else {
            request.complete(callback);
        }
    }

    @Override
    public void failed(Throwable cause) {
        callback.failed(cause);
    }

    @Override
    public FaultLog faults() {
        return FaultLog.of(response.getRequest());
    }

    @Override
    public FaultLog.Subject subject() {
        return FaultLog.Subject.of(response.getRequest());
    }
}
