package io.cachingproxy.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.Target;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Work with rules that nobody waits for. */
class AbandonableTest {
    private static final Rule RULE = Rule.rule("a").pathRegex("/a[0-9]+").bypass();
    private static final Rules RULES = Rules.of(RULE);
    private static final RequestHead REQUEST =
            new RequestHead("GET", new Target("http", "example.org", "/a1"), Headers.EMPTY);

    private static final class Worker extends Thread implements Abandonable {
        private final Runnable work;
        private final List<RuntimeException> thrown = new ArrayList<>();

        Worker(Runnable work) {
            this.work = work;
        }

        @Override
        public void run() {
            interrupt();
            try {
                work.run();
            } catch (IllegalStateException ended) {
                thrown.add(ended);
            }
        }
    }

    private static boolean isEnded(Runnable work) throws InterruptedException {
        Worker worker = new Worker(work);
        worker.start();
        worker.join();
        return !worker.thrown.isEmpty();
    }

    @Test
    void an_interrupt_ends_the_compilation_and_the_evaluation_of_rules() throws InterruptedException {
        assertThat(isEnded(() -> Rules.of(RULE))).isTrue();
        assertThat(isEnded(() -> RULES.forRequest(REQUEST, null))).isTrue();
    }

    @Test
    void an_interrupted_thread_that_serves_requests_evaluates_rules() {
        Thread.currentThread().interrupt();
        try {
            assertThat(RULES.forRequest(REQUEST, null).rules()).containsExactly("a");
        } finally {
            Thread.interrupted();
        }
    }
}
