package io.cachingproxy.servlet;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The output stream of a recorded response. The beginning of the body is buffered, so that the servlet can still reset
 * the response. Non-blocking output is not buffered, since each write of the servlet may cause only one write to the
 * container.
 */
final class RecordingOutput extends ServletOutputStream {
    /** The buffer size in bytes if the container has no buffer. */
    private static final int BUFFER = 8 * 1024;

    private final RecordingResponse response;
    private final Recording recording;
    private int limit;
    private byte[] held = new byte[0];
    private int count;
    private boolean listening;
    private boolean closed;
    private boolean discarding;
    private @Nullable ServletOutputStream client;

    RecordingOutput(RecordingResponse response, Recording recording) {
        this.response = response;
        this.recording = recording;
        int size = response.client().getBufferSize();
        this.limit = size > 0 ? size : BUFFER;
    }

    /** Sets the buffer size in bytes. */
    void limit(int size) {
        if (count > 0) {
            throw new IllegalStateException("content was written");
        }
        limit = Math.max(size, limit);
    }

    /** Discards the buffer, and that of {@code writer}. */
    void reset(@Nullable RecordingWriter writer) {
        if (writer != null) {
            discarding = true;
            writer.drain();
            discarding = false;
        }
        count = 0;
    }

    /** Passes the buffered data on. */
    void drain() throws IOException {
        if (count > 0) {
            byte[] bytes = Arrays.copyOf(held, count);
            count = 0;
            pass(bytes, 0, bytes.length);
        }
    }

    private void pass(byte[] bytes, int offset, int length) throws IOException {
        recording.body(bytes, offset, length);
        if (recording.passes()) {
            try {
                client().write(bytes, offset, length);
            } catch (IOException clientGone) {
                recording.clientGone(clientGone);
            }
        }
    }

    private ServletOutputStream client() throws IOException {
        if (client == null) {
            client = response.client().getOutputStream();
        }
        return client;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (closed || discarding || length == 0) {
            return;
        }
        recording.disclosure().responding();
        if (response.isCommitted() || listening || recording.isUnseen() || count + length > limit) {
            response.commit();
            pass(bytes, offset, length);
            return;
        }
        if (held.length < count + length) {
            held = Arrays.copyOf(held, Math.min(limit, Math.max(2 * held.length, count + length)));
        }
        System.arraycopy(bytes, offset, held, count, length);
        count += length;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void print(String text) throws IOException {
        if (ContainerResponse.isJettys(response.client())) {
            write(text.getBytes(response.getCharacterEncoding()));
        } else {
            super.print(text);
        }
    }

    @Override
    public void flush() throws IOException {
        response.commit();
        if (recording.passes()) {
            try {
                client().flush();
            } catch (IOException clientGone) {
                recording.clientGone(clientGone);
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            response.commit();
            closed = true;
        }
    }

    @Override
    public boolean isReady() {
        try {
            return !recording.live() || client().isReady();
        } catch (IOException clientGone) {
            return true;
        }
    }

    @Override
    public void setWriteListener(WriteListener listener) {
        listening = true;
        recording.threads().ask();
        try {
            client().setWriteListener(new WriteListener() {
                @Override
                public void onWritePossible() throws IOException {
                    recording.threads().served();
                    listener.onWritePossible();
                }

                @Override
                public void onError(Throwable failure) {
                    listener.onError(failure);
                }
            });
        } catch (IOException clientGone) {
            listener.onError(clientGone);
        }
    }
}
