package io.cachingproxy.jetty.front;

import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.net.JettyHeaders;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** A response that Jetty writes. */
public final class JettyResponse implements Outgoing {
    private final @Nullable ServerContent request;
    private final Response response;
    private final Callback callback;
    private boolean set;

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
    public void head(ResponseHead head, Content content) {
        if (set) {
            response.reset();
        }
        set = true;
        response.setStatus(head.status());
        JettyHeaders.into(response.getHeaders(), head.headers());
        if (!head.headers().contains("Content-Length")) {
            response.setTrailersSupplier(() -> trailers(content));
        }
        if (request != null) {
            request.announce(response);
        }
    }

    private static @Nullable HttpFields trailers(Content content) {
        Headers trailers = content.trailers();
        return trailers.isEmpty() ? null : JettyHeaders.into(HttpFields.build(), trailers);
    }

    @Override
    public boolean isCommitted() {
        return response.isCommitted();
    }

    @Override
    public void write(boolean last, ByteBuffer bytes, Callback written) {
        response.write(last, bytes, written);
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
