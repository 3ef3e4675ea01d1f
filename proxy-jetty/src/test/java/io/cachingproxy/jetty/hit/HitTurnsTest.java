package io.cachingproxy.jetty.hit;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.Answer;
import io.cachingproxy.CacheStatus;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.jetty.front.AnswerSender;
import io.cachingproxy.jetty.front.PendingWrites;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import org.eclipse.jetty.io.ByteArrayEndPoint;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.LocalConnector;
import org.eclipse.jetty.server.Server;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One client that asks for much at once and takes all of it does not keep the thread from the others. */
class HitTurnsTest {
    private static final CacheStatus HIT = new CacheStatus(true, Duration.ZERO, null, 0, false, false, null);

    private static final int REQUESTS = 8;
    private static final int HEAD = 200;

    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final Server server = new Server();

    @BeforeEach
    void start() throws Exception {
        server.start();
    }

    @AfterEach
    void stop() throws Exception {
        server.stop();
    }

    @ParameterizedTest
    @ValueSource(ints = {1 << 20, (1 << 20) - 1, 400_000, 0})
    void pipelined_hits_are_answered_in_turns_and_in_their_order(int length) {
        ByteArrayEndPoint client = new ByteArrayEndPoint("", 1024, true);
        byte[] body = new byte[length];
        HitConnection.Factory factory = new HitConnection.Factory(
                new HttpConfiguration(),
                (request, peer) -> new OnlyHit(answer(request.target(), body)),
                new PendingWrites(),
                100);
        Connector connector = new LocalConnector(server, tasks::add, null, null, 1, factory) {
            @Override
            public boolean isShutdown() { // not started, so that no other thread has a part in this
                return false;
            }
        };
        Connection connection = factory.newConnection(connector, client);
        client.setConnection(connection);
        client.addInput(requests());
        ((HitConnection) connection).onFillable();
        String written = client.takeOutputString(StandardCharsets.ISO_8859_1);
        StringBuilder order = new StringBuilder(order(written));
        for (int turns = 0; !tasks.isEmpty(); turns++) {
            assertIsOneTurn(written, length);
            assertThat(turns).isLessThan(REQUESTS);
            tasks.remove().run();
            written = client.takeOutputString(StandardCharsets.ISO_8859_1);
            order.append(order(written));
        }
        assertIsOneTurn(written, length);
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < REQUESTS; i++) {
            expected.append(i).append(' ');
        }
        assertThat(order).hasToString(expected.toString());
    }

    private static void assertIsOneTurn(String written, int length) {
        assertThat(written.length()).as("bytes of a turn").isLessThan((int) AnswerSender.TURN + length + HEAD);
    }

    private static String requests() {
        StringBuilder requests = new StringBuilder();
        for (int i = 0; i < REQUESTS; i++) {
            requests.append("GET /").append(i).append(" HTTP/1.1\r\nHost: proxy\r\n\r\n");
        }
        return requests.toString();
    }

    private static Answer answer(String target, byte[] body) {
        Headers headers = Headers.of("X-Number", target, "Content-Length", Integer.toString(body.length));
        return new Answer(new ResponseHead(200, headers), Content.of(ByteBuffer.wrap(body)), HIT);
    }

    /** The numbers of the responses in {@code output}. */
    private static String order(String output) {
        StringBuilder numbers = new StringBuilder();
        String field = "X-Number: /";
        for (int at = output.indexOf(field); at >= 0; at = output.indexOf(field, at + 1)) {
            numbers.append(output, at + field.length(), output.indexOf('\r', at))
                    .append(' ');
        }
        return numbers.toString();
    }
}
