package io.cachingproxy.servlet;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.Charset;

/** The writer that a servlet gets. Only its own flush flushes the response: emptying the encoder does not. */
final class RecordingWriter extends PrintWriter {
    private final RecordingOutput output;

    RecordingWriter(RecordingOutput output, Charset charset) {
        super(encoder(output, charset));
        this.output = output;
    }

    private static Writer encoder(OutputStream output, Charset charset) {
        return new OutputStreamWriter(
                new FilterOutputStream(output) {
                    @Override
                    public void write(byte[] bytes, int offset, int length) throws IOException {
                        out.write(bytes, offset, length);
                    }

                    @Override
                    public void flush() {
                        // see flush() of the writer
                    }
                },
                charset);
    }

    /** Passes on what was written, as bytes. */
    void drain() {
        super.flush();
    }

    @Override
    public void flush() {
        drain();
        try {
            output.flush();
        } catch (IOException clientGone) {
            setError();
        }
    }
}
