package io.cachingproxy.cli.warm;

import io.cachingproxy.http.Target;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Requests URLs through a proxy, at a limited rate and with a limited number of requests in flight. */
public final class Warming {
    private static final long TICK_MILLIS = 100;

    /** How long requests in flight may take after a stop: 5 s. */
    private static final int GRACE_TICKS = 50;

    private final ProxyClient client;
    private final Pace pace;
    private final int concurrency;
    private final Semaphore slots;
    private final int graceTicks;
    private final Consumer<Tally> progress;

    /** @param progress is called after each answer, by any thread */
    public Warming(ProxyClient client, Pace pace, int concurrency, Consumer<Tally> progress) {
        this(client, pace, concurrency, GRACE_TICKS, progress);
    }

    Warming(ProxyClient client, Pace pace, int concurrency, int graceTicks, Consumer<Tally> progress) {
        this.graceTicks = graceTicks;
        this.client = client;
        this.pace = pace;
        this.concurrency = concurrency;
        this.slots = new Semaphore(concurrency);
        this.progress = progress;
    }

    /**
     * Requests all URLs, and waits for the answers. After {@link Pace#stop}, and if the first request has no response,
     * no further request is sent, and requests in flight have 5 s to end.
     */
    public void run(Iterable<Target> urls, Tally tally) throws InterruptedException {
        for (Target url : urls) {
            if (!slot()) {
                break;
            }
            if (!pace.await()) {
                slots.release();
                break;
            }
            send(url, tally);
        }
        int ticks = 0;
        while (!slots.tryAcquire(concurrency, TICK_MILLIS, TimeUnit.MILLISECONDS) && ticks < graceTicks) {
            ticks += pace.isStopped() ? 1 : 0;
        }
    }

    private void send(Target url, Tally tally) {
        client.get(url).whenComplete((answer, never) -> {
            tally.add(answer);
            if (client.unreached().isPresent()) {
                pace.stop();
            }
            progress.accept(tally);
            slots.release();
        });
    }

    /** Waits until a request may be in flight; false after a stop. */
    private boolean slot() throws InterruptedException {
        while (!pace.isStopped()) {
            if (slots.tryAcquire(TICK_MILLIS, TimeUnit.MILLISECONDS)) {
                return true;
            }
        }
        return false;
    }
}
