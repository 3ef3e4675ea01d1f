package io.cachingproxy.http;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/** Reads a complete content into one array, up to a limit. */
final class ContentCollector {
    private static final int FIRST = 1024;

    private final Content content;
    private final int max;
    private final CompletableFuture<byte[]> all = new CompletableFuture<>();
    /** Number of pending calls to read; calls during a read are only counted. */
    private final AtomicInteger calls = new AtomicInteger();

    private byte[] bytes = new byte[0];
    private int length;

    ContentCollector(Content content, int max) {
        if (max < 0) {
            throw new IllegalArgumentException("max is negative: " + max);
        }
        this.content = content;
        this.max = max;
    }

    CompletionStage<byte[]> collect() {
        readOn();
        return all;
    }

    /** Reads in a loop, because a demand may be answered immediately: recursion could overflow the stack. */
    private void readOn() {
        if (calls.getAndIncrement() > 0) {
            return;
        }
        do {
            readAvailable();
        } while (calls.decrementAndGet() > 0);
    }

    private void readAvailable() {
        try {
            Chunk chunk = content.read();
            while (chunk != null && !chunk.isEnd()) {
                if (chunk.length() > max - length) {
                    chunk.release();
                    tooLong();
                    return;
                }
                add(chunk);
                chunk = content.read();
            }
            if (chunk == null) {
                content.demand(this::readOn);
            } else {
                all.complete(length == bytes.length ? bytes : Arrays.copyOf(bytes, length));
            }
        } catch (IOException | RuntimeException broken) {
            all.completeExceptionally(broken);
        }
    }

    private void tooLong() {
        try {
            content.cancel();
        } finally {
            all.completeExceptionally(new ContentTooLongException(max));
        }
    }

    private void add(Chunk chunk) {
        int count = chunk.length();
        if (count > bytes.length - length) {
            long doubled = Math.max(FIRST, 2L * bytes.length);
            bytes = Arrays.copyOf(bytes, (int) Math.max(length + count, Math.min(doubled, max)));
        }
        chunk.bytes().duplicate().get(bytes, length, count);
        length += count;
        chunk.release();
    }
}
