package io.cachingproxy.cli.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.HttpCache;
import io.cachingproxy.cli.requests.RecentRequests;
import io.cachingproxy.jetty.ProxyServer;
import io.cachingproxy.jetty.events.Redaction;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Explanations with the response of an origin that accepts connections and never answers. */
class ExplainFetchTest {
    private static final String FETCH = "{\"url\":\"http://shop.example/\",\"fetch\":true}";
    private static final String WITHOUT = "{\"url\":\"http://shop.example/\"}";

    private final List<Socket> clients = new ArrayList<>();
    private final HttpCache cache = HttpCache.builder().build();
    private final ServerSocket origin = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final ProxyServer proxy = ProxyServer.builder()
            .cache(cache)
            .origin(URI.create("http://127.0.0.1:" + origin.getLocalPort()))
            .port(0)
            .build();
    private AdminServer admin = listener(Duration.ofMinutes(1));

    ExplainFetchTest() throws IOException {}

    private AdminServer listener(Duration longestFetch) {
        Redaction redaction = new Redaction(Redaction.DEFAULT);
        RecentRequests recent = new RecentRequests(redaction, InstantSource.system());
        ExplainApi explain =
                new ExplainApi(cache, proxy.examination(), recent, key -> Optional.empty(), redaction, longestFetch);
        return new AdminServer("127.0.0.1", 0, Optional.empty(), AdminRoutes.of(new HealthApi(), explain));
    }

    @BeforeEach
    void start() throws IOException {
        origin.setSoTimeout(5_000);
        proxy.start();
        admin.start();
    }

    @AfterEach
    void stop() throws IOException {
        origin.close();
        for (Socket client : clients) {
            client.close();
        }
        admin.close();
        proxy.close();
        cache.close();
    }

    private Socket send(String line, String content) throws IOException {
        Socket client = new Socket("127.0.0.1", admin.port());
        clients.add(client);
        client.setSoTimeout(2_000);
        String text = line + " HTTP/1.1\r\nHost: 127.0.0.1:" + admin.port() + "\r\nContent-Length: " + content.length()
                + "\r\nConnection: close\r\n\r\n" + content;
        client.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        return client;
    }

    private Socket explain(String content) throws IOException {
        return send("POST " + ExplainApi.PATH, content);
    }

    private static String answer(Socket client) throws IOException {
        try (client) {
            return new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void a_hundred_abandoned_explanations_of_an_origin_that_does_not_answer_block_nobody() throws IOException {
        for (int i = 0; i < 100; i++) {
            explain(FETCH).close();
        }
        assertThat(answer(send("GET /health/live", ""))).startsWith("HTTP/1.1 200");
        assertThat(answer(send("GET /health/ready", ""))).startsWith("HTTP/1.1 200");
        assertThat(answer(explain(WITHOUT))).startsWith("HTTP/1.1 200");
    }

    @Test
    void eight_explanations_wait_for_their_origins_and_others_are_refused_until_one_is_answered() throws IOException {
        for (int i = 0; i < 8; i++) {
            explain(FETCH);
        }
        List<Socket> asked = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            asked.add(origin.accept());
        }
        assertThat(answer(explain(FETCH)))
                .startsWith("HTTP/1.1 503")
                .contains("Retry-After: 1\r\n")
                .endsWith("\r\n\r\nat most 8 explanations can wait for the response of an origin\n");
        assertThat(answer(explain(WITHOUT))).startsWith("HTTP/1.1 200");
        try (Socket one = asked.get(0)) {
            one.getOutputStream()
                    .write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.ISO_8859_1));
            origin.setSoTimeout(100);
            await().ignoreException(SocketTimeoutException.class).until(() -> {
                explain(FETCH);
                return asked.add(origin.accept());
            });
        } finally {
            for (Socket each : asked) {
                each.close();
            }
        }
    }

    @Test
    void a_fetch_ends_when_its_client_leaves_and_others_can_be_explained() throws IOException {
        List<Socket> fetches = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            explain(FETCH);
            fetches.add(origin.accept());
        }
        assertThat(answer(explain(FETCH))).startsWith("HTTP/1.1 503");
        clients.get(0).close();
        clients.get(1).setSoLinger(true, 0); // a reset
        clients.get(1).close();
        for (Socket fetch : fetches.subList(0, 2)) {
            try (fetch) {
                fetch.setSoTimeout(5_000);
                assertThat(fetch.getInputStream().transferTo(OutputStream.nullOutputStream()))
                        .isPositive(); // the request, and the end of the connection
            }
        }
        origin.setSoTimeout(100);
        for (int i = 0; i < 2; i++) {
            await().ignoreException(SocketTimeoutException.class).until(() -> {
                explain(FETCH);
                return fetches.add(origin.accept());
            });
        }
        for (Socket fetch : fetches) {
            fetch.close();
        }
    }

    @Test
    void a_client_that_only_ends_its_request_side_gets_an_answer() throws IOException {
        Socket client = explain(FETCH);
        try (Socket fetch = origin.accept()) {
            client.shutdownOutput();
            assertThat(answer(client))
                    .startsWith("HTTP/1.1 502")
                    .endsWith("\r\n\r\nNothing explained: the request to the origin was cancelled\n");
        }
    }

    @Test
    void a_fetch_ends_when_its_time_is_over() throws IOException {
        admin.close();
        admin = listener(Duration.ofMillis(300));
        admin.start();
        explain(FETCH);
        try (Socket fetch = origin.accept()) {
            fetch.setSoTimeout(5_000);
            assertThat(fetch.getInputStream().transferTo(OutputStream.nullOutputStream()))
                    .isPositive();
        }
    }

    @Test
    void a_connection_is_used_again_after_a_fetch_that_was_answered() throws IOException {
        String request = "POST " + ExplainApi.PATH + " HTTP/1.1\r\nHost: 127.0.0.1:" + admin.port()
                + "\r\nContent-Length: " + FETCH.length() + "\r\n\r\n" + FETCH;
        try (Socket client = new Socket("127.0.0.1", admin.port())) {
            client.setSoTimeout(5_000);
            BufferedReader answers =
                    new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1));
            for (int i = 0; i < 3; i++) {
                client.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
                try (Socket fetch = origin.accept()) {
                    fetch.getOutputStream()
                            .write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                                    .getBytes(StandardCharsets.ISO_8859_1));
                    assertThat(answers.readLine()).startsWith("HTTP/1.1 200");
                    while (!answers.readLine().startsWith("{")) {
                        // the fields of the answer
                    }
                }
            }
        }
    }

    @Test
    void an_origin_that_does_not_answer_in_time_is_reported_in_one_line() throws IOException {
        admin.close();
        admin = listener(Duration.ofMillis(300));
        admin.start();
        assertThat(answer(explain(FETCH)))
                .startsWith("HTTP/1.1 502")
                .endsWith("\r\n\r\nNothing explained: the origin has not answered within 0 s\n");
    }
}
