package io.cachingproxy.servlet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.cachingproxy.client.CachingHttpClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.springframework.http.ResponseEntity;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.RestClient;

/** The caching client in the place of the platform's, under Spring's RestClient. */
class RestClientTest {
    @Test
    void a_rest_client_has_a_private_cache() throws IOException {
        HttpServer server = started();
        try (CachingHttpClient client = CachingHttpClient.create()) {
            RestClient rest = rest(server, client).build();
            assertThat(get(rest, "alice").getBody()).isEqualTo("alice");
            assertThat(get(rest, "bob").getBody()).isEqualTo("bob");
            ResponseEntity<String> again = get(rest, "alice");
            assertThat(again.getBody()).isEqualTo("alice");
            assertThat(again.getHeaders().getFirst("X-Cache")).isEqualTo("HIT");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void credentials_of_an_interceptor_keep_users_apart() throws IOException {
        HttpServer server = started();
        AtomicReference<String> user = new AtomicReference<>("alice");
        try (CachingHttpClient client = CachingHttpClient.create()) {
            RestClient rest = rest(server, client)
                    .requestInterceptor((request, body, execution) -> {
                        request.getHeaders().set("Authorization", user.get());
                        return execution.execute(request, body);
                    })
                    .build();
            assertThat(rest.get().uri("/").retrieve().body(String.class)).isEqualTo("alice");
            user.set("bob");
            assertThat(rest.get().uri("/").retrieve().body(String.class)).isEqualTo("bob");
        } finally {
            server.stop(0);
        }
    }

    /** A server whose page says the credentials of the request. */
    private static HttpServer started() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.getResponseHeaders().add("Cache-Control", "private, max-age=60");
            byte[] user = exchange.getRequestHeaders().getFirst("Authorization").getBytes(UTF_8);
            exchange.sendResponseHeaders(200, user.length);
            exchange.getResponseBody().write(user);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static RestClient.Builder rest(HttpServer server, CachingHttpClient client) {
        return RestClient.builder()
                .requestFactory(new JdkClientHttpRequestFactory(client))
                .baseUrl("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private static ResponseEntity<String> get(RestClient rest, String user) {
        return rest.get().uri("/").header("Authorization", user).retrieve().toEntity(String.class);
    }
}
