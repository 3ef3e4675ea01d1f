package io.cachingproxy.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.cachingproxy.jetty.ProxyServer;
import io.cachingproxy.origin.OriginProtocol;
import io.cachingproxy.origin.OriginTimeouts;
import io.cachingproxy.testkit.Certificates;
import io.cachingproxy.testkit.RawOrigin;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** The log says what is wrong with the way to the origin, and which option helps. */
class OriginFaultTest {
    @TempDir
    private Path folder;

    private final Logger logger = (Logger) LoggerFactory.getLogger("io.cachingproxy.jetty.front.FaultLog");
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            lines.add(event.getFormattedMessage());
        }
    };

    @BeforeEach
    void listen() {
        appender.start();
        logger.addAppender(appender);
        logger.setLevel(Level.WARN);
        logger.setAdditive(false);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(appender);
        logger.setLevel(null);
        logger.setAdditive(true);
    }

    private void assertSaid(int status, String said, ProxyServer.Builder builder) throws Exception {
        try (ProxyServer proxy = builder.port(0).build()) {
            proxy.start();
            try (RawClient client = new RawClient(proxy.port())) {
                client.patience(Duration.ofSeconds(20));
                assertThat(client.send(Attack.get("/a")).response().status()).isEqualTo(status);
            }
            await().until(() -> !lines.isEmpty());
            assertThat(lines).hasSize(1);
            assertThat(lines.get(0)).startsWith("GET /a: " + status + " ").containsPattern(said);
        }
    }

    private static ProxyServer.Builder to(String scheme, int port) {
        return ProxyServer.builder().origin(URI.create(scheme + "://localhost:" + port));
    }

    private static int port(RawOrigin origin) {
        return origin.uri().getPort();
    }

    @Test
    void an_origin_that_answers_tls_with_plain_http() throws Exception {
        try (ServerSocket plain = new ServerSocket(0, 9, InetAddress.getLoopbackAddress())) {
            Thread answering = new Thread(() -> {
                while (!plain.isClosed()) {
                    try (Socket client = plain.accept()) {
                        client.getInputStream().read();
                        client.getOutputStream()
                                .write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                        client.getInputStream().readAllBytes();
                    } catch (IOException gone) {
                        // the proxy hung up
                    }
                }
            });
            answering.setDaemon(true);
            answering.start();
            assertSaid(
                    502,
                    "the TLS handshake with the origin failed \\(SSLHandshakeException: .* SSL message.*;"
                            + " if the origin does not speak TLS, use http://\\)",
                    to("https", plain.getLocalPort()));
        }
    }

    @Test
    void an_origin_that_hangs_up_on_tls() throws Exception {
        try (ServerSocket plain = new ServerSocket(0, 9, InetAddress.getLoopbackAddress())) {
            Thread closing = new Thread(() -> {
                while (!plain.isClosed()) {
                    try (Socket client = plain.accept()) {
                        client.getInputStream().readNBytes(5);
                        client.shutdownOutput();
                        client.getInputStream().readAllBytes();
                    } catch (IOException gone) {
                        // the proxy hung up
                    }
                }
            });
            closing.setDaemon(true);
            closing.start();
            assertSaid(
                    502,
                    "Exception: (Abruptly closed by peer; if the origin does not speak TLS, use|closed without a response;"
                            + " check whether the origin is https:// or) http://\\)",
                    to("https", plain.getLocalPort()));
        }
    }

    @Test
    void an_origin_that_speaks_tls_is_asked_in_the_clear() throws Exception {
        Certificates identity = Certificates.in(folder, "a", "EC");
        try (SSLServerSocket tls = (SSLServerSocket) identity.context()
                .getServerSocketFactory()
                .createServerSocket(0, 9, InetAddress.getLoopbackAddress())) {
            Thread serving = new Thread(() -> {
                while (!tls.isClosed()) {
                    try (Socket client = tls.accept()) {
                        client.getInputStream().read();
                    } catch (IOException refused) {
                        // as it is here
                    }
                }
            });
            serving.setDaemon(true);
            serving.start();
            assertSaid(
                    502,
                    "the origin's response broke off or is malformed \\(ProtocolException: a TLS alert; if the origin"
                            + " speaks TLS, use https://\\)",
                    to("http", tls.getLocalPort()));
        }
    }

    @ParameterizedTest
    @CsvSource({"HTTP1, true", "HTTP1, false", "AUTO, false"})
    void an_origin_that_hangs_up_after_the_handshake(OriginProtocol protocol, boolean orderly) throws Exception {
        Certificates identity = Certificates.in(folder, "a", "EC");
        SSLSocketFactory sockets = identity.context().getSocketFactory();
        try (ServerSocket listening = new ServerSocket(0, 9, InetAddress.getLoopbackAddress())) {
            Thread closing = new Thread(() -> {
                while (!listening.isClosed()) {
                    try (Socket plain = listening.accept();
                            SSLSocket tls = (SSLSocket) sockets.createSocket(plain, null, plain.getPort(), false)) {
                        tls.setUseClientMode(false);
                        tls.getInputStream().read();
                        if (!orderly) {
                            plain.shutdownOutput();
                            plain.getInputStream().readAllBytes();
                        }
                    } catch (IOException gone) {
                        // the proxy hung up
                    }
                }
            });
            closing.setDaemon(true);
            closing.start();
            assertSaid(
                    502,
                    "the origin cannot be reached \\(EOFException: closed without a response after the TLS handshake\\)",
                    ProxyServer.builder()
                            .origin(URI.create("https://localhost:" + listening.getLocalPort()))
                            .originProtocol(protocol)
                            .originAuthorities(identity.chain()));
        }
    }

    @Test
    void an_origin_that_hangs_up_in_the_clear() throws Exception {
        try (RawOrigin origin = RawOrigin.answering(call -> call.close())) {
            assertSaid(
                    502,
                    "the origin cannot be reached \\(EOFException: closed without a response; check whether the origin is"
                            + " https:// or http://\\)",
                    to("http", port(origin)));
        }
    }

    @Test
    void a_certificate_of_an_unknown_authority() throws Exception {
        Certificates identity = Certificates.in(folder, "a", "EC");
        try (Http2Origin origin = new Http2Origin(identity, (request, response, callback) -> callback.succeeded())) {
            for (OriginProtocol protocol : List.of(OriginProtocol.HTTP1, OriginProtocol.AUTO)) {
                lines.clear();
                assertSaid(
                        502,
                        "the certificate of the origin is not trusted \\(SSLHandshakeException: unable to find valid"
                                + " certification path to requested target, see --origin-ca\\)",
                        ProxyServer.builder().origin(origin.uri()).originProtocol(protocol));
            }
        }
    }

    @Test
    void a_name_that_does_not_resolve() throws Exception {
        assertSaid(
                502,
                "the name of the origin cannot be resolved \\(UnknownHostException",
                ProxyServer.builder().origin(URI.create("http://" + "a".repeat(64) + ".invalid:8080")));
    }

    @Test
    void a_connection_that_does_not_stand_in_time() throws Exception {
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket first = new Socket(full.getInetAddress(), full.getLocalPort());
                Socket second = new Socket(full.getInetAddress(), full.getLocalPort())) {
            assertThat(first.isConnected() && second.isConnected()).isTrue();
            assertSaid(
                    504,
                    "the origin did not answer in time \\(TimeoutException: no connection after 300 ms, see"
                            + " --origin-connect-timeout\\)",
                    ProxyServer.builder()
                            .origin(URI.create("http://127.0.0.1:" + full.getLocalPort()))
                            .originTimeouts(OriginTimeouts.DEFAULT.withConnect(Duration.ofMillis(300))));
        }
    }
}
