package io.cachingproxy.cli.requests;

import java.io.Closeable;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Where the lines of the access log go: a file that is rotated by its size, or stdout. Not thread-safe. */
final class LogOutput implements Closeable {
    /** Number of rotated files that are kept. */
    static final int KEPT = 5;

    private final @Nullable Path file;
    private final long maxBytes;
    private OutputStream out;
    private long size;

    /**
     * @param file null: stdout
     * @param maxBytes the size at which the file is rotated
     */
    LogOutput(@Nullable Path file, long maxBytes) throws IOException {
        this.file = file;
        this.maxBytes = maxBytes;
        this.out = opened();
    }

    private OutputStream opened() throws IOException {
        if (file == null) {
            return new FileOutputStream(FileDescriptor.out);
        }
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        size = channel.size();
        return Channels.newOutputStream(channel);
    }

    /** Writes lines. A failure loses them, and the next call tries again. */
    void write(byte[] lines) throws IOException {
        if (file != null && size > 0 && size + lines.length > maxBytes) {
            rotate(file);
        }
        out.write(lines);
        size += lines.length;
    }

    private void rotate(Path current) throws IOException {
        for (int i = KEPT - 1; i >= 1; i--) {
            if (Files.exists(numbered(current, i))) {
                Files.move(numbered(current, i), numbered(current, i + 1), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Files.move(current, numbered(current, 1), StandardCopyOption.REPLACE_EXISTING);
        reopen();
    }

    private static Path numbered(Path file, int number) {
        return file.resolveSibling(file.getFileName() + "." + number);
    }

    /** Opens the file by its name again, after another program has renamed it. */
    void reopen() throws IOException {
        if (file != null) {
            OutputStream fresh = opened();
            out.close();
            out = fresh;
        }
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            out.close();
        }
    }
}
