package io.cachingproxy.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.jetty.Limits;
import io.cachingproxy.jetty.ProxyServer;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clients that take their time take nobody else's. */
class SlowClientTest extends Attack {
    private final ScheduledExecutorService trickling = Executors.newSingleThreadScheduledExecutor();

    @Override
    ProxyServer.Builder configured(ProxyServer.Builder builder) {
        return builder.limits(
                Limits.DEFAULT.withRate(100, Duration.ofSeconds(1)).withConnections(600));
    }

    @AfterEach
    void stopTrickling() {
        trickling.shutdownNow();
    }

    /** Sends one byte every 100 ms. */
    private void trickle(RawClient client, String bytes) {
        int[] next = {0};
        trickling.scheduleAtFixedRate(
                () -> {
                    try {
                        client.send(bytes.substring(next[0], ++next[0]));
                    } catch (IOException closed) {
                        throw new IllegalStateException(closed);
                    }
                },
                0,
                100,
                TimeUnit.MILLISECONDS);
    }

    private static String endOf(RawClient client) throws IOException {
        client.patience(Duration.ofSeconds(15));
        return client.untilClosed();
    }

    @Test
    void a_head_that_comes_byte_by_byte_is_cut_off() throws IOException {
        RawClient slow = attacker();
        trickle(slow, get("/slow", "X: " + "x".repeat(2000)));
        assertThat(endOf(slow)).isEmpty();
        assertVictimUnharmed();
    }

    @Test
    void content_that_comes_byte_by_byte_is_cut_off() throws IOException {
        RawClient slow = attacker().send("POST /slow HTTP/1.1\r\nHost: proxy\r\nContent-Length: 2000\r\n\r\n");
        trickle(slow, "x".repeat(2000));
        assertThat(endOf(slow)).doesNotContain("200 OK");
        assertThat(victim("/victim").body()).isEqualTo("GET /victim");
    }

    @Test
    void a_client_that_waits_for_a_slow_origin_or_thinks_between_requests_is_not_slow() throws IOException {
        origin.on("/a", (request, connection) -> {
            request.body();
            TimeUnit.MILLISECONDS.sleep(3500);
            connection.send(RecordingOrigin.ok("late"));
        });
        RawClient client = attacker().send("POST /a HTTP/1.1\r\nHost: proxy\r\nContent-Length: 1\r\n\r\nx");
        client.patience(Duration.ofSeconds(15));
        assertThat(client.response().body()).isEqualTo("late");
        assertThat(client.send(get("/b")).response().body()).isEqualTo("GET /b");
    }

    @Test
    void five_hundred_slow_connections_cause_no_error_to_others() throws IOException {
        List<RawClient> slow = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            slow.add(attacker().send("GET /slow HTTP/1.1\r\nHost: pr"));
        }
        for (int i = 0; i < 50; i++) {
            assertThat(victim("/" + i).body()).isEqualTo("GET /" + i);
        }
        assertThat(slow).hasSize(500);
        assertThat(origin.asked()).hasSize(50).doesNotContain("GET /slow");
    }

    @Test
    void beyond_the_connection_limit_idle_connections_make_room() throws IOException {
        for (int i = 0; i < 600; i++) {
            attacker();
        }
        RawClient victim = attacker();
        victim.patience(Duration.ofSeconds(15));
        try {
            assertThat(victim.send(get("/victim")).response().body()).isEqualTo("GET /victim");
        } catch (SocketException | java.io.EOFException shed) {
            assertThat(victim("/victim").body()).isEqualTo("GET /victim");
        }
    }
}
