package io.cachingproxy.origin;

import static io.cachingproxy.testkit.RawOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.testkit.OriginCall;
import io.cachingproxy.testkit.RawOrigin;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.client.AbstractConnectionPool;
import org.eclipse.jetty.client.CompletableResponseListener;
import org.eclipse.jetty.client.ContentResponse;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.transport.HttpClientTransportDynamic;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an origin sends without being asked: before the next request on that connection, as the kernel has it. */
@Timeout(20)
class OriginConnectionTest {
    private static final String POISON = ok("poison");

    private final List<OriginCall> calls = new CopyOnWriteArrayList<>();
    private final RawOrigin origin = RawOrigin.answering(call -> {
        calls.add(call);
        call.body();
        call.send(ok(call.line()));
    });
    private final ClientConnector connector = new ClientConnector();
    private HttpClient client;

    @BeforeEach
    void start() throws Exception {
        connector.setSelectors(1);
        client = OriginClients.over(
                new HttpClientTransportDynamic(connector, OriginConnection.http1()), new ArrayByteBufferPool());
        client.setIdleTimeout(0);
        client.setMaxConnectionsPerDestination(1); // else Jetty opens a second one now and then
        client.start();
    }

    @AfterEach
    void stop() throws Exception {
        client.stop();
        origin.close();
    }

    @Test
    void a_connection_is_kept_for_the_next_request() throws Exception {
        for (int i = 0; i < 5; i++) {
            assertThat(send("GET", "/" + i).get().getContentAsString()).isEqualTo("GET /" + i);
            awaitConnections(1, 1);
        }
        assertThat(calls.get(0).sharesConnectionWith(calls.get(4))).isTrue();
    }

    @Test
    void what_came_before_a_request_is_not_its_answer_even_if_no_thread_has_noticed() throws Exception {
        OriginCall first = answered("/a");
        CompletableFuture<ContentResponse> next;
        try (Blocked selector = new Blocked()) {
            first.send(POISON);
            next = send("GET", "/b");
        }
        assertThat(next.get(10, TimeUnit.SECONDS).getContentAsString()).isEqualTo("GET /b");
        first.awaitHangUp();
    }

    @Test
    void a_request_that_may_not_be_repeated_is_not_sent_where_the_origin_has_closed() throws Exception {
        OriginCall first = answered("/a");
        CompletableFuture<ContentResponse> next;
        try (Blocked selector = new Blocked()) {
            first.close();
            next = send("POST", "/b");
        }
        assertThat(next.get(10, TimeUnit.SECONDS).getContentAsString()).isEqualTo("POST /b");
    }

    @Test
    void a_connection_is_closed_if_the_beginning_of_a_response_comes_unasked() throws Exception {
        OriginCall first = answered("/a");
        first.send(POISON.substring(0, 5));
        first.awaitHangUp();
        awaitConnections(0, 0);
    }

    @Test
    void a_connection_is_closed_if_more_than_the_response_comes() throws Exception {
        try (RawOrigin generous = RawOrigin.answering(call -> {
            calls.add(call);
            call.send(ok("a") + POISON.substring(0, 5));
        })) {
            assertThat(client.GET(generous.uri()).getContentAsString()).isEqualTo("a");
            calls.get(0).awaitHangUp();
        }
    }

    private OriginCall answered(String path) throws Exception {
        assertThat(send("GET", path).get().getContentAsString()).isEqualTo("GET " + path);
        awaitConnections(1, 1);
        return calls.get(0);
    }

    private CompletableFuture<ContentResponse> send(String method, String path) {
        return new CompletableResponseListener(
                        client.newRequest(origin.uri()).method(method).path(path))
                .send();
    }

    private void awaitConnections(int all, int idle) {
        AbstractConnectionPool pool =
                (AbstractConnectionPool) client.getDestinations().get(0).getConnectionPool();
        await().untilAsserted(() -> assertThat(List.of(pool.getConnectionCount(), pool.getIdleConnectionCount()))
                .containsExactly(all, idle));
    }

    /** Keeps the thread that would notice what comes from doing so. */
    private final class Blocked implements AutoCloseable {
        private final CountDownLatch end = new CountDownLatch(1);

        Blocked() throws InterruptedException {
            CountDownLatch begun = new CountDownLatch(1);
            SelectorManager selectors = connector.getBean(SelectorManager.class);
            selectors.getBeans(ManagedSelector.class).iterator().next().submit(selector -> {
                begun.countDown();
                await().until(() -> end.getCount() == 0);
            });
            begun.await();
        }

        @Override
        public void close() {
            end.countDown();
        }
    }
}
