package io.cachingproxy.store.redis.bodies;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The windows of bodies that readers hold or wait for. Readers at the same position of a body share one window, and all
 * windows together are bounded: beyond the bound a reader gets only the window that it needs to continue, without
 * read-ahead.
 */
public final class ReadAhead {
    private final long maxBytes;
    private final Map<Place, Window> windows = new HashMap<>();
    private long bytes;

    public ReadAhead(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * A window of a body.
     *
     * @param begun whether its readers have received earlier windows: see {@link WindowedBody.Source}
     */
    private record Place(String id, int number, boolean begun) {}

    /** One window, shared by all readers that hold it. */
    final class Window {
        private final @Nullable Place place;
        private final long length;
        private final CompletableFuture<ByteBuffer> content;
        private int readers = 1;

        private Window(@Nullable Place place, long length, CompletableFuture<ByteBuffer> content) {
            this.place = place;
            this.length = length;
            this.content = content;
        }

        CompletableFuture<ByteBuffer> content() {
            return content;
        }

        /** Releases the window; called once by each reader. */
        void release() {
            if (place != null) {
                ReadAhead.this.release(place, this);
            }
        }
    }

    /**
     * Window {@code number} of {@code body}.
     *
     * @param needed whether the reader cannot continue without it
     * @return null if there is no room for it
     */
    @Nullable
    Window take(WindowedBody body, int number, boolean begun, boolean needed) {
        ByteBuffer here = body.here(number);
        if (here != null) {
            return new Window(null, 0, CompletableFuture.completedFuture(here));
        }
        Place place = new Place(body.id(), number, begun);
        Window window;
        synchronized (this) {
            Window shared = shared(place);
            if (shared != null) {
                shared.readers++;
                return shared;
            }
            long length = body.windowLength(number);
            if (!needed && bytes + length > maxBytes) {
                return null;
            }
            bytes += length;
            window = new Window(place, length, new CompletableFuture<>());
            windows.put(place, window);
        }
        body.window(number, begun).whenComplete((content, failure) -> arrived(window, content, failure));
        return window;
    }

    /** The same window of another reader; one requested with a different timeout is shared only once it has arrived. */
    private @Nullable Window shared(Place place) {
        Window same = windows.get(place);
        if (same != null) {
            return same;
        }
        Window other = windows.get(new Place(place.id(), place.number(), !place.begun()));
        return other != null && other.content.isDone() ? other : null;
    }

    private void arrived(Window window, @Nullable ByteBuffer content, @Nullable Throwable failure) {
        if (content != null && failure == null) {
            window.content.complete(content);
            return;
        }
        synchronized (this) { // later readers request it again
            if (window.place != null) {
                windows.remove(window.place, window);
            }
        }
        window.content.completeExceptionally(failure == null ? new IllegalStateException() : failure);
    }

    private synchronized void release(Place place, Window window) {
        if (--window.readers == 0) {
            windows.remove(place, window);
            bytes -= window.length;
        }
    }

    /** The bytes of all windows that readers hold or wait for. */
    synchronized long bytes() {
        return bytes;
    }
}
