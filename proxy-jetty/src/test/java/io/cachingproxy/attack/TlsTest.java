package io.cachingproxy.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.cachingproxy.jetty.Limits;
import io.cachingproxy.jetty.ProxyServer;
import io.cachingproxy.origin.ConfiguredOrigin;
import io.cachingproxy.origin.ConnectionSettings;
import io.cachingproxy.origin.OriginProtocol;
import io.cachingproxy.origin.balance.OriginSettings;
import io.cachingproxy.testkit.Certificates;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** TLS towards clients and towards the origin. */
class TlsTest {
    @TempDir
    private Path folder;

    private RecordingOrigin origin;
    private ProxyServer proxy;

    @BeforeEach
    void start() throws IOException {
        origin = new RecordingOrigin();
    }

    @AfterEach
    void stop() throws IOException {
        if (proxy != null) {
            proxy.close();
        }
        origin.close();
    }

    private void serve(Certificates identity) throws IOException {
        proxy = ProxyServer.builder()
                .origin(origin.uri())
                .port(0)
                .tls(identity.chain(), identity.key())
                .build();
        proxy.start();
    }

    private HttpResponse<String> get(Certificates trusted, HttpClient.Version version) throws Exception {
        HttpClient client = HttpClient.newBuilder()
                .sslContext(trusted.context())
                .version(version)
                .build();
        URI uri = URI.create("https://localhost:" + proxy.port() + "/a");
        return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    @ParameterizedTest
    @EnumSource
    void http_2_and_http_1_1_are_offered_by_alpn(HttpClient.Version version) throws Exception {
        Certificates identity = Certificates.in(folder, "a", "EC");
        serve(identity);
        HttpResponse<String> response = get(identity, version);
        assertThat(response.version()).isEqualTo(version);
        assertThat(response.body()).isEqualTo("GET /a");
        assertThat(get(identity, version).headers().firstValue("X-Cache")).contains("HIT");
    }

    @ParameterizedTest
    @CsvSource({"RSA", "EC", "Ed25519"})
    void keys_of_all_usual_kinds_are_read(String algorithm) throws Exception {
        Certificates identity = Certificates.in(folder, "a", algorithm);
        serve(identity);
        assertThat(get(identity, HttpClient.Version.HTTP_1_1).body()).isEqualTo("GET /a");
    }

    @Test
    void a_new_certificate_is_shown_when_the_files_change_and_connections_stand() throws Exception {
        Certificates old = Certificates.in(folder, "a", "EC");
        serve(old);
        try (RawClient standing = new RawClient(connect(old))) {
            assertThat(standing.send(Attack.get("/a")).response().body()).isEqualTo("GET /a");
            Certificates renewed = Certificates.in(folder, "a", "EC");
            await().atMost(Duration.ofSeconds(10))
                    .ignoreExceptions()
                    .until(() -> get(renewed, HttpClient.Version.HTTP_1_1).statusCode() == 200);
            assertThat(standing.send(Attack.get("/a")).response().field("X-Cache"))
                    .isEqualTo("HIT");
            assertThatThrownBy(() -> get(old, HttpClient.Version.HTTP_1_1)).isInstanceOf(IOException.class);
            Files.writeString(renewed.chain(), "half a file");
            await().during(Duration.ofMillis(2500))
                    .until(() -> get(renewed, HttpClient.Version.HTTP_1_1).statusCode() == 200);
        }
    }

    private Socket connect(Certificates trusted) throws Exception {
        SSLSocket socket = (SSLSocket)
                trusted.context().getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), proxy.port());
        socket.startHandshake();
        return socket;
    }

    @Test
    void a_handshake_that_comes_byte_by_byte_is_cut_off() throws Exception {
        Certificates identity = Certificates.in(folder, "a", "EC");
        proxy = ProxyServer.builder()
                .origin(origin.uri())
                .port(0)
                .tls(identity.chain(), identity.key())
                .limits(Limits.DEFAULT.withRate(100, Duration.ofSeconds(1)))
                .build();
        proxy.start();
        ScheduledExecutorService trickling = Executors.newSingleThreadScheduledExecutor();
        try (RawClient slow = new RawClient(proxy.port())) {
            slow.send("\26\3\1\2\0\1\0\1\374\3\3"); // a ClientHello of 512 bytes
            trickling.scheduleAtFixedRate(() -> sendOn(slow), 0, 100, TimeUnit.MILLISECONDS);
            slow.patience(Duration.ofSeconds(15));
            assertThat(slow.untilClosed()).isEmpty();
        } finally {
            trickling.shutdownNow();
        }
        assertThat(get(identity, HttpClient.Version.HTTP_2).statusCode()).isEqualTo(200);
    }

    @Test
    void a_client_that_speaks_plain_http_to_the_tls_port_is_told_so() throws Exception {
        Certificates identity = Certificates.in(folder, "a", "EC");
        serve(identity);
        for (int i = 0; i < 2; i++) {
            try (RawClient plain = new RawClient(proxy.port())) {
                assertThat(plain.send(Attack.get("/a")).untilClosed())
                        .startsWith("HTTP/1.1 400 ")
                        .endsWith("\r\n\r\nThis port speaks TLS: use https://\n");
            }
        }
        assertThat(get(identity, HttpClient.Version.HTTP_2).statusCode()).isEqualTo(200);
    }

    private static void sendOn(RawClient slow) {
        try {
            slow.send("x");
        } catch (IOException closed) {
            throw new UncheckedIOException(closed);
        }
    }

    @Test
    void a_request_that_says_http_on_a_tls_connection_is_refused() throws Exception {
        Certificates identity = Certificates.in(folder, "a", "EC");
        serve(identity);
        try (RawClient client = new RawClient(connect(identity))) {
            assertThat(client.send(Attack.get("http://proxy/a")).untilClosed()).startsWith("HTTP/1.1 400 ");
        }
        assertThat(origin.requests()).isEmpty();
    }

    @Test
    void what_is_wrong_with_the_files_is_one_sentence_that_names_them() throws Exception {
        Certificates one = Certificates.in(folder, "one", "EC");
        Certificates other = Certificates.in(folder, "other", "RSA");
        Path none = folder.resolve("none.pem");
        assertWrong(none, one.key(), none + " cannot be read");
        assertWrong(one.chain(), none, none + " cannot be read");
        assertWrong(one.key(), one.key(), "one.key holds no PEM certificate");
        assertWrong(one.chain(), one.chain(), "one.crt holds no unencrypted PKCS #8 key");
        assertWrong(one.chain(), other.key(), "other.key is not the key of the certificate in");
    }

    @ParameterizedTest
    @CsvSource({"RSA", "EC", "Ed25519"})
    void a_key_of_another_certificate_of_the_same_kind_is_refused(String algorithm) throws Exception {
        Certificates one = Certificates.in(folder, "one", algorithm);
        Certificates other = Certificates.in(folder, "other", algorithm);
        assertWrong(one.chain(), other.key(), "other.key is not the key of the certificate in");
    }

    @Test
    void a_response_that_breaks_off_does_not_end_with_a_goodbye() throws Exception {
        Certificates identity = Certificates.in(folder, "a", "EC");
        serve(identity);
        CountDownLatch heard = new CountDownLatch(1);
        origin.on("/a", (request, connection) -> {
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
            heard.await();
            connection.close();
        });
        try (Socket client = connect(identity)) {
            client.setSoTimeout(10_000);
            client.getOutputStream()
                    .write("GET /a HTTP/1.0\r\nHost: proxy\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            StringBuilder answer = new StringBuilder();
            while (answer.indexOf("hello") < 0) {
                answer.append((char) client.getInputStream().read());
            }
            heard.countDown();
            assertThatThrownBy(() -> client.getInputStream().readAllBytes()).isInstanceOf(IOException.class);
        }
    }

    private static void assertWrong(Path chain, Path key, String complaint) {
        assertThatThrownBy(() -> ProxyServer.builder().tls(chain, key))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(complaint);
    }

    @Test
    void an_https_origin_is_verified_against_the_given_authorities_or_not_asked_at_all() throws Exception {
        Certificates known = Certificates.in(folder, "known", "EC");
        Certificates unknown = Certificates.in(folder, "unknown", "EC");
        HttpsServer secure = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        secure.setHttpsConfigurator(new HttpsConfigurator(known.context()));
        int[] asked = {0};
        secure.createContext("/", exchange -> {
            asked[0]++;
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        secure.start();
        try {
            URI uri = URI.create("https://localhost:" + secure.getAddress().getPort());
            assertThat(statusFrom(ProxyServer.builder().origin(uri).originAuthorities(known.chain())))
                    .isEqualTo(200);
            assertThat(statusFrom(ProxyServer.builder().origin(uri).originAuthorities(unknown.chain())))
                    .isEqualTo(502);
            assertThat(statusFrom(ProxyServer.builder().origin(uri))).isEqualTo(502);
            assertThat(asked[0]).isEqualTo(1);
        } finally {
            secure.stop(0);
        }
    }

    @Test
    void a_complete_response_of_an_https_origin_counts_although_tls_ends_without_a_close_notify() throws Exception {
        Certificates identity = Certificates.in(folder, "a", "EC");
        SSLSocketFactory factory = identity.context().getSocketFactory();
        byte[] hello = "HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: 5\r\n\r\nhello"
                .getBytes(StandardCharsets.US_ASCII);
        try (ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread answering = new Thread(() -> {
                while (!listening.isClosed()) {
                    try (Socket plain = listening.accept();
                            SSLSocket tls = (SSLSocket) factory.createSocket(plain, null, plain.getPort(), false)) {
                        tls.setUseClientMode(false);
                        new BufferedReader(new InputStreamReader(tls.getInputStream(), StandardCharsets.US_ASCII))
                                .lines()
                                .takeWhile(line -> !line.isEmpty())
                                .forEach(line -> {});
                        tls.getOutputStream().write(hello);
                        plain.shutdownOutput();
                        plain.getInputStream().readAllBytes();
                    } catch (IOException gone) {
                        // the proxy hung up, or the test is over
                    }
                }
            });
            answering.setDaemon(true);
            answering.start();
            proxy = ProxyServer.builder()
                    .port(0)
                    .origin(URI.create("https://localhost:" + listening.getLocalPort()))
                    .originAuthorities(identity.chain())
                    .build();
            proxy.start();
            for (int i = 0; i < 30; i++) { // the end often comes together with the response
                try (RawClient client = new RawClient(proxy.port())) {
                    assertThat(client.send(Attack.get("/a")).response().body()).isEqualTo("hello");
                }
            }
        }
    }

    @Test
    void an_origin_that_verifies_its_clients_gets_the_certificate_of_its_origin_and_its_name() throws Exception {
        Certificates server = Certificates.in(folder, "server", "EC");
        Certificates proxy = Certificates.in(folder, "proxy", "RSA");
        Certificates other = Certificates.in(folder, "other", "EC");
        HttpsServer secure = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        secure.setHttpsConfigurator(new HttpsConfigurator(server.contextTrusting(proxy)) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters own = getSSLContext().getDefaultSSLParameters();
                own.setNeedClientAuth(true);
                parameters.setSSLParameters(own);
            }
        });
        secure.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        secure.start();
        try {
            URI byAddress =
                    URI.create("https://127.0.0.1:" + secure.getAddress().getPort());
            for (OriginProtocol protocol : List.of(OriginProtocol.HTTP1, OriginProtocol.AUTO)) {
                assertThat(statusFrom(byAddress, tls(server, proxy, "localhost"), protocol))
                        .isEqualTo(200);
                assertThat(statusFrom(byAddress, tls(server, proxy, "elsewhere"), protocol))
                        .isEqualTo(502);
                assertThat(statusFrom(byAddress, tls(server, other, "localhost"), protocol))
                        .isEqualTo(502);
                assertThat(statusFrom(byAddress, tls(other, proxy, "localhost"), protocol))
                        .isEqualTo(502);
            }
        } finally {
            secure.stop(0);
        }
    }

    private static ConnectionSettings.Tls tls(Certificates trusted, Certificates own, String name) {
        return new ConnectionSettings.Tls(
                Optional.of(trusted.chain()),
                Optional.of(new ConnectionSettings.Identity(own.chain(), own.key())),
                Optional.of(name));
    }

    private static int statusFrom(URI server, ConnectionSettings.Tls tls, OriginProtocol protocol) throws IOException {
        ConnectionSettings connections =
                new ConnectionSettings(ConnectionSettings.Timeouts.NONE, Optional.of(protocol), Optional.of(tls));
        return statusFrom(ProxyServer.builder().origin(new ConfiguredOrigin(OriginSettings.of(server), connections)));
    }

    private static int statusFrom(ProxyServer.Builder builder) throws IOException {
        try (ProxyServer proxy = builder.port(0).build()) {
            proxy.start();
            try (RawClient client = new RawClient(proxy.port())) {
                return client.send(Attack.get("/a")).response().status();
            }
        }
    }
}
