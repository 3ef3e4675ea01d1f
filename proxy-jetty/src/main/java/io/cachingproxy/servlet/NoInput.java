package io.cachingproxy.servlet;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;

/** The content of a request that was taken for one without: what comes later must not shape a stored response. */
final class NoInput extends ServletInputStream {
    @Override
    public int read() {
        return -1;
    }

    @Override
    public boolean isFinished() {
        return true;
    }

    @Override
    public boolean isReady() {
        return true;
    }

    @Override
    public void setReadListener(ReadListener listener) {
        try {
            listener.onAllDataRead();
        } catch (IOException failed) {
            listener.onError(failed);
        }
    }
}
