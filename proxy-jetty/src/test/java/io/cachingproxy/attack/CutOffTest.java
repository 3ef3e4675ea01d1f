package io.cachingproxy.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** A response that ends with the connection ends it in another way if it breaks off (RFC 9112 §8). */
class CutOffTest extends Attack {
    private static final String CHUNKED =
            "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: chunked\r\n\r\n" + "5\r\nhello\r\n";

    private Socket ask(CountDownLatch heard) throws IOException {
        Socket client = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        client.setSoTimeout(10_000);
        client.getOutputStream().write("GET /a HTTP/1.0\r\nHost: proxy\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
        StringBuilder answer = new StringBuilder();
        while (answer.indexOf("hello") < 0) {
            answer.append((char) client.getInputStream().read());
        }
        assertThat(answer).startsWith("HTTP/1.1 200 ").doesNotContainIgnoringCase("transfer-encoding");
        heard.countDown();
        return client;
    }

    @Test
    void a_body_that_breaks_off_ends_with_a_reset() throws IOException {
        CountDownLatch heard = new CountDownLatch(1);
        origin.on("/a", (asked, connection) -> {
            connection.send(CHUNKED);
            heard.await();
            connection.close();
        });
        try (Socket client = ask(heard)) {
            assertThatThrownBy(() -> client.getInputStream().readAllBytes())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
    }

    @Test
    void a_whole_one_ends_with_the_end_of_the_connection() throws IOException {
        CountDownLatch heard = new CountDownLatch(1);
        origin.on("/a", (asked, connection) -> {
            connection.send(CHUNKED);
            heard.await();
            connection.send("6\r\n world\r\n0\r\n\r\n");
        });
        try (Socket client = ask(heard)) {
            InputStream in = client.getInputStream();
            assertThat(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1))
                    .isEqualTo(" world");
        }
    }

    @Test
    void a_proxy_that_stops_in_the_middle_resets_it_too() throws IOException {
        CountDownLatch heard = new CountDownLatch(1);
        origin.on("/a", (asked, connection) -> connection.send(CHUNKED));
        try (Socket client = ask(heard)) {
            proxy.close();
            assertThatThrownBy(() -> client.getInputStream().readAllBytes()).isInstanceOf(SocketException.class);
        }
    }
}
