package io.cachingproxy.servlet;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The content of a servlet request, read without blocking. The request must be in async mode. */
final class ServletBody implements Content, ReadListener {
    private static final int CHUNK = 16 * 1024;

    private final ServletInputStream in;
    private @Nullable Runnable demand;
    private boolean signalled;
    private @Nullable Throwable failure;

    private ServletBody(ServletInputStream in) {
        this.in = in;
    }

    /** The content of {@code in}, which must not be read in any other way from now on. */
    static Content of(ServletInputStream in) {
        ServletBody body = new ServletBody(in);
        in.setReadListener(body);
        return body;
    }

    @Override
    public @Nullable Chunk read() throws IOException {
        Throwable failed;
        synchronized (this) {
            failed = failure;
        }
        if (failed != null) {
            throw new IOException("the request broke off", failed);
        }
        if (in.isFinished()) {
            return END;
        }
        synchronized (this) {
            signalled = false;
        }
        if (!in.isReady()) {
            return in.isFinished() ? END : null;
        }
        byte[] bytes = new byte[CHUNK];
        int n = in.read(bytes);
        return n < 0 ? END : Chunk.of(ByteBuffer.wrap(bytes, 0, n));
    }

    @Override
    public void demand(Runnable ready) {
        synchronized (this) {
            if (!signalled) {
                demand = ready;
                return;
            }
        }
        ready.run();
    }

    @Override
    public void cancel() {
        synchronized (this) {
            demand = null;
        }
    }

    private void signal(@Nullable Throwable cause) {
        Runnable ready;
        synchronized (this) {
            failure = failure == null ? cause : failure;
            signalled = true;
            ready = demand;
            demand = null;
        }
        if (ready != null) {
            ready.run();
        }
    }

    @Override
    public void onDataAvailable() {
        signal(null);
    }

    @Override
    public void onAllDataRead() {
        signal(null);
    }

    @Override
    public void onError(Throwable cause) {
        signal(cause);
    }
}
