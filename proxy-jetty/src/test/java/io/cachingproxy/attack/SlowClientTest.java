package io.cachingproxy.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.jetty.Limits;
import io.cachingproxy.jetty.ProxyServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.frames.DataFrame;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clients that take their time take nobody else's. */
class SlowClientTest extends Attack {
    private final ScheduledExecutorService trickling = Executors.newSingleThreadScheduledExecutor();

    @Override
    ProxyServer.Builder configured(ProxyServer.Builder builder) {
        return builder.limits(
                Limits.DEFAULT.withRate(100, Duration.ofSeconds(1)).withConnections(5_100));
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
    void content_that_comes_byte_by_byte_is_cut_off_over_http2_too() throws Exception {
        HTTP2Client client = new HTTP2Client();
        client.start();
        try {
            CompletableFuture<Integer> end = new CompletableFuture<>();
            Session session = client.connect(
                            new InetSocketAddress("127.0.0.1", proxy.port()), new Session.Listener() {})
                    .get(5, TimeUnit.SECONDS);
            HttpURI target = HttpURI.from("http://127.0.0.1:" + proxy.port() + "/slow");
            MetaData.Request head = new MetaData.Request("POST", target, HttpVersion.HTTP_2, HttpFields.EMPTY);
            Stream stream = session.newStream(new HeadersFrame(head, null, false), new Stream.Listener() {
                        @Override
                        public void onHeaders(Stream answered, HeadersFrame frame) {
                            end.complete(
                                    frame.getMetaData() instanceof MetaData.Response response
                                            ? response.getStatus()
                                            : 0);
                        }

                        @Override
                        public void onReset(Stream reset, ResetFrame frame, Callback callback) {
                            end.complete(0);
                            callback.succeeded();
                        }
                    })
                    .get(5, TimeUnit.SECONDS);
            trickling.scheduleAtFixedRate(
                    () -> stream.data(
                            new DataFrame(stream.getId(), ByteBuffer.wrap(new byte[1]), false), Callback.NOOP),
                    0,
                    100,
                    TimeUnit.MILLISECONDS);
            assertThat(end.get(15, TimeUnit.SECONDS)).isIn(0, 400, 408);
            assertThat(victim("/victim").body()).isEqualTo("GET /victim");
        } finally {
            client.stop();
        }
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
    void five_thousand_slow_connections_cause_no_error_to_others() throws IOException {
        List<RawClient> slow = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            slow.add(attacker().send("GET /slow HTTP/1.1\r\nHost: pr"));
        }
        for (int i = 0; i < 50; i++) {
            assertThat(victim("/" + i).body()).isEqualTo("GET /" + i);
        }
        assertThat(slow).hasSize(5_000);
        assertThat(origin.asked()).hasSize(50).doesNotContain("GET /slow");
    }
}
