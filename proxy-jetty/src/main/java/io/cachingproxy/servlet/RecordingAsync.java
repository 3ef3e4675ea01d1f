package io.cachingproxy.servlet;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import java.io.IOException;

/** An async context whose completion ends the recording first. */
final class RecordingAsync implements AsyncContext {
    private final AsyncContext context;
    private final Recording recording;

    RecordingAsync(AsyncContext context, Recording recording) {
        this.context = context;
        this.recording = recording;
    }

    @Override
    public void complete() {
        try {
            recording.finish();
        } catch (IOException clientGone) {
            recording.fail();
        }
        context.complete();
    }

    @Override
    public ServletRequest getRequest() {
        return context.getRequest();
    }

    @Override
    public ServletResponse getResponse() {
        return context.getResponse();
    }

    @Override
    public boolean hasOriginalRequestAndResponse() {
        return context.hasOriginalRequestAndResponse();
    }

    @Override
    public void dispatch() {
        recording.dispatched();
        context.dispatch();
    }

    @Override
    public void dispatch(String path) {
        recording.dispatched();
        context.dispatch(path);
    }

    @Override
    public void dispatch(ServletContext other, String path) {
        recording.dispatched();
        context.dispatch(other, path);
    }

    @Override
    public void start(Runnable run) {
        recording.threads().ask();
        context.start(() -> {
            recording.threads().served();
            run.run();
        });
    }

    @Override
    public void addListener(AsyncListener listener) {
        context.addListener(new RecordingListener(listener, this));
    }

    @Override
    public void addListener(AsyncListener listener, ServletRequest request, ServletResponse response) {
        context.addListener(new RecordingListener(listener, this), request, response);
    }

    @Override
    public <T extends AsyncListener> T createListener(Class<T> type) throws ServletException {
        return context.createListener(type);
    }

    @Override
    public void setTimeout(long millis) {
        context.setTimeout(millis);
    }

    @Override
    public long getTimeout() {
        return context.getTimeout();
    }
}
