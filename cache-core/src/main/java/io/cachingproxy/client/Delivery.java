package io.cachingproxy.client;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The content of a response, on its way to a body subscriber, one buffer per request of the subscriber. */
final class Delivery implements Flow.Subscription {
    private final Content content;
    private final Flow.Subscriber<List<ByteBuffer>> subscriber;
    private final Executor threads;
    private final AtomicLong requested = new AtomicLong();
    /** Number of pending calls; one thread does the work while the others only increment. */
    private final AtomicInteger calls = new AtomicInteger();

    private volatile boolean cancelled;
    private volatile boolean demanded;
    private volatile @Nullable Throwable misuse;
    private @Nullable Chunk first;
    private boolean begun;
    private boolean over;

    Delivery(Content content, Flow.Subscriber<List<ByteBuffer>> subscriber, Executor threads) {
        this.content = content;
        this.subscriber = subscriber;
        this.threads = threads;
    }

    void begin() {
        calls.incrementAndGet(); // requests of onSubscribe are served after it
        try {
            subscriber.onSubscribe(this);
        } catch (RuntimeException | Error thrown) {
            fail(thrown);
        }
        work();
    }

    @Override
    public void request(long n) {
        if (n <= 0) {
            misuse = new IllegalArgumentException("a request of " + n);
        } else {
            requested.accumulateAndGet(n, (had, more) -> had + more < 0 ? Long.MAX_VALUE : had + more);
        }
        goOn();
    }

    @Override
    public void cancel() {
        cancelled = true;
        goOn();
    }

    private void goOn() {
        if (calls.getAndIncrement() == 0) {
            work();
        }
    }

    private void work() {
        do {
            try {
                deliver();
            } catch (Throwable thrown) {
                fail(thrown);
            }
        } while (calls.decrementAndGet() > 0);
    }

    private void deliver() throws IOException {
        while (!over && !cancelled && misuse == null && !demanded && (requested.get() > 0 || !begun)) {
            Chunk chunk = first == null ? content.read() : first;
            begun = true;
            if (chunk == null) {
                demanded = true;
                content.demand(this::ready);
            } else if (chunk.isEnd()) {
                over = true;
                subscriber.onComplete();
            } else if (requested.get() == 0) {
                first = chunk; // read to see whether the content is empty, which needs no request
                return;
            } else {
                first = null;
                requested.decrementAndGet();
                ByteBuffer copy = chunk.copy().asReadOnlyBuffer();
                chunk.release();
                subscriber.onNext(List.of(copy));
            }
        }
        Throwable wrong = misuse;
        if (wrong != null) {
            fail(wrong);
        } else if (cancelled && !over) {
            over = true;
            drop();
        }
    }

    /** Called on a thread of the origin, which serves other readers, too. */
    private void ready() {
        demanded = false;
        try {
            threads.execute(this::goOn);
        } catch (RejectedExecutionException shutDown) {
            goOn();
        }
    }

    private void fail(Throwable thrown) {
        if (!over) {
            over = true;
            drop();
            subscriber.onError(thrown);
        }
    }

    private void drop() {
        Chunk unread = first;
        if (unread != null) {
            first = null;
            unread.release();
        }
        content.cancel();
    }
}
