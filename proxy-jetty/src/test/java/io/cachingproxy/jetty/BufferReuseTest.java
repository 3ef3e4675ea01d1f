package io.cachingproxy.jetty;

import static io.cachingproxy.testkit.Http2Frames.DATA;
import static io.cachingproxy.testkit.Http2Frames.END_HEADERS;
import static io.cachingproxy.testkit.Http2Frames.END_STREAM;
import static io.cachingproxy.testkit.Http2Frames.HEADERS;
import static io.cachingproxy.testkit.Http2Frames.HUNGRY_HELLO;
import static io.cachingproxy.testkit.Http2Frames.asking;
import static io.cachingproxy.testkit.Http2Frames.frame;
import static io.cachingproxy.testkit.RawClient.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.HttpCache;
import io.cachingproxy.origin.OriginProtocol;
import io.cachingproxy.testkit.Http2Frames;
import io.cachingproxy.testkit.MarkingPool;
import io.cachingproxy.testkit.RawClient;
import io.cachingproxy.testkit.RawOrigin;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever clients and the origin do, nobody touches a buffer that was given back. */
class BufferReuseTest {
    private static final int LARGE = 1 << 20;

    private final MarkingPool buffers = new MarkingPool();

    private interface Clients {
        void run(int port) throws Exception;
    }

    /** A small response, or a large one, to be kept or not; content is answered when all of it has come. */
    private static RawOrigin origin() {
        return RawOrigin.answering(call -> {
            call.body();
            String kept = call.line().contains("/kept") ? "max-age=60" : "no-store";
            call.send(RawOrigin.ok("x".repeat(call.line().contains("large") ? LARGE : 10), "Cache-Control: " + kept));
        });
    }

    private void serve(URI origin, OriginProtocol protocol, Clients clients) throws Exception {
        try (HttpCache cache = HttpCache.builder().build();
                ProxyServer proxy = ProxyServer.builder()
                        .origin(origin)
                        .originProtocol(protocol)
                        .port(0)
                        .cache(cache)
                        .buffers(buffers)
                        .build()) {
            proxy.start();
            clients.run(proxy.port());
            await().until(() -> proxy.requests() == 0);
        }
        assertThat(buffers.returned()).isPositive();
        assertThat(buffers.touched()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/kept", "/kept-large", "/passing", "/passing-large"})
    void of_responses_that_are_stored_found_asked_for_in_parts_or_passed_on(String path) throws Exception {
        try (RawOrigin origin = origin()) {
            serve(origin.uri(), OriginProtocol.HTTP1, port -> {
                for (int i = 0; i < 3; i++) {
                    assertThat(RawClient.ask(port, request("GET", path)).status())
                            .isEqualTo(200);
                    RawClient.ask(port, request("GET", path, "Range: bytes=1-2,5-"));
                }
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/kept-large", "/passing-large"})
    void of_clients_that_hang_up_in_the_middle(String path) throws Exception {
        try (RawOrigin origin = origin()) {
            serve(origin.uri(), OriginProtocol.HTTP1, port -> {
                for (int read = 0; read < 600_000; read += 50_000) {
                    try (RawClient client = RawClient.to(port).send(request("GET", path))) {
                        client.read(read);
                    }
                }
            });
        }
    }

    @Test
    void of_content_that_comes_whole_in_chunks_malformed_or_not_to_its_end() throws Exception {
        String post = "POST /passing HTTP/1.1\r\nHost: proxy\r\nConnection: close\r\n";
        try (RawOrigin origin = origin()) {
            serve(origin.uri(), OriginProtocol.HTTP1, port -> {
                String large = "Content-Length: " + LARGE + "\r\n\r\n" + "x".repeat(LARGE);
                assertThat(ended(port, post + large)).contains(" 200 ");
                String chunk = "Transfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n";
                assertThat(ended(port, post + chunk + "0\r\n\r\n")).contains(" 200 ");
                assertThat(ended(port, post + chunk + "Z\r\n")).doesNotContain(" 200 ");
                RawClient.to(port).send(post + chunk + "5\r\nwh").close();
                RawClient.to(port).send(post + "Content-Length: 5\r\n\r\nwh").close();
            });
        }
    }

    private static String ended(int port, String request) {
        try (RawClient client = RawClient.to(port).send(request)) {
            return client.rest();
        }
    }

    @Test
    void of_http2_clients_that_ask_reset_send_content_and_hang_up() throws Exception {
        try (RawOrigin origin = origin()) {
            serve(origin.uri(), OriginProtocol.HTTP1, port -> {
                for (int read = 0; read < 600_000; read += 50_000) {
                    String post = frame(HEADERS, END_HEADERS, 9, Http2Frames.head("POST", "/passing-large"));
                    try (RawClient client = RawClient.to(port)
                            .send(HUNGRY_HELLO + asking(1, "/kept") + asking(3, "/kept-large") + asking(5, "/passing"))
                            .send(asking(7, "/passing-large") + post + frame(DATA, 0, 9, "x".repeat(16_000)))) {
                        client.read(read);
                        client.send(Http2Frames.reset(3) + Http2Frames.reset(7));
                        client.send(frame(DATA, END_STREAM, 9, "x".repeat(16_000)) + asking(11, "/kept-large"));
                        client.read(500_000);
                    }
                }
            });
        }
    }

    @Test
    void of_an_origin_over_http2_that_answers_breaks_off_or_resets() throws Exception {
        Server origin = new Server();
        ServerConnector connector =
                new ServerConnector(origin, new HTTP2CServerConnectionFactory(new HttpConfiguration()));
        connector.setHost("localhost");
        origin.addConnector(connector);
        origin.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                String path = request.getHttpURI().getPath();
                if (path.equals("/reset")) {
                    callback.failed(new IOException("on purpose"));
                } else if (path.equals("/long-head")) {
                    response.getHeaders().add("X", "x".repeat(100_000));
                    callback.succeeded();
                } else {
                    boolean whole = !path.equals("/half");
                    Callback then = whole
                            ? callback
                            : Callback.from(() -> callback.failed(new IOException("on purpose")), callback::failed);
                    response.write(whole, ByteBuffer.allocate(path.startsWith("/left") ? LARGE : 50_000), then);
                }
                return true;
            }
        });
        origin.start();
        try {
            serve(URI.create("http://localhost:" + connector.getLocalPort()), OriginProtocol.H2C, port -> {
                for (int i = 0; i < 5; i++) {
                    for (String path : new String[] {"/whole", "/reset", "/half", "/long-head"}) {
                        assertThat(ended(port, request("GET", path, "Connection: close")))
                                .startsWith("HTTP/1.1 ");
                    }
                    try (RawClient client = RawClient.to(port).send(request("GET", "/left" + i))) {
                        client.head();
                    }
                }
            });
        } finally {
            origin.stop();
        }
    }
}
