package io.cachingproxy.cli.warm;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.cachingproxy.http.Headers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The limits of sitemaps, with a server in the place of the proxy; what is read of them: {@code WarmCommandTest}. */
class SitemapsTest {
    private static final String PAGES = "<urlset><url><loc>http://a.example/1</loc></url>"
            + "<url><loc>http://a.example/2</loc></url><url><loc>http://a.example/3</loc></url></urlset>";

    private final List<String> requested = new ArrayList<>();
    private final Tally tally = new Tally();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        StringBuilder index = new StringBuilder("<sitemapindex>");
        for (int i = 0; i < 9; i++) {
            index.append("<sitemap><loc>http://a.example/map").append(i).append("</loc></sitemap>");
        }
        answer("/", PAGES);
        answer("/index", index.append("</sitemapindex>").toString());
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(String path, String document) {
        byte[] bytes = document.getBytes(StandardCharsets.UTF_8);
        server.createContext(path, exchange -> {
            requested.add(exchange.getRequestURI().toString());
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
    }

    private UrlList read(int sitemaps, int urls) throws InterruptedException {
        UrlList list = new UrlList(urls, 1 << 20);
        URI proxy = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        try (ProxyClient client = ProxyClient.start(proxy, Headers.EMPTY, 1)) {
            Sitemaps reader = new Sitemaps(client, new Pace(1_000), list, tally, sitemaps);
            reader.url("http://a.example/index");
            reader.url("http://a.example/other");
        }
        return list;
    }

    @Test
    void sitemaps_beyond_the_limit_are_not_requested_and_are_one_failure() throws InterruptedException {
        assertThat(read(3, 100).urls()).hasSize(3);
        assertThat(requested).containsExactly("/index", "/map0", "/map1");
        assertThat(tally.failed()).isEqualTo(1);
        assertThat(tally.failures())
                .containsExactly(
                        new Tally.Failed("http://a.example/map2", "more than 3 sitemaps: the others are not read"));
        assertThat(Sitemaps.MAX_SITEMAPS).isEqualTo(1_000);
    }

    @Test
    void a_full_list_ends_the_reading_of_sitemaps_with_one_failure() throws InterruptedException {
        assertThat(read(100, 2).urls()).hasSize(2);
        assertThat(requested).containsExactly("/index", "/map0");
        assertThat(tally.failed()).isEqualTo(1);
        assertThat(tally.failures())
                .containsExactly(
                        new Tally.Failed("http://a.example/map0", "more than 2 URLs: the others are not requested"));
    }
}
