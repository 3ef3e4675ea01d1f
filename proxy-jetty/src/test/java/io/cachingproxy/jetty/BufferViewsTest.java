package io.cachingproxy.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.HttpCache;
import io.cachingproxy.testkit.MarkingPool;
import io.cachingproxy.testkit.RawClient;
import io.cachingproxy.testkit.RawOrigin;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A buffer that was given back may be another connection's: nobody may touch it any more. */
class BufferViewsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwho",
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole",
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole, and more",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZ\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nbody",
                "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
                "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
                "HTTP/1.1 200 OK\r\nConte",
                "no HTTP at all\r\n\r\n",
                "",
            })
    void no_buffer_is_touched_once_it_was_given_back_however_a_response_ends(String response) throws IOException {
        MarkingPool buffers = new MarkingPool();
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    call.send(response);
                    call.close();
                });
                HttpCache cache = HttpCache.builder().build();
                ProxyServer proxy = ProxyServer.builder()
                        .origin(origin.uri())
                        .port(0)
                        .cache(cache)
                        .buffers(buffers)
                        .build()) {
            proxy.start();
            try (RawClient client =
                    RawClient.to(proxy.port()).send("GET / HTTP/1.1\r\nHost: proxy\r\nConnection: close\r\n\r\n")) {
                assertThat(client.rest()).startsWith("HTTP/1.1 ");
            }
        }
        assertThat(buffers.returned()).isPositive();
        assertThat(buffers.touched()).isEmpty();
    }
}
