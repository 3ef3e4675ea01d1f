package io.cachingproxy.servlet;

import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import java.io.IOException;

/** A listener of the servlet, whose events refer to the async context that ends the recording. */
final class RecordingListener implements AsyncListener {
    private final AsyncListener listener;
    private final RecordingAsync context;

    RecordingListener(AsyncListener listener, RecordingAsync context) {
        this.listener = listener;
        this.context = context;
    }

    private AsyncEvent own(AsyncEvent event) {
        return new AsyncEvent(context, event.getSuppliedRequest(), event.getSuppliedResponse(), event.getThrowable());
    }

    @Override
    public void onComplete(AsyncEvent event) throws IOException {
        listener.onComplete(own(event));
    }

    @Override
    public void onTimeout(AsyncEvent event) throws IOException {
        listener.onTimeout(own(event));
    }

    @Override
    public void onError(AsyncEvent event) throws IOException {
        listener.onError(own(event));
    }

    @Override
    public void onStartAsync(AsyncEvent event) throws IOException {
        listener.onStartAsync(event);
    }
}
