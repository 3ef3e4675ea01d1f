package io.cachingproxy.origin;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Timeouts of a request whose end Jetty's client does not report. */
class RequestTimersTest {
    private final HttpClient client = new HttpClient();
    private final CompletableFuture<TimeoutException> lost = new CompletableFuture<>();

    @BeforeEach
    void start() throws Exception {
        client.start();
    }

    @AfterEach
    void stop() throws Exception {
        client.stop();
    }

    @Test
    void a_request_that_never_ends_is_lost_after_its_total_time() throws Exception {
        Request forgotten = client.newRequest("http://localhost/");
        new RequestTimers(client::getScheduler, OriginTimeouts.DEFAULT.withTotal(Duration.ofMillis(80)))
                .begin(forgotten, Attempt.ONLY)
                .onLost(lost::complete);
        assertThat(lost.get(10, TimeUnit.SECONDS)).hasMessage("not complete after 80 ms, see --origin-timeout");
        assertThat(forgotten.getAbortCause()).isInstanceOf(TimeoutException.class);
    }

    @Test
    void a_request_that_is_never_sent_is_lost_as_well() throws Exception {
        Duration time = Duration.ofMillis(40);
        new RequestTimers(
                        client::getScheduler,
                        OriginTimeouts.DEFAULT.withConnect(time).withFirstByte(time))
                .begin(client.newRequest("http://localhost/"), Attempt.ONLY)
                .onLost(lost::complete);
        assertThat(lost.get(10, TimeUnit.SECONDS)).hasMessage("not sent after 80 ms, see --origin-connect-timeout");
    }

    @Test
    void the_total_time_is_the_clients_fault_if_the_client_was_waited_for() throws Exception {
        RequestTimers timers =
                new RequestTimers(client::getScheduler, OriginTimeouts.DEFAULT.withTotal(Duration.ofMillis(80)));
        RequestTimer uploading = timers.begin(client.newRequest("http://localhost/"), Attempt.ONLY);
        uploading.onExpired(lost::complete);
        uploading.clientSends(true);
        assertThat(lost.get(10, TimeUnit.SECONDS))
                .isInstanceOf(ClientTimeout.class)
                .hasMessage("the client did not send its request within the 80 ms of --origin-timeout");
    }

    @Test
    void a_check_that_fails_is_not_the_last() throws Exception {
        RequestTimers timers =
                new RequestTimers(client::getScheduler, OriginTimeouts.DEFAULT.withTotal(Duration.ofMillis(80)));
        timers.begin(client.newRequest("http://localhost/"), Attempt.ONLY).onLost(failure -> {
            throw new IllegalStateException("on purpose", failure);
        });
        timers.begin(client.newRequest("http://localhost/"), Attempt.ONLY).onLost(lost::complete);
        assertThat(lost.get(10, TimeUnit.SECONDS)).isNotNull();
    }

    @Test
    void an_ended_request_is_not_checked() throws Exception {
        RequestTimers timers =
                new RequestTimers(client::getScheduler, OriginTimeouts.DEFAULT.withTotal(Duration.ofMillis(80)));
        RequestTimer ended = timers.begin(client.newRequest("http://localhost/"), Attempt.ONLY);
        CompletableFuture<TimeoutException> none = new CompletableFuture<>();
        ended.onLost(none::complete);
        ended.end();
        timers.begin(client.newRequest("http://localhost/"), Attempt.ONLY).onLost(lost::complete);
        lost.get(10, TimeUnit.SECONDS);
        assertThat(none).isNotDone();
    }
}
