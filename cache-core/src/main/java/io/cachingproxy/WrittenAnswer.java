package io.cachingproxy;

import io.cachingproxy.http.ResponseHead;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * An answer that the caller of the cache writes to its client itself, such as a servlet filter. Reports the end of the
 * answer to the listeners once.
 */
final class WrittenAnswer {
    private final Events events;
    private final CacheRequest request;
    private final long begun;
    private final FetchTimer origin;
    private final AtomicReference<@Nullable Head> head = new AtomicReference<>();

    private record Head(ResponseHead head, CacheStatus status, long at) {}

    /** @param begun when the request began, {@link Events#begin} */
    WrittenAnswer(Events events, CacheRequest request, long begun, FetchTimer origin) {
        this.events = events;
        this.request = request;
        this.begun = begun;
        this.origin = origin;
    }

    /** The caller gets this head for its client. */
    void onHead(ResponseHead relayed, CacheStatus status) {
        head.set(new Head(relayed, status, System.nanoTime()));
    }

    /** The answer in place of the response of the origin; reported when it is read, unless the client has another head. */
    Answer instead(Answer replacing) {
        return head.get() == null ? events.answered(request, replacing, begun) : replacing;
    }

    /** The body of the response has ended. */
    void onEnd(long bytes, boolean complete) {
        Head written = head.getAndSet(null);
        if (written != null) {
            events.written(request, written.head(), written.status(), bytes, complete, begun, written.at(), origin);
        }
    }
}
