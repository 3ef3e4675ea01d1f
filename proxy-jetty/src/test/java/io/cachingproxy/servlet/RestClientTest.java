package io.cachingproxy.servlet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.cachingproxy.client.CachingHttpClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.springframework.http.ResponseEntity;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.RestClient;

/** The caching client in the place of the platform's, under Spring's RestClient. */
class RestClientTest {
    @Test
    void a_rest_client_has_a_private_cache() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.getResponseHeaders().add("Cache-Control", "private, max-age=60");
            byte[] user = exchange.getRequestHeaders().getFirst("Authorization").getBytes(UTF_8);
            exchange.sendResponseHeaders(200, user.length);
            exchange.getResponseBody().write(user);
            exchange.close();
        });
        server.start();
        try (CachingHttpClient client = CachingHttpClient.create()) {
            RestClient rest = RestClient.builder()
                    .requestFactory(new JdkClientHttpRequestFactory(client))
                    .baseUrl("http://127.0.0.1:" + server.getAddress().getPort())
                    .build();
            assertThat(get(rest, "alice").getBody()).isEqualTo("alice");
            assertThat(get(rest, "bob").getBody()).isEqualTo("bob");
            ResponseEntity<String> again = get(rest, "alice");
            assertThat(again.getBody()).isEqualTo("alice");
            assertThat(again.getHeaders().getFirst("X-Cache")).isEqualTo("HIT");
        } finally {
            server.stop(0);
        }
    }

    private static ResponseEntity<String> get(RestClient rest, String user) {
        return rest.get().uri("/").header("Authorization", user).retrieve().toEntity(String.class);
    }
}
