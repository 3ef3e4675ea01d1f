package io.cachingproxy;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.Decision;
import io.cachingproxy.store.StoreListener;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notifies the {@link CacheListener}s; their exceptions affect neither requests nor other listeners. Without a listener
 * the cost is one comparison.
 */
final class Events implements StoreListener {
    private static final Logger LOG = LoggerFactory.getLogger(HttpCache.class);

    private final CacheListener @Nullable [] listeners;
    /** The listeners that {@linkplain CacheListener#observesHits observe hits}. */
    private final CacheListener @Nullable [] ofHits;

    private final AtomicBoolean warned = new AtomicBoolean();

    Events(List<CacheListener> listeners) {
        this.listeners = array(listeners);
        this.ofHits =
                array(listeners.stream().filter(CacheListener::observesHits).toList());
    }

    private static CacheListener @Nullable [] array(List<CacheListener> listeners) {
        return listeners.isEmpty() ? null : listeners.toArray(CacheListener[]::new);
    }

    /** Notifies the listeners of an event. */
    void tell(Consumer<CacheListener> event) {
        tell(listeners, event);
    }

    private void tell(CacheListener @Nullable [] those, Consumer<CacheListener> event) {
        if (those != null) {
            for (CacheListener told : those) {
                tellOne(told, event);
            }
        }
    }

    /** Notifies one listener; its exception is logged, the first time as a warning. */
    <T> void tellOne(T told, Consumer<T> event) {
        try {
            event.accept(told);
        } catch (RuntimeException | Error broken) { // including a LinkageError of the listener
            if (warned.compareAndSet(false, true)) {
                LOG.warn("The cache listener fails: {}", broken.toString());
            }
            LOG.debug("The cache listener failed", broken);
        }
    }

    /** The listener of the content of a response; null if no listener is interested. */
    @Nullable
    ContentListener content(CacheRequest request, ResponseHead head) {
        if (listeners == null) {
            return null;
        }
        List<ContentListener> interested = new ArrayList<>(0);
        tell(it -> {
            ContentListener listener = it.onOriginContent(request, head);
            if (listener != null) {
                interested.add(listener);
            }
        });
        return interested.isEmpty() ? null : new ObservedContent(this, interested);
    }

    /** The start time of a request, in nanoseconds; 0 without a listener. */
    long begin(CacheRequest request) {
        if (listeners == null) {
            return 0;
        }
        tell(it -> it.onRequest(request));
        return System.nanoTime();
    }

    /** The answer, wrapped so that its end is reported. */
    Answer answered(CacheRequest request, Answer answer, long begun) {
        return listeners == null ? answer : ending(request, null, answer, begun);
    }

    /** The answer of a hit that may still be discarded unread: its events are reported when it ends. */
    Answer hit(CacheRequest request, Decision.Hit hit, Answer answer, long begun) {
        return ofHits == null ? answer : ending(request, hit, answer, begun);
    }

    private Answer ending(CacheRequest request, Decision.@Nullable Hit hit, Answer answer, long begun) {
        Ending ending = new Ending(request, hit, answer, begun, System.nanoTime());
        if (ending.content == Content.empty()
                || answer.head().isBodiless(request.head().method())) {
            ending.end(true);
            return answer;
        }
        return new Answer(answer.head(), ending, answer.status());
    }

    /** The answer to a forwarded request, with the time that the origin took. */
    CompletionStage<Answer> fetched(CompletionStage<Answer> answer, FetchTimer timer) {
        return listeners == null
                ? answer
                : answer.thenApply(it -> it.content() instanceof FetchedContent
                        ? it // of a later attempt
                        : new Answer(it.head(), new FetchedContent(it.content(), timer), it.status()));
    }

    /** The start time of a hit, in nanoseconds; 0 without a listener of hits. */
    long beginHit() {
        return ofHits == null ? 0 : System.nanoTime();
    }

    /**
     * Reports the end of an answer that the caller of the cache has written itself.
     *
     * @param begun when the request began, {@link #begin}
     * @param headAt when the head of the answer was known, in nanoseconds
     * @param origin the time that the origin took
     */
    void written(
            CacheRequest request,
            ResponseHead head,
            CacheStatus status,
            long bytes,
            boolean complete,
            long begun,
            long headAt,
            FetchTimer origin) {
        Duration toHead = Duration.ofNanos(headAt - begun);
        Duration inAll = Duration.ofNanos(System.nanoTime() - begun);
        CacheListener.Answered all =
                new CacheListener.Answered(head, status, bytes, complete, toHead, inAll, origin.measured());
        tell(it -> it.onAnswered(request, all));
    }

    @Override
    public void onEvicted(CacheKey key, long bytes) {
        tell(it -> it.onEvicted(key, bytes));
    }

    @Override
    public void onStoreFailed() {
        tell(StoreListener::onStoreFailed);
    }

    @Override
    public void onStoreRecovered() {
        tell(StoreListener::onStoreRecovered);
    }

    /** Content that counts the bytes read and reports its end once. */
    private final class Ending implements Content {
        private final CacheRequest request;
        private final Decision.@Nullable Hit hit;
        private final Answer answer;
        private final Content content;
        private final @Nullable FetchTimer origin;
        private final long begun;
        private final long head;
        private final AtomicBoolean ended = new AtomicBoolean();
        private long bytes;

        Ending(CacheRequest request, Decision.@Nullable Hit hit, Answer answer, long begun, long head) {
            this.request = request;
            this.hit = hit;
            this.answer = answer;
            boolean isFetched = answer.content() instanceof FetchedContent;
            this.content = isFetched ? ((FetchedContent) answer.content()).content() : answer.content();
            this.origin = isFetched ? ((FetchedContent) answer.content()).timer() : null;
            this.begun = begun;
            this.head = head;
        }

        @Override
        public @Nullable Chunk read() throws IOException {
            try {
                Chunk chunk = content.read();
                if (chunk != null && chunk.isEnd()) {
                    end(true);
                } else if (chunk != null) {
                    bytes += chunk.length();
                }
                return chunk;
            } catch (IOException broken) {
                end(false);
                throw broken;
            }
        }

        @Override
        public void demand(Runnable ready) {
            content.demand(ready);
        }

        @Override
        public void cancel() {
            content.cancel();
            end(false);
        }

        @Override
        public boolean isCutOff() {
            return content.isCutOff();
        }

        @Override
        public Headers trailers() {
            return content.trailers();
        }

        void end(boolean complete) {
            if (ended.compareAndSet(false, true)) {
                long now = System.nanoTime();
                CacheListener.Answered all = new CacheListener.Answered(
                        answer.head(),
                        answer.status(),
                        bytes,
                        complete,
                        Duration.ofNanos(head - begun),
                        Duration.ofNanos(now - begun),
                        origin == null ? null : origin.measured());
                if (hit == null) {
                    tell(it -> it.onAnswered(request, all));
                } else {
                    tell(ofHits, it -> it.onRequest(request));
                    tell(ofHits, it -> it.onDecision(request, hit));
                    tell(ofHits, it -> it.onAnswered(request, all));
                }
            }
        }
    }
}
