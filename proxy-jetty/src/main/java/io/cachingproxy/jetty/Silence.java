package io.cachingproxy.jetty;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * The time that an origin may be silent while it is waited for. Jetty's own idle time-out goes on while it is the client
 * that is waited for, to send the rest of the request or to take some of the response, and so cuts off honest slow ones.
 */
final class Silence {
    private final Request request;
    private final Scheduler scheduler;
    private final long nanos;
    private volatile long sign = System.nanoTime();
    private volatile boolean sending;
    private volatile boolean reading;
    private boolean over;
    private Scheduler.@Nullable Task task;

    private Silence(Request request, Scheduler scheduler, Duration time) {
        this.request = request;
        this.scheduler = scheduler;
        this.nanos = time.toNanos();
    }

    /** Aborts {@code request} once the origin shows no sign of life for {@code time}. */
    static Silence limit(Request request, Scheduler scheduler, Duration time) {
        Silence silence = new Silence(request, scheduler, time);
        request.idleTimeout(0, TimeUnit.MILLISECONDS);
        request.onRequestBegin(begun -> silence.begin())
                .onRequestContent((sent, bytes) -> silence.sign())
                .onRequestSuccess(sent -> silence.sign())
                .onResponseBegin(response -> silence.sign())
                .onResponseHeader((response, field) -> silence.sign())
                .onResponseFailure((response, failure) -> silence.end())
                .onResponseSuccess(response -> silence.end())
                .onRequestFailure((sent, failure) -> silence.end());
        return silence;
    }

    private void begin() {
        sign();
        again(nanos);
    }

    private boolean sign() {
        sign = System.nanoTime();
        return true;
    }

    /** Whether it is the client's turn to send something. */
    void clientSends(boolean now) {
        sending = now;
        sign();
    }

    /** Whether it is the client's turn to take something. */
    void clientReads(boolean now) {
        reading = now;
        sign();
    }

    private synchronized void again(long delay) {
        if (!over) {
            task = scheduler.schedule(
                    this::check, Math.max(1, TimeUnit.NANOSECONDS.toMillis(delay)), TimeUnit.MILLISECONDS);
        }
    }

    /** What waits for its time keeps the request, and all that hangs on it, in memory. */
    private synchronized void end() {
        over = true;
        if (task != null) {
            task.cancel();
        }
    }

    private synchronized boolean isOver() {
        return over;
    }

    private void check() {
        if (isOver()) {
            return;
        }
        long silent = sending || reading ? 0 : System.nanoTime() - sign;
        if (silent >= nanos) {
            request.abort(new TimeoutException("silent for " + TimeUnit.NANOSECONDS.toMillis(nanos) + " ms"));
        } else {
            again(nanos - silent);
        }
    }
}
