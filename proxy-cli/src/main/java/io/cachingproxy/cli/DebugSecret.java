package io.cachingproxy.cli;

import io.cachingproxy.jetty.debug.DebugTokens;
import io.cachingproxy.net.SmallFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The file with the secret of debug tokens. */
final class DebugSecret {
    private DebugSecret() {}

    /**
     * The tokens of the secret in {@code file}, without white space at its beginning and end.
     *
     * @throws IllegalArgumentException if the file cannot be read or the secret is too short; the message is one line that
     *     names the file
     */
    static DebugTokens in(Path file) {
        try {
            String secret = new String(SmallFile.read(file), StandardCharsets.ISO_8859_1).strip();
            return new DebugTokens(secret.getBytes(StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }
}
