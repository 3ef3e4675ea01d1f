package io.cachingproxy.jetty;

import static io.cachingproxy.rules.Site.site;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachingproxy.HttpCache;
import io.cachingproxy.http.AddressRanges;
import io.cachingproxy.jetty.ListenerSettings.Certificate;
import io.cachingproxy.jetty.ListenerSettings.Tls;
import io.cachingproxy.rules.Sites;
import io.cachingproxy.testkit.Certificates;
import io.cachingproxy.testkit.RawClient;
import io.cachingproxy.testkit.RawOrigin;
import io.cachingproxy.testkit.Reply;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several listeners of one proxy. */
class ListenersTest {
    @TempDir
    private Path folder;

    private static ListenerSettings tls(Tls tls) {
        return new ListenerSettings("127.0.0.1", 0, Optional.of(tls), false, OptionalInt.empty());
    }

    private static Certificate files(Certificates certificates) {
        return new Certificate(certificates.chain(), certificates.key());
    }

    @Test
    void what_one_listener_stores_is_a_hit_at_another_and_one_redirects() throws Exception {
        try (RawOrigin origin = RawOrigin.sending(RawOrigin.ok("a", "Cache-Control: max-age=60"));
                ProxyServer proxy = ProxyServer.builder()
                        .origin(origin.uri())
                        .trustedPeers(AddressRanges.parse("127.0.0.0/8"))
                        .listener(ListenerSettings.of("127.0.0.1", 0))
                        .listener(new ListenerSettings("127.0.0.1", 0, Optional.empty(), true, OptionalInt.empty()))
                        .listener(new ListenerSettings("127.0.0.1", 0, Optional.empty(), false, OptionalInt.of(8443)))
                        .listener(new ListenerSettings("127.0.0.1", 0, Optional.empty(), false, OptionalInt.of(443)))
                        .build()) {
            proxy.start();
            List<Integer> ports = proxy.ports();
            assertThat(ports).hasSize(4).doesNotHaveDuplicates();
            String request = "GET /a?b HTTP/1.1\r\nHost: shop.example:80\r\nConnection: close\r\n\r\n";
            assertThat(RawClient.ask(ports.get(0), request).head()).contains("X-Cache: MISS");
            assertThat(RawClient.ask(ports.get(0), request).head()).contains("X-Cache: HIT");
            assertThat(RawClient.ask(ports.get(1), "PROXY TCP4 10.1.1.1 10.2.2.2 1 2\r\n" + request)
                            .head())
                    .contains("X-Cache: HIT");
            Reply redirect = RawClient.ask(ports.get(2), request);
            assertThat(redirect.head())
                    .startsWith("HTTP/1.1 301 ")
                    .contains("Location: https://shop.example:8443/a?b\r\n");
            Reply post = RawClient.ask(
                    ports.get(3),
                    "POST /a HTTP/1.1\r\nHost: [::1]:80\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            assertThat(post.head()).startsWith("HTTP/1.1 308 ").contains("Location: https://[::1]/a\r\n");
            assertThat(origin.count()).isEqualTo(1);
        }
    }

    @Test
    void a_redirecting_listener_refuses_what_the_others_refuse() throws Exception {
        try (RawOrigin origin = RawOrigin.sending(RawOrigin.ok("a"));
                ProxyServer proxy = ProxyServer.builder()
                        .origin("shop", origin.uri())
                        .cache(HttpCache.builder()
                                .sites(Sites.of(site("shop", "a.test", "[::1]").origin("shop")))
                                .build())
                        .listener(ListenerSettings.of("127.0.0.1", 0))
                        .listener(new ListenerSettings("127.0.0.1", 0, Optional.empty(), false, OptionalInt.of(8443)))
                        .build()) {
            proxy.start();
            for (int port : proxy.ports()) {
                assertThat(answered(port, "GET /x", "evil.test")).startsWith("HTTP/1.1 421 ");
                assertThat(answered(port, "TRACE /x", "a.test")).startsWith("HTTP/1.1 501 ");
            }
            int redirecting = proxy.ports().get(1);
            assertThat(answered(redirecting, "GET http://evil.test/x", "evil.test"))
                    .startsWith("HTTP/1.1 421 ");
            assertThat(answered(redirecting, "GET /x", "a.test:80")).contains("Location: https://a.test:8443/x\r\n");
            assertThat(answered(redirecting, "GET /x", "[::1]:80")).contains("Location: https://[::1]:8443/x\r\n");
        }
    }

    @Test
    void a_redirecting_listener_itself_answers_options_for_the_whole_server() throws Exception {
        try (RawOrigin origin = RawOrigin.sending("");
                ProxyServer proxy = ProxyServer.builder()
                        .origin(origin.uri())
                        .listener(new ListenerSettings("127.0.0.1", 0, Optional.empty(), false, OptionalInt.of(8443)))
                        .build()) {
            proxy.start();
            assertThat(answered(proxy.port(), "OPTIONS *", "a.test"))
                    .startsWith("HTTP/1.1 200 ")
                    .contains("Content-Length: 0\r\n")
                    .doesNotContain("Location");
            assertThat(answered(proxy.port(), "OPTIONS /x", "a.test"))
                    .startsWith("HTTP/1.1 308 ")
                    .contains("Location: https://a.test:8443/x\r\n");
        }
    }

    private static String answered(int port, String line, String host) throws IOException {
        return RawClient.ask(port, line + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                .head();
    }

    @Test
    void the_origin_is_told_the_scheme_of_the_listener() throws Exception {
        Certificates certificates = Certificates.in(folder, "a", "EC");
        try (RawOrigin origin = RawOrigin.sending(RawOrigin.ok("a", "Cache-Control: no-store"));
                ProxyServer proxy = ProxyServer.builder()
                        .origin(origin.uri())
                        .trustedPeers(AddressRanges.parse("10.0.0.0/8"))
                        .listener(ListenerSettings.of("127.0.0.1", 0))
                        .listener(tls(new Tls(List.of(files(certificates)), null)))
                        .build()) {
            proxy.start();
            String request = "GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            RawClient.ask(proxy.ports().get(0), request);
            assertThat(origin.lastHead()).contains("X-Forwarded-Proto: http\r\n");
            try (SSLSocket socket = socket(proxy.ports().get(1), "localhost", "TLSv1.3")) {
                socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
                socket.getInputStream().readAllBytes();
            }
            assertThat(origin.lastHead()).contains("X-Forwarded-Proto: https\r\n");
        }
    }

    @Test
    void the_name_that_a_client_asks_for_selects_the_certificate() throws Exception {
        Certificates first = Certificates.in(folder, "first", "RSA", "dns:first.example");
        Certificates second = Certificates.in(folder, "second", "EC", "dns:second.example,dns:*.second.example");
        try (RawOrigin origin = RawOrigin.sending("");
                ProxyServer proxy = secured(origin, new Tls(List.of(files(first), files(second)), null))) {
            proxy.start();
            assertThat(name(proxy.port(), "first.example")).isEqualTo("CN=first");
            assertThat(name(proxy.port(), "second.example")).isEqualTo("CN=second");
            assertThat(name(proxy.port(), "a.second.example")).isEqualTo("CN=second");
        }
    }

    @ParameterizedTest
    @CsvSource({"RSA, EC, TLSv1.3", "RSA, EC, TLSv1.2", "EC, RSA, TLSv1.3", "EC, RSA, TLSv1.2"})
    void another_name_or_none_selects_the_first_certificate(String type, String other, String version)
            throws Exception {
        Certificates first = Certificates.in(folder, "first", type, "dns:first.example");
        Certificates second = Certificates.in(folder, "second", other, "dns:second.example");
        try (RawOrigin origin = RawOrigin.sending("");
                ProxyServer proxy = secured(origin, new Tls(List.of(files(first), files(second)), null))) {
            proxy.start();
            assertThat(name(proxy.port(), "third.example", version)).isEqualTo("CN=first");
            assertThat(name(proxy.port(), null, version)).isEqualTo("CN=first");
            assertThat(name(proxy.port(), "second.example", version)).isEqualTo("CN=second");
        }
    }

    @Test
    void a_site_may_have_a_certificate_for_each_algorithm() throws Exception {
        Certificates first = Certificates.in(folder, "first", "EC", "dns:first.example");
        Certificates same = Certificates.in(folder, "same", "RSA", "dns:first.example");
        try (RawOrigin origin = RawOrigin.sending("");
                ProxyServer proxy = secured(origin, new Tls(List.of(files(first), files(same)), null))) {
            proxy.start();
            for (String host : new String[] {null, "first.example", "third.example"}) {
                try (SSLSocket socket = socket(proxy.port(), host, "TLSv1.2")) {
                    socket.setEnabledCipherSuites(new String[] {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"});
                    assertThat(shown(socket)).isEqualTo("CN=same");
                }
            }
        }
    }

    // RFC 6125 §6.4.3
    @Test
    void a_wildcard_is_one_label() throws Exception {
        Certificates first = Certificates.in(folder, "first", "EC", "dns:first.example");
        Certificates wild = Certificates.in(folder, "wild", "EC", "dns:*.w.test");
        try (RawOrigin origin = RawOrigin.sending("");
                ProxyServer proxy = secured(origin, new Tls(List.of(files(first), files(wild)), null))) {
            proxy.start();
            assertThat(name(proxy.port(), "a.w.test")).isEqualTo("CN=wild");
            assertThat(name(proxy.port(), "A.W.Test")).isEqualTo("CN=wild");
            assertThat(name(proxy.port(), "w.test")).isEqualTo("CN=first");
            assertThat(name(proxy.port(), "b.a.w.test")).isEqualTo("CN=first");
        }
    }

    @Test
    void a_folder_of_certificates_is_served_and_must_hold_one() throws Exception {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertThatThrownBy(() -> ProxyServer.builder().listener(tls(new Tls(List.of(), empty))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("holds no certificate");
        Path both = Files.createDirectory(folder.resolve("both"));
        Certificates.in(both, "a", "EC", "dns:a.example");
        Certificates.in(both, "b", "EC", "dns:b.example");
        try (RawOrigin origin = RawOrigin.sending("");
                ProxyServer proxy = secured(origin, new Tls(List.of(), both))) {
            proxy.start();
            assertThat(name(proxy.port(), "a.example")).isEqualTo("CN=a");
            assertThat(name(proxy.port(), "b.example")).isEqualTo("CN=b");
            assertThat(name(proxy.port(), null)).isEqualTo("CN=a");
        }
    }

    @Test
    void a_key_of_another_certificate_is_refused() throws Exception {
        Certificates one = Certificates.in(folder, "one", "EC");
        Certificates other = Certificates.in(folder, "other", "EC");
        assertThatThrownBy(() -> ProxyServer.builder()
                        .listener(tls(new Tls(List.of(new Certificate(one.chain(), other.key())), null))))
                .isInstanceOf(IOException.class)
                .hasMessage(other.key() + " is not the key of the certificate in " + one.chain());
    }

    /** A proxy with one listener with these certificates. */
    private static ProxyServer secured(RawOrigin origin, Tls tls) throws IOException {
        return ProxyServer.builder().origin(origin.uri()).listener(tls(tls)).build();
    }

    private static String name(int port, @Nullable String host) throws Exception {
        return name(port, host, "TLSv1.3");
    }

    private static String name(int port, @Nullable String host, String version) throws Exception {
        try (SSLSocket socket = socket(port, host, version)) {
            return shown(socket);
        }
    }

    private static String shown(SSLSocket socket) throws IOException {
        socket.startHandshake();
        X509Certificate shown = (X509Certificate) socket.getSession().getPeerCertificates()[0];
        return shown.getSubjectX500Principal().getName();
    }

    /** A client that accepts every certificate. */
    private static SSLSocket socket(int port, @Nullable String host, String version) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Trusting()}, null);
        SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getByName("127.0.0.1"), port);
        socket.setEnabledProtocols(new String[] {version});
        if (host != null) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(host)));
            socket.setSSLParameters(parameters);
        }
        return socket;
    }

    private static final class Trusting implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
