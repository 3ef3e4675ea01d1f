package io.cachingproxy.jetty;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/** The time that an origin has for the head of its response, once it has the whole request. */
final class FirstByte {
    private final Request request;
    private Scheduler.@Nullable Task task;
    private boolean over;

    private FirstByte(Request request) {
        this.request = request;
    }

    /** Aborts {@code request} if it was sent and no final head comes for {@code time}. */
    static void await(Request request, Scheduler scheduler, Duration time) {
        FirstByte wait = new FirstByte(request);
        request.onRequestSuccess(sent -> wait.begin(scheduler, time))
                .onResponseHeaders(response -> wait.end())
                .onResponseFailure((response, failure) -> wait.end());
    }

    private synchronized void begin(Scheduler scheduler, Duration time) {
        if (!over) {
            task = scheduler.schedule(this::expire, time.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private synchronized void end() {
        over = true;
        if (task != null) {
            task.cancel();
        }
    }

    private void expire() {
        request.abort(new TimeoutException("no response yet"));
    }
}
