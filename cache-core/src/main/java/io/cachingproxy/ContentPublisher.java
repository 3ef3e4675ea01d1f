package io.cachingproxy;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Publishes a content to one subscriber, one buffer per request. */
final class ContentPublisher implements Flow.Publisher<ByteBuffer>, Flow.Subscription {
    private final Content content;
    private final Silence silence;
    private final AtomicBoolean subscribed = new AtomicBoolean();
    private final AtomicLong requested = new AtomicLong();
    /** Number of pending calls; one thread does the work while the others only increment. */
    private final AtomicInteger calls = new AtomicInteger();

    private volatile Flow.@Nullable Subscriber<? super ByteBuffer> subscriber;
    private volatile boolean demanded;
    private volatile boolean stopped;
    private volatile boolean broken;
    private boolean over;

    ContentPublisher(Content content, Silence silence) {
        this.content = content;
        this.silence = silence;
    }

    /** Returns true if the content of the request could not be read: a failure of the client, not of the origin. */
    boolean isBroken() {
        return broken;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> reader) {
        if (subscribed.compareAndSet(false, true)) {
            subscriber = reader;
            reader.onSubscribe(this);
        } else {
            reader.onSubscribe(new Flow.Subscription() {
                @Override
                public void request(long n) {}

                @Override
                public void cancel() {}
            });
            reader.onError(new IOException("the content of the request was sent already"));
        }
    }

    @Override
    public void request(long n) {
        silence.sign();
        requested.accumulateAndGet(n, (had, more) -> had + more < 0 ? Long.MAX_VALUE : had + more);
        goOn();
    }

    /** Cancels the rest of the content. */
    @Override
    public void cancel() {
        stopped = true;
        goOn();
    }

    private void goOn() {
        if (calls.getAndIncrement() > 0) {
            return;
        }
        do {
            publish();
        } while (calls.decrementAndGet() > 0);
    }

    private void publish() {
        Flow.Subscriber<? super ByteBuffer> reader = subscriber;
        try {
            while (!over && !stopped && !demanded && reader != null && requested.get() > 0) {
                send(content.read(), reader);
            }
        } catch (IOException | RuntimeException failed) {
            over = true;
            broken = true;
            if (reader != null) {
                reader.onError(failed);
            }
        }
        if (stopped && !over) {
            over = true;
            silence.clientSends(false);
            content.cancel();
        }
    }

    private void send(@Nullable Chunk chunk, Flow.Subscriber<? super ByteBuffer> reader) {
        if (chunk == null) {
            demanded = true;
            silence.clientSends(true);
            content.demand(() -> {
                silence.clientSends(false);
                demanded = false;
                goOn();
            });
        } else if (chunk.isEnd()) {
            over = true;
            reader.onComplete();
        } else {
            ByteBuffer copy = chunk.copy(); // the platform's client does not report when a buffer was sent
            chunk.release();
            requested.decrementAndGet();
            reader.onNext(copy);
        }
    }
}
