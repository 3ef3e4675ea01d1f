package io.cachingproxy.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** A content that comes when the test says so, and counts what its reader does. */
final class PushedContent implements Content {
    private final Queue<Chunk> chunks = new ArrayDeque<>();
    private @Nullable IOException failure;
    private @Nullable Runnable demand;
    private int lent;
    private boolean cancelled;

    synchronized int unreleased() {
        return lent;
    }

    synchronized boolean isCancelled() {
        return cancelled;
    }

    synchronized boolean isDemanded() {
        return demand != null;
    }

    PushedContent push(String text) {
        return push(new Chunk(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), this::released));
    }

    PushedContent end() {
        return push(END);
    }

    private PushedContent push(Chunk chunk) {
        synchronized (this) {
            chunks.add(chunk);
        }
        wake();
        return this;
    }

    void fail(IOException with) {
        synchronized (this) {
            failure = with;
        }
        wake();
    }

    private void wake() {
        Runnable ready;
        synchronized (this) {
            ready = demand;
            demand = null;
        }
        if (ready != null) {
            ready.run();
        }
    }

    private synchronized void released() {
        lent--;
    }

    @Override
    public synchronized @Nullable Chunk read() throws IOException {
        if (cancelled) {
            return END;
        }
        if (failure != null && chunks.isEmpty()) {
            throw failure;
        }
        Chunk head = chunks.peek();
        if (head == null || head.isEnd()) {
            return head;
        }
        lent++;
        return chunks.poll();
    }

    @Override
    public void demand(Runnable ready) {
        synchronized (this) {
            if (demand != null) {
                throw new IllegalStateException("a second demand");
            }
            if (chunks.isEmpty() && failure == null && !cancelled) {
                demand = ready;
                return;
            }
        }
        ready.run();
    }

    @Override
    public synchronized void cancel() {
        cancelled = true;
        demand = null;
    }
}
