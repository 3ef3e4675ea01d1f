package io.cachingproxy.http;

import java.io.IOException;

/** The content is longer than the reader's limit. */
public final class ContentTooLongException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int max;

    ContentTooLongException(int max) {
        super("the content is longer than " + max + " bytes");
        this.max = max;
    }

    /** The limit of the reader, in bytes. */
    public int max() {
        return max;
    }
}
