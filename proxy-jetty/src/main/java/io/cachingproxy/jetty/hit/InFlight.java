package io.cachingproxy.jetty.hit;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.util.component.Graceful;

/** The number of requests that are served without a Jetty request. A graceful stop waits for their end. */
final class InFlight implements Graceful {
    private final AtomicLong count = new AtomicLong();
    private final Shutdown shutdown = new Shutdown(this) {
        @Override
        public boolean isShutdownDone() {
            return count.get() == 0;
        }
    };

    void begin() {
        count.incrementAndGet();
    }

    void end() {
        if (count.decrementAndGet() == 0) {
            shutdown.check();
        }
    }

    long count() {
        return count.get();
    }

    @Override
    public CompletableFuture<Void> shutdown() {
        return shutdown.shutdown();
    }

    @Override
    public boolean isShutdown() {
        return shutdown.isShutdown();
    }
}
