package io.cachingproxy.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.jetty.AddressRanges;
import io.cachingproxy.jetty.ProxyServer;
import io.cachingproxy.testkit.Certificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who a trusted peer says it speaks for; and that nobody else can say it. */
class ProxyProtocolTest {
    private static final String V1 = "PROXY TCP4 192.0.2.7 192.0.2.1 4711 80\r\n";
    private static final String V2 =
            "\r\n\r\n\0\r\nQUIT\n\u0021\u0011\0\u000c\u00c0\0\2\7\u00c0\0\2\1\u0012\u0067\0\u0050";
    private static final String V2_LOCAL = "\r\n\r\n\0\r\nQUIT\n\u0020\0\0\0";

    @Nested
    class OfTrustedPeers extends Attack {
        @Override
        ProxyServer.Builder configured(ProxyServer.Builder builder) {
            return super.configured(builder)
                    .trustedPeers(AddressRanges.parse("127.0.0.1"))
                    .proxyProtocol();
        }

        @ParameterizedTest
        @ValueSource(strings = {V1, V2})
        void the_address_is_what_they_say_and_is_not_trusted_for_that(String header) throws IOException {
            RawClient client = attacker().send(header + get("/a", "X-Forwarded-For: evil"));
            assertThat(client.response().body()).isEqualTo("GET /a");
            assertThat(origin.last().all("X-Forwarded-For")).containsExactly("192.0.2.7");
            assertThat(client.send(get("/b", "X-Forwarded-For: evil"))
                            .response()
                            .body())
                    .isEqualTo("GET /b");
            assertThat(origin.last().all("X-Forwarded-For")).containsExactly("192.0.2.7");
        }

        @ParameterizedTest
        @ValueSource(strings = {"PROXY UNKNOWN\r\n", V2_LOCAL})
        void without_an_address_it_is_their_own(String header) throws IOException {
            assertThat(attacker().send(header + get("/a")).response().body()).isEqualTo("GET /a");
            assertThat(origin.last().all("X-Forwarded-For")).containsExactly("127.0.0.1");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "GET /a HTTP/1.1\r\nHost: proxy\r\n\r\n",
                    "PROXY TCP4 192.0.2.7 192.0.2.1 4711\r\n",
                    "PROXY TCP4 192.0.2.7 192.0.2.1 many 80\r\n",
                    "PROXY TCP4 192.0.2.7 192.0.2.1 4711 80\nX",
                    "PROXY\r\n",
                    "\r\n\r\n\0\r\nQUIT\n\u0031\u0011\0\u000c\u00c0\0\2\7\u00c0\0\2\1\u0012\u0067\0\u0050",
                    "\r\n\r\n\0\r\nQUIT\n\u0021\u0011\u00ff\u00ff"
                })
        void what_does_not_begin_with_it_is_cut_off(String attack) throws IOException {
            assertThat(attacker().send(attack + get("/a")).untilClosed()).isEmpty();
            assertThat(origin.requests()).isEmpty();
        }
    }

    @Nested
    class OfAnybodyElse extends Attack {
        @Override
        ProxyServer.Builder configured(ProxyServer.Builder builder) {
            return super.configured(builder)
                    .trustedPeers(AddressRanges.parse("10.0.0.0/8"))
                    .proxyProtocol();
        }

        @ParameterizedTest
        @ValueSource(strings = {V1, V2})
        void it_is_no_http(String header) throws IOException {
            assertThat(attacker().send(header + get("/a")).untilClosed()).startsWith("HTTP/1.1 400 ");
            assertVictimUnharmed();
        }
    }

    @Nested
    class BeforeTls extends Attack {
        @TempDir
        private static Path folder;

        private Certificates identity;

        @Override
        ProxyServer.Builder configured(ProxyServer.Builder builder) {
            try {
                identity = Certificates.in(folder, "a", "EC");
                return super.configured(builder)
                        .trustedPeers(AddressRanges.parse("127.0.0.1"))
                        .proxyProtocol()
                        .tls(identity.chain(), identity.key());
            } catch (Exception failed) {
                throw new IllegalStateException(failed);
            }
        }

        @Test
        void it_comes_first() throws Exception {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
            socket.getOutputStream().write(V1.getBytes(StandardCharsets.ISO_8859_1));
            SSLSocket tls = (SSLSocket)
                    identity.context().getSocketFactory().createSocket(socket, "localhost", proxy.port(), true);
            try (RawClient client = new RawClient(tls)) {
                assertThat(client.send(get("/a")).response().body()).isEqualTo("GET /a");
            }
            assertThat(origin.last().all("X-Forwarded-For")).containsExactly("192.0.2.7");
            assertThat(origin.last().all("X-Forwarded-Proto")).containsExactly("https");
        }
    }
}
