package io.cachingproxy.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.ByteArrayEndPoint;
import org.junit.jupiter.api.Test;

class ResumingTest {
    private final List<String> events = new ArrayList<>();
    private final Resuming resuming = new Resuming(task -> events.add("to the pool"));

    /** A connection that says when it is gone on with. */
    private final class Resumed extends AbstractConnection implements Runnable {
        Resumed() {
            super(new ByteArrayEndPoint(), Runnable::run);
        }

        @Override
        public void onFillable() {}

        @Override
        public void run() {
            events.add("on");
        }
    }

    @Test
    void a_connection_is_gone_on_with_once_the_work_is_done_that_completed_its_response() {
        Resuming.after(() -> {
            resuming.execute(new Resumed());
            events.add("work");
        });
        assertThat(events).containsExactly("work", "on");
    }

    @Test
    void work_within_work_does_not_go_on_with_connections_before_all_is_done() {
        Resuming.after(() -> {
            Resuming.after(() -> resuming.execute(new Resumed()));
            events.add("work");
        });
        assertThat(events).containsExactly("work", "on");
    }

    @Test
    void a_connection_is_not_lost_if_the_work_fails() {
        assertThatThrownBy(() -> Resuming.after(() -> {
                    resuming.execute(new Resumed());
                    throw new IllegalStateException("failed");
                }))
                .hasMessage("failed");
        assertThat(events).containsExactly("on");
    }

    @Test
    void everything_else_goes_to_the_pool() {
        Resuming.after(() -> resuming.execute(() -> events.add("here")));
        resuming.execute(new Resumed());
        assertThat(events).containsExactly("to the pool", "to the pool");
    }
}
