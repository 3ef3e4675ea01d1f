package io.cachingproxy.servlet;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.Charset;
import java.util.function.BooleanSupplier;

/** The writer of a recorded response. Only {@link #flush} flushes the response; draining the encoder does not. */
final class RecordingWriter extends PrintWriter {
    private final RecordingOutput output;
    private final String lineSeparator;
    private final BooleanSupplier passing;

    /**
     * A writer to {@code output}.
     *
     * @param lineSeparator what {@link #println()} writes
     * @param passing whether nothing may be buffered, not even in the encoder
     */
    RecordingWriter(RecordingOutput output, Charset charset, String lineSeparator, BooleanSupplier passing) {
        super(encoder(output, charset));
        this.output = output;
        this.lineSeparator = lineSeparator;
        this.passing = passing;
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

    /** Passes written characters on as bytes. */
    void drain() {
        super.flush();
    }

    private void written() {
        if (passing.getAsBoolean()) {
            drain();
        }
    }

    @Override
    public void write(int c) {
        super.write(c);
        written();
    }

    @Override
    public void write(char[] text, int offset, int length) {
        super.write(text, offset, length);
        written();
    }

    @Override
    public void write(String text, int offset, int length) {
        super.write(text, offset, length);
        written();
    }

    @Override
    public void println() {
        write(lineSeparator);
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
