package io.cachingproxy.cli.warm;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.Target;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class WarmingTest {
    private static final double ONE_A_DAY = 1.0 / 86_400;

    @Test
    @Timeout(60)
    void a_stop_without_a_request_in_flight_ends_at_once() throws IOException, InterruptedException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> exchange.sendResponseHeaders(204, -1));
        server.start();
        URI proxy = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        try (ProxyClient client = ProxyClient.start(proxy, Headers.EMPTY, 1)) {
            Pace pace = new Pace(ONE_A_DAY);
            Tally tally = new Tally();
            List<Target> urls = List.of(new Target("http", "a.example", "/1"), new Target("http", "a.example", "/2"));
            new Warming(client, pace, 2, Integer.MAX_VALUE, progress -> pace.stop()).run(urls, tally);
            assertThat(tally.requested()).isEqualTo(1);
        } finally {
            server.stop(0);
        }
    }
}
