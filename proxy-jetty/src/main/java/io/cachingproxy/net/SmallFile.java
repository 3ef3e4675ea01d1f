package io.cachingproxy.net;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads files that a configuration names: regular files of at most 1 MiB, so that reading ends soon. */
public final class SmallFile {
    private static final int MAX = 1 << 20;

    private SmallFile() {}

    /**
     * Reads the file.
     *
     * @throws IOException if it is unreadable, longer, or no regular file, such as a device or a named pipe; the
     *     message is one sentence that names the file
     */
    public static byte[] read(Path file) throws IOException {
        check(file);
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX + 1);
            if (bytes.length > MAX) {
                throw new IOException(file + " is longer than " + MAX + " bytes");
            }
            return bytes;
        } catch (AccessDeniedException unreadable) {
            throw new IOException(file + " cannot be read", unreadable);
        }
    }

    /**
     * Checks that the file can be read, without reading it.
     *
     * @throws IOException like {@link #read}
     */
    public static void check(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + " cannot be read" + (Files.exists(file) ? ": it is no regular file" : ""));
        }
        if (Files.size(file) > MAX) {
            throw new IOException(file + " is longer than " + MAX + " bytes");
        }
    }
}
