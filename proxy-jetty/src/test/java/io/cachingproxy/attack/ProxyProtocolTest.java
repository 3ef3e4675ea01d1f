package io.cachingproxy.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.http.AddressRanges;
import io.cachingproxy.jetty.Limits;
import io.cachingproxy.jetty.ProxyServer;
import io.cachingproxy.testkit.Certificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
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
        @ValueSource(
                strings = {
                    "PROXY TCP6 2001:DB8::7 ::1 0 65535\r\n",
                    "\r\n\r\n\0\r\nQUIT\n\u0021\u0021\0\u0027\u0020\1\r\u00b8\0\0\0\0\0\0\0\0\0\0\0\7"
                            + "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\u0012\u0067\0\u0050\4\0\0"
                })
        void an_address_of_version_6_too(String header) throws IOException {
            assertThat(attacker().send(header + get("/a")).response().body()).isEqualTo("GET /a");
            assertThat(origin.last().all("X-Forwarded-For")).containsExactly("2001:db8:0:0:0:0:0:7");
        }

        @ParameterizedTest
        @ValueSource(strings = {V1, V2})
        void it_may_come_in_pieces_and_with_the_request(String header) throws IOException {
            for (int at = 1; at < header.length(); at += 3) {
                RawClient client = attacker().send(header.substring(0, at));
                client.send(header.substring(at) + get("/a") + get("/b"));
                assertThat(client.response().body()).isEqualTo("GET /a");
                assertThat(client.response().body()).isEqualTo("GET /b");
            }
            assertThat(origin.last().all("X-Forwarded-For")).containsExactly("192.0.2.7");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "PROXY UNKNOWN\r\n",
                    "PROXY UNKNOWN ffff:f...f:ffff x\r\n",
                    V2_LOCAL,
                    "\r\n\r\n\0\r\nQUIT\n\u0021\0\0\0"
                })
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
                    "PROXY TCP4 localhost 192.0.2.1 4711 80\r\n",
                    "PROXY TCP4 attacker.example 192.0.2.1 4711 80\r\n",
                    "PROXY TCP4 0300.0.2.7 192.0.2.1 4711 80\r\n",
                    "PROXY TCP4 010.0.0.1 192.0.2.1 4711 80\r\n",
                    "PROXY TCP4 1.2.3 192.0.2.1 4711 80\r\n",
                    "PROXY TCP4 1.2.3.256 192.0.2.1 4711 80\r\n",
                    "PROXY TCP4 3221226001 192.0.2.1 4711 80\r\n",
                    "PROXY TCP4 192.0.2.7 192.0.2.1 4711 65536\r\n",
                    "PROXY TCP4 192.0.2.7 192.0.2.1 04711 80\r\n",
                    "PROXY TCP4 192.0.2.7 192.0.2.1 -1 80\r\n",
                    "PROXY TCP4  192.0.2.7 192.0.2.1 4711 80\r\n",
                    "PROXY TCP4 192.0.2.7 192.0.2.1 4711 80 \r\n",
                    "PROXY TCP4 2001:db8::1 2001:db8::2 4711 80\r\n",
                    "PROXY TCP6 192.0.2.7 192.0.2.1 4711 80\r\n",
                    "PROXY TCP6 2001:db8::g 2001:db8::2 4711 80\r\n",
                    "PROXY TCP6 1::2::3 2001:db8::2 4711 80\r\n",
                    "PROXY TCP6 ::ffff:010.0.0.1 2001:db8::2 4711 80\r\n",
                    "PROXY TCP6 fe80::1%lo 2001:db8::2 4711 80\r\n",
                    "PROXY UDP4 192.0.2.7 192.0.2.1 4711 80\r\n",
                    "PROXY unknown\r\n",
                    "PROXY UNKNOWN\n",
                    "PROXY \r\n",
                    "proxy TCP4 192.0.2.7 192.0.2.1 4711 80\r\n",
                    "\r\n\r\n\0\r\nQUIT\n\42\u0011\0\u000c\u00c0\0\2\7\u00c0\0\2\1\u0012\u0067\0\u0050",
                    "\r\n\r\n\0\r\nQUIT\n\u002f\0\0\0",
                    "\r\n\r\n\0\r\nQUIT\n\u0021\u0012\0\u000c\u00c0\0\2\7\u00c0\0\2\1\u0012\u0067\0\u0050",
                    "\r\n\r\n\0\r\nQUIT\n\u0021\u0041\0\u000c\u00c0\0\2\7\u00c0\0\2\1\u0012\u0067\0\u0050",
                    "\r\n\r\n\0\r\nQUIT\n\u0021\u0011\0\u000b\u00c0\0\2\7\u00c0\0\2\1\u0012\u0067\0",
                    "\r\n\r\n\0\r\nQUIT\n\u0021\u0021\0\u000c\u00c0\0\2\7\u00c0\0\2\1\u0012\u0067\0\u0050",
                    "\r\n\r\n\0\r\nQUIT\r\u0021\u0011\0\u000c\u00c0\0\2\7\u00c0\0\2\1\u0012\u0067\0\u0050",
                    "\r\n\r\n\0\r\nQUIT\n\u0031\u0011\0\u000c\u00c0\0\2\7\u00c0\0\2\1\u0012\u0067\0\u0050",
                    "\r\n\r\n\0\r\nQUIT\n\u0021\u0011\u00ff\u00ff"
                })
        void what_does_not_begin_with_it_is_cut_off(String attack) throws IOException {
            assertThat(attacker().send(attack + get("/a")).untilClosed()).isEmpty();
            assertThat(origin.requests()).isEmpty();
        }
    }

    @Nested
    class ThatDoesNotEnd extends Attack {
        @Override
        ProxyServer.Builder configured(ProxyServer.Builder builder) {
            return super.configured(builder)
                    .trustedPeers(AddressRanges.parse("127.0.0.1"))
                    .proxyProtocol()
                    .limits(Limits.DEFAULT.withRate(0, Duration.ofSeconds(1)));
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "P", "PROXY TCP4 192.0.2.7", "\r\n\r\n\0\r\nQUIT\n\u0021\u0011\0\u000c\u00c0\0"})
        void is_waited_for_as_long_as_other_slow_clients_are(String start) throws IOException {
            RawClient client = attacker().send(start);
            client.patience(Duration.ofSeconds(20));
            assertThat(client.untilClosed()).isEmpty();
        }

        @Test
        void one_that_comes_byte_by_byte_no_longer() throws IOException {
            RawClient client = attacker();
            Iterator<String> bytes =
                    List.of(("PROXY UNKNOWN " + "x".repeat(90)).split("")).iterator();
            await().atMost(Duration.ofSeconds(15))
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> isCutOff(client, bytes.next()));
        }

        private static boolean isCutOff(RawClient client, String next) {
            try {
                client.send(next);
                return false;
            } catch (IOException closed) {
                return true;
            }
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
