package io.cachingproxy.coding;

import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.GZIPOutputStream;

/** The coding {@code gzip}, at the default level of zlib. */
final class Gzip implements ContentCoding {
    private static final int BUFFER = 8 * 1024;

    @Override
    public String token() {
        return "gzip";
    }

    @Override
    public OutputStream encode(OutputStream to) throws IOException {
        return new GZIPOutputStream(to, BUFFER, true);
    }

    @Override
    public String toString() {
        return token();
    }
}
