package io.cachingproxy.cli.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.jetty.front.CertificateFiles;
import io.cachingproxy.jetty.front.TlsIdentity;
import io.cachingproxy.testkit.Certificate;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may use the admin listener. */
class AdminAccessTest {
    @TempDir
    private Path folder;

    private static AdminRoutes routes() {
        return AdminRoutes.of(new HealthApi(), all -> {
            all.get("/thing", exchange -> exchange.text(200, "read"));
            all.post("/thing", exchange -> exchange.text(200, "changed"));
        });
    }

    private AdminServer admin;

    private AdminToken token(String text) throws IOException {
        return AdminToken.in(Files.writeString(folder.resolve(text), text));
    }

    @BeforeEach
    void start() throws IOException {
        admin = new AdminServer(
                "127.0.0.1",
                0,
                new AdminAccess(Optional.of(token("write-token")), Optional.of(token("read-token")), Optional.empty()),
                routes());
        admin.start();
    }

    @AfterEach
    void stop() {
        admin.close();
    }

    private int status(String method, String... fields) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin.port() + "/thing"))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .headers(fields)
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private static String basic(String password) {
        byte[] pair = ("anyone:" + password).getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    @Test
    void the_token_permits_everything_and_the_token_for_reading_only_that() throws Exception {
        assertThat(status("GET", "Authorization", "Bearer write-token")).isEqualTo(200);
        assertThat(status("POST", "Authorization", "bearer write-token")).isEqualTo(200);
        assertThat(status("GET", "Authorization", "Bearer read-token")).isEqualTo(200);
        assertThat(status("HEAD", "Authorization", "Bearer read-token")).isEqualTo(200);
        assertThat(status("POST", "Authorization", "Bearer read-token")).isEqualTo(403);
        assertThat(status("GET", "Authorization", "Bearer read-toke")).isEqualTo(401);
    }

    @Test
    void the_token_may_be_the_password_of_basic_authentication() throws Exception {
        assertThat(status("POST", "Authorization", basic("write-token"))).isEqualTo(200);
        assertThat(status("POST", "Authorization", basic("read-token"))).isEqualTo(403);
        assertThat(status("GET", "Authorization", basic("read-token"))).isEqualTo(200);
        assertThat(status("GET", "Authorization", basic("wrong"))).isEqualTo(401);
        assertThat(status("GET", "Authorization", "Basic !!!")).isEqualTo(401);
        assertThat(status("GET", "Authorization", "Basic d3JpdGUtdG9rZW4=")).isEqualTo(401);
    }

    @Test
    void requests_of_other_web_pages_with_basic_authentication_are_refused() throws Exception {
        String own = "http://127.0.0.1:" + admin.port();
        assertThat(status("POST", "Authorization", basic("write-token"), "Origin", "http://evil.example"))
                .isEqualTo(403);
        assertThat(status("POST", "Authorization", basic("write-token"), "Sec-Fetch-Site", "cross-site"))
                .isEqualTo(403);
        assertThat(status(
                        "POST", "Authorization", basic("write-token"), "Origin", own, "Sec-Fetch-Site", "same-origin"))
                .isEqualTo(200);
    }

    @Test
    void the_listener_may_have_a_certificate() throws Exception {
        Certificate certificate = Certificate.in(folder, "ip:127.0.0.1");
        TlsIdentity identity = new TlsIdentity(CertificateFiles.of(certificate.chain(), certificate.key()));
        AdminAccess access = new AdminAccess(Optional.empty(), Optional.empty(), Optional.of(identity));
        try (AdminServer secure = new AdminServer("127.0.0.1", 0, access, routes())) {
            secure.start();
            HttpClient client =
                    HttpClient.newBuilder().sslContext(trusting(certificate)).build();
            URI uri = URI.create("https://127.0.0.1:" + secure.port() + "/thing");
            HttpRequest own = HttpRequest.newBuilder(uri)
                    .header("Origin", "https://127.0.0.1:" + secure.port())
                    .build();
            assertThat(client.send(own, HttpResponse.BodyHandlers.ofString()).body())
                    .isEqualTo("read\n");
            HttpRequest other = HttpRequest.newBuilder(uri)
                    .header("Origin", "https://evil.example")
                    .build();
            assertThat(client.send(other, HttpResponse.BodyHandlers.ofString()).statusCode())
                    .isEqualTo(403);
        }
    }

    private static SSLContext trusting(Certificate certificate) throws Exception {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        KeyStore store = KeyStore.getInstance(certificate.store().toFile(), Certificate.PASSWORD.toCharArray());
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        trusted.setCertificateEntry("admin", store.getCertificate("tls"));
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
