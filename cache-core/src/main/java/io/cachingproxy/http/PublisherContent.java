package io.cachingproxy.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** Content from a publisher, which is at most one buffer ahead of the reader. */
final class PublisherContent implements Content, Flow.Subscriber<ByteBuffer> {
    private final Flow.Publisher<ByteBuffer> publisher;
    private boolean subscribed;
    private Flow.@Nullable Subscription subscription;
    private @Nullable ByteBuffer next;
    private boolean ended;
    private @Nullable IOException failure;
    private boolean cancelled;
    private @Nullable Runnable demand;

    PublisherContent(Flow.Publisher<ByteBuffer> publisher) {
        this.publisher = Objects.requireNonNull(publisher);
    }

    @Override
    public @Nullable Chunk read() throws IOException {
        subscribe();
        ByteBuffer taken;
        Flow.Subscription more;
        synchronized (this) {
            taken = next;
            if (taken == null) {
                return atEnd();
            }
            next = null;
            more = ended || failure != null ? null : subscription;
        }
        request(more);
        return Chunk.of(taken);
    }

    /** The result of a read when no buffer is available. */
    private @Nullable Chunk atEnd() throws IOException {
        if (cancelled) {
            return END;
        }
        if (failure != null) {
            throw failure;
        }
        return ended ? END : null;
    }

    /** Requests the next buffer; a subscription that throws counts as failed. */
    private void request(Flow.@Nullable Subscription from) {
        if (from == null) {
            return;
        }
        try {
            from.request(1);
        } catch (RuntimeException broken) {
            from.cancel();
            onError(broken);
        }
    }

    private void subscribe() {
        synchronized (this) {
            if (subscribed || cancelled) {
                return;
            }
            subscribed = true;
        }
        try {
            publisher.subscribe(this);
        } catch (RuntimeException broken) {
            onError(broken);
        }
    }

    @Override
    public void demand(Runnable ready) {
        subscribe();
        synchronized (this) {
            if (next == null && !ended && failure == null && !cancelled) {
                demand = ready;
                return;
            }
        }
        ready.run();
    }

    @Override
    public void cancel() {
        Flow.Subscription from;
        synchronized (this) {
            cancelled = true;
            next = null;
            demand = null;
            from = ended || failure != null ? null : subscription;
        }
        if (from != null) {
            from.cancel();
        }
    }

    @Override
    public void onSubscribe(Flow.Subscription first) {
        boolean taken;
        synchronized (this) {
            taken = subscription == null && !cancelled;
            if (taken) {
                subscription = first;
            }
        }
        if (taken) {
            request(first);
        } else {
            first.cancel();
        }
    }

    @Override
    public void onNext(ByteBuffer buffer) {
        Objects.requireNonNull(buffer);
        Flow.Subscription overrun = null;
        Runnable ready;
        synchronized (this) {
            if (cancelled || ended || failure != null) {
                return;
            }
            if (next == null) {
                next = buffer.slice();
            } else {
                failure = new IOException("the publisher sent more than was requested");
                overrun = subscription;
            }
            ready = taken();
        }
        if (overrun != null) {
            overrun.cancel();
        }
        ready.run();
    }

    @Override
    public void onError(Throwable error) {
        Runnable ready;
        synchronized (this) {
            if (ended || failure != null) {
                return;
            }
            failure = error instanceof IOException broken ? broken : new IOException("the content broke off", error);
            ready = taken();
        }
        ready.run();
    }

    @Override
    public void onComplete() {
        Runnable ready;
        synchronized (this) {
            ended = failure == null;
            ready = taken();
        }
        ready.run();
    }

    /** Takes the pending demand, for the caller to answer. */
    private Runnable taken() {
        Runnable open = demand;
        demand = null;
        return open == null ? () -> {} : open;
    }
}
