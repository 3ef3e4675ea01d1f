package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdminServerTest {
    private final AtomicInteger clearings = new AtomicInteger();
    private CompletionStage<?> clearing = CompletableFuture.completedFuture(null);
    private final AdminServer admin = new AdminServer(0, () -> {
        clearings.incrementAndGet();
        return clearing;
    });

    @BeforeEach
    void start() throws IOException {
        admin.start();
    }

    @AfterEach
    void stop() {
        admin.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST /cache/clear", "DELETE /cache"})
    void clears_the_cache(String request) throws IOException {
        assertThat(send(request, own())).startsWith("HTTP/1.1 200").contains("\r\n\r\nCache cleared\n");
        assertThat(clearings).hasValue(1);
    }

    @Test
    void says_so_if_the_cache_was_not_cleared() throws IOException {
        clearing = CompletableFuture.failedFuture(new IOException("redis://:secret@h"));
        assertThat(send("POST /cache/clear", own())).startsWith("HTTP/1.1 503").doesNotContain("secret");
    }

    @Test
    void is_ready_until_it_stops_but_lives_on() throws IOException {
        assertThat(send("GET /health/ready", own())).startsWith("HTTP/1.1 200");
        admin.stopping();
        assertThat(send("GET /health/ready", own())).startsWith("HTTP/1.1 503");
        assertThat(send("GET /health/live", own())).startsWith("HTTP/1.1 200");
    }

    @ParameterizedTest
    @CsvSource({"GET /cache/clear, POST", "POST /cache, DELETE", "POST /health/live, 'GET, HEAD'"})
    void names_the_method_that_was_wanted(String request, String allowed) throws IOException {
        assertThat(send(request, own())).startsWith("HTTP/1.1 405").contains("\r\nAllow: " + allowed + "\r\n");
        assertThat(clearings).hasValue(0);
    }

    @Test
    void knows_no_other_path() throws IOException {
        assertThat(send("GET /", own())).startsWith("HTTP/1.1 404");
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "LOCALHOST", "127.0.0.1", "[::1]"})
    void answers_to_the_names_of_the_loopback_interface(String host) throws IOException {
        assertThat(send("GET /health/live", "Host: " + host + ":" + admin.port()))
                .startsWith("HTTP/1.1 200");
    }

    @ParameterizedTest
    @ValueSource(strings = {"evil.example:%d", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:%d", "127.0.0.2:%d"})
    void refuses_a_rebound_name(String host) throws IOException {
        assertThat(send("POST /cache/clear", "Host: " + host.formatted(admin.port())))
                .startsWith("HTTP/1.1 403");
        assertThat(clearings).hasValue(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://evil.example", "null", "https://127.0.0.1:%d", "http://127.0.0.1:1"})
    void refuses_what_another_site_made_the_browser_send(String origin) throws IOException {
        assertThat(send("POST /cache/clear", own() + "\r\nOrigin: " + origin.formatted(admin.port())))
                .startsWith("HTTP/1.1 403");
        assertThat(clearings).hasValue(0);
    }

    @Test
    void does_as_its_own_pages_ask() throws IOException {
        assertThat(send("POST /cache/clear", own() + "\r\nOrigin: http://127.0.0.1:" + admin.port()))
                .startsWith("HTTP/1.1 200");
    }

    @Test
    void tells_nothing_of_itself() throws IOException {
        assertThat(send("GET /nothing", own()))
                .doesNotContainIgnoringCase("jetty")
                .doesNotContain("Server:");
        assertThat(send("GET bad", own())).startsWith("HTTP/1.1 400").doesNotContainIgnoringCase("jetty");
    }

    private String own() {
        return "Host: 127.0.0.1:" + admin.port();
    }

    private String send(String request, String fields) throws IOException {
        try (Socket socket = new Socket(AdminServer.HOST, admin.port())) {
            String text = request + " HTTP/1.1\r\n" + fields + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            InputStream answer = socket.getInputStream();
            return new String(answer.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }
}
