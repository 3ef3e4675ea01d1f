package io.cachingproxy.jetty.front;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.junit.jupiter.api.Test;

/** A task that failed once is run again. */
class PeriodicTest {
    @Test
    void a_task_that_throws_goes_on() throws Exception {
        ScheduledExecutorScheduler scheduler = new ScheduledExecutorScheduler();
        scheduler.start();
        CountDownLatch runs = new CountDownLatch(3);
        Periodic periodic = new Periodic(scheduler, () -> {
            runs.countDown();
            throw new StackOverflowError("on purpose");
        });
        periodic.start();
        assertThat(runs.await(20, TimeUnit.SECONDS)).isTrue();
        periodic.stop();
        scheduler.stop();
    }
}
