package io.cachingproxy.http;

import java.io.IOException;

/** The content has more bytes than its reader takes. */
public final class ContentTooLongException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int max;

    ContentTooLongException(int max) {
        super("the content is longer than " + max + " bytes");
        this.max = max;
    }

    /** The most bytes that the reader takes. */
    public int max() {
        return max;
    }
}
