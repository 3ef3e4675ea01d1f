package io.cachingproxy.example;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import org.junit.jupiter.api.Test;

class CatalogueTest {
    @Test
    void each_user_has_a_cache_of_their_own() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.getResponseHeaders().add("Cache-Control", "private, max-age=60");
            byte[] user = exchange.getRequestHeaders().getFirst("X-User").getBytes(UTF_8);
            exchange.sendResponseHeaders(200, user.length);
            exchange.getResponseBody().write(user);
            exchange.close();
        });
        server.start();
        URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
        try (Catalogue catalogue = new Catalogue()) {
            catalogue.page(url, "alice");
            assertThat(catalogue.page(url, "bob").body()).isEqualTo("bob");
            assertThat(catalogue.page(url, "alice").headers().firstValue("X-Cache"))
                    .contains("HIT");
            assertThat(catalogue.page(url, "alice").body()).isEqualTo("alice");
        } finally {
            server.stop(0);
        }
    }
}
