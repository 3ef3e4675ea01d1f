package io.cachingproxy.servlet;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;

/**
 * Empty content, for a request that was classified as one without content: content that arrives later must not
 * influence a stored response.
 */
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
