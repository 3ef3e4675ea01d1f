package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Asks for a hit and a miss of /small again and again, and notes the slowest answer. */
final class Prober implements AutoCloseable {
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final Future<?> probing;
    private volatile Duration slowest = Duration.ZERO;
    private volatile int answers;

    Prober(RunningProxy proxy) {
        this.probing = thread.submit(() -> {
            while (!stopped.get()) {
                probe(proxy, "/small");
                probe(proxy, "/small?" + answers);
            }
            return null;
        });
    }

    private void probe(RunningProxy proxy, String target) throws Exception {
        long begun = System.nanoTime();
        assertThat(Client.get(proxy.uri(target)).statusCode()).isEqualTo(200);
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        slowest = took.compareTo(slowest) > 0 ? took : slowest;
        answers++;
    }

    /** Every answer so far was right, and none took longer than {@code most}. */
    void assertPrompt(Duration most) {
        assertThat(probing.isDone()).isFalse();
        assertThat(answers).isPositive();
        assertThat(slowest).isLessThan(most);
    }

    void stop() throws Exception {
        stopped.set(true);
        thread.shutdown();
        probing.get(30, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        stopped.set(true);
        thread.shutdown();
    }

    @Override
    public String toString() {
        return answers + " answers, the slowest after " + slowest.toMillis() + " ms";
    }
}
