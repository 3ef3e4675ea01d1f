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

/** Time-outs hold for a request that Jetty's client says nothing about any more. */
class WaitsTest {
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
        new Waits(client::getScheduler, OriginTimeouts.DEFAULT.withTotal(Duration.ofMillis(80)))
                .begin(forgotten)
                .onLost(lost::complete);
        assertThat(lost.get(10, TimeUnit.SECONDS)).hasMessage("not complete after 80 ms, see --origin-timeout");
        assertThat(forgotten.getAbortCause()).isInstanceOf(TimeoutException.class);
    }

    @Test
    void a_request_that_is_never_sent_is_lost_as_well() throws Exception {
        Duration time = Duration.ofMillis(40);
        new Waits(client::getScheduler, OriginTimeouts.DEFAULT.withConnect(time).withFirstByte(time))
                .begin(client.newRequest("http://localhost/"))
                .onLost(lost::complete);
        assertThat(lost.get(10, TimeUnit.SECONDS)).hasMessage("not sent after 80 ms, see --origin-connect-timeout");
    }

    @Test
    void the_total_time_is_the_clients_fault_if_the_client_was_waited_for() throws Exception {
        Waits waits = new Waits(client::getScheduler, OriginTimeouts.DEFAULT.withTotal(Duration.ofMillis(80)));
        Waiting uploading = waits.begin(client.newRequest("http://localhost/"));
        uploading.onLost(lost::complete);
        uploading.clientSends(true);
        assertThat(lost.get(10, TimeUnit.SECONDS))
                .isInstanceOf(ClientTimeout.class)
                .hasMessage("the client did not send its request within the 80 ms of --origin-timeout");
    }

    @Test
    void a_look_that_fails_is_not_the_last() throws Exception {
        Waits waits = new Waits(client::getScheduler, OriginTimeouts.DEFAULT.withTotal(Duration.ofMillis(80)));
        waits.begin(client.newRequest("http://localhost/")).onLost(failure -> {
            throw new IllegalStateException("on purpose", failure);
        });
        waits.begin(client.newRequest("http://localhost/")).onLost(lost::complete);
        assertThat(lost.get(10, TimeUnit.SECONDS)).isNotNull();
    }

    @Test
    void one_that_is_over_is_not_looked_at() throws Exception {
        Waits waits = new Waits(client::getScheduler, OriginTimeouts.DEFAULT.withTotal(Duration.ofMillis(80)));
        Waiting over = waits.begin(client.newRequest("http://localhost/"));
        CompletableFuture<TimeoutException> none = new CompletableFuture<>();
        over.onLost(none::complete);
        over.over();
        waits.begin(client.newRequest("http://localhost/")).onLost(lost::complete);
        lost.get(10, TimeUnit.SECONDS);
        assertThat(none).isNotDone();
    }
}
