package io.cachingproxy.servlet;

import static io.cachingproxy.testkit.RawClient.request;
import static io.cachingproxy.testkit.Verdicts.assertHit;
import static io.cachingproxy.testkit.Verdicts.assertStored;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.HttpCache;
import io.cachingproxy.testkit.Front;
import io.cachingproxy.testkit.ManualTime;
import io.cachingproxy.testkit.RawClient;
import io.cachingproxy.testkit.Scenario;
import io.cachingproxy.testkit.ScenarioServlet;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import jakarta.servlet.http.HttpUpgradeHandler;
import jakarta.servlet.http.WebConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.web.util.ContentCachingResponseWrapper;

/** How a chain may end: by an exception, in the background, as another protocol, or without threads to go on. */
@ParameterizedClass
@MethodSource("io.cachingproxy.servlet.Container#tested")
class ChainEndsTest {
    @Parameter
    Container container;

    private final ManualTime time = new ManualTime();
    private final HttpCache cache = HttpCache.builder().clock(time).build();
    private final ScheduledExecutorService later = Executors.newScheduledThreadPool(1);
    private ScenarioServlet servlet;
    private Front front;

    private void start(Scenario scenario) {
        servlet = new ScenarioServlet(scenario);
        front = container.start(servlet, new CachingFilter(cache));
    }

    private void startBehind(Filter outer, Scenario scenario) {
        servlet = new ScenarioServlet(scenario);
        front = container.start(servlet, outer, new CachingFilter(cache));
    }

    @AfterEach
    void stop() {
        later.shutdownNow();
        if (front != null) {
            front.close();
        }
        cache.close();
    }

    @Test
    void a_stale_response_stands_in_for_an_exception_of_the_servlet() {
        start((request, response) -> {
            response.setHeader("Cache-Control", "max-age=1, stale-if-error=100");
            response.setHeader("X-Version", Integer.toString(servlet.count()));
            response.setContentType("text/plain;charset=utf-8");
            response.getWriter().print("version " + servlet.count());
            if (servlet.count() > 1) {
                throw new ServletException("on purpose");
            }
        });
        assertStored(front.get("/"));
        time.advance(Duration.ofSeconds(5));
        var reply = assertHit(front.get("/"));
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.text()).isEqualTo("version 1");
        assertThat(reply.all("X-Version")).containsExactly("1");
        assertThat(reply.all("Content-Type")).hasSize(1);
    }

    @Test
    void a_refresh_may_make_a_session_and_throw_without_harm_to_the_client() {
        start((request, response) -> {
            response.setHeader("Cache-Control", "public, max-age=1, stale-while-revalidate=100");
            response.getWriter().print("version " + servlet.count());
            if (servlet.count() > 1) {
                request.getSession().setAttribute("a", "b");
                response.getWriter().print(request.getSession().getAttribute("a"));
            }
            if (servlet.count() == 2) {
                throw new ServletException("on purpose");
            }
        });
        assertStored(front.get("/"));
        time.advance(Duration.ofSeconds(5));
        assertThat(assertHit(front.get("/")).text()).isEqualTo("version 1");
        await().until(() -> servlet.count() == 2);
        await().untilAsserted(() -> assertThat(front.get("/").text()).isEqualTo("version 3b"));
    }

    @Test
    void a_client_is_not_kept_waiting_by_a_refresh() {
        CountDownLatch go = new CountDownLatch(1);
        start((request, response) -> {
            response.setHeader("Cache-Control", "max-age=1, stale-while-revalidate=100");
            response.getWriter().print("version " + servlet.count());
            if (servlet.count() > 1) {
                awaitOn(go);
            }
        });
        assertStored(front.get("/"));
        time.advance(Duration.ofSeconds(5));
        try (RawClient client = front.connect().send(request("GET", "/"))) {
            var reply = client.reply();
            assertThat(reply.text()).isEqualTo("version 1");
            assertThat(reply.header("Connection")).isEqualToIgnoringCase("close");
        } finally {
            go.countDown();
        }
        await().untilAsserted(() -> assertThat(front.get("/").text()).isEqualTo("version 2"));
    }

    @Test
    void a_refresh_goes_on_and_ends_though_its_client_hangs_up() {
        assertRefreshOutlivesItsClient(false);
    }

    @Test
    void an_async_refresh_goes_on_and_ends_though_its_client_hangs_up() {
        assertRefreshOutlivesItsClient(true);
    }

    private void assertRefreshOutlivesItsClient(boolean async) {
        int size = 4_000_000;
        start((request, response) -> {
            int version = servlet.count();
            response.setHeader("Cache-Control", "max-age=1, stale-while-revalidate=100");
            response.setHeader("X-Version", Integer.toString(version));
            if (async && version > 1) {
                AsyncContext context = request.startAsync();
                context.start(() -> {
                    try {
                        context.getResponse().getOutputStream().write(new byte[size]);
                    } catch (IOException clientGone) {
                        // as servlets do
                    }
                    context.complete();
                });
            } else {
                response.getOutputStream().write(new byte[size]);
            }
        });
        assertStored(front.get("/"));
        time.advance(Duration.ofSeconds(5));
        try (RawClient client = RawClient.stallingAt(front.port())) {
            assertThat(client.send(request("GET", "/")).head()).contains("X-Version: 1");
        }
        await().untilAsserted(() ->
                assertThat(assertHit(front.get("/")).header("X-Version")).isNotEqualTo("1"));
        if (!async) { // in Tomcat the async life of a broken connection fails, and the next request refreshes
            assertThat(servlet.count()).isEqualTo(2);
        }
    }

    private static void awaitOn(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException stopped) {
            throw new IOException(stopped);
        }
    }

    @Test
    void a_leader_that_hangs_up_does_not_cut_those_who_read_along() throws Exception {
        CountDownLatch joined = new CountDownLatch(1);
        CountDownLatch gone = new CountDownLatch(1);
        int size = 1_000_000;
        start((request, response) -> {
            response.setHeader("Cache-Control", "max-age=60");
            response.setContentLength(size);
            response.getOutputStream().write(new byte[1000]);
            response.flushBuffer();
            joined.countDown();
            awaitOn(gone);
            for (int i = 0; i < size - 1000; i += 1000) {
                response.getOutputStream().write(new byte[1000]);
                response.flushBuffer();
            }
        });
        CompletableFuture<Integer> leader = CompletableFuture.supplyAsync(
                () -> {
                    try (RawClient client = front.connect().send(request("GET", "/"))) {
                        client.head();
                        awaitQuietly(joined);
                    }
                    return 0;
                },
                clients);
        leader.get(5, TimeUnit.SECONDS);
        CompletableFuture<Integer> follower =
                CompletableFuture.supplyAsync(() -> front.get("/").body().length, clients);
        await().until(() -> follower.isDone() || servlet.count() == 1);
        gone.countDown();
        assertThat(follower.get(10, TimeUnit.SECONDS)).isEqualTo(size);
        assertThat(servlet.count()).isEqualTo(1);
        assertHit(front.get("/"));
    }

    @Test
    void a_large_hit_is_whole_behind_a_filter_that_copies_its_buffer() {
        Filter copies = (request, response, chain) -> {
            ContentCachingResponseWrapper buffer = new ContentCachingResponseWrapper((HttpServletResponse) response);
            chain.doFilter(request, buffer);
            buffer.copyBodyToResponse();
        };
        startBehind(copies, (request, response) -> {
            response.setHeader("Cache-Control", "max-age=60");
            response.getOutputStream().write(new byte[100_000]);
        });
        assertThat(assertStored(front.get("/")).body()).hasSize(100_000);
        assertThat(assertHit(front.get("/")).body()).hasSize(100_000);
    }

    @Test
    void a_follower_sees_the_end_of_a_response_of_unknown_length() {
        start(followed);
        assertFollowed();
    }

    @Test
    void a_follower_with_a_wrapped_response_reads_while_the_servlet_writes() {
        Filter wraps = (request, response, chain) ->
                chain.doFilter(request, new HttpServletResponseWrapper((HttpServletResponse) response));
        startBehind(wraps, followed);
        assertFollowed();
    }

    private final CountDownLatch go = new CountDownLatch(1);

    private final Scenario followed = (request, response) -> {
        response.setHeader("Cache-Control", "max-age=60");
        response.getOutputStream().print("first ");
        response.flushBuffer();
        awaitOn(go);
        response.getOutputStream().print("last");
    };

    private void assertFollowed() {
        try (RawClient leader = front.connect().send(request("GET", "/"))) {
            leader.head();
            try (RawClient follower = front.connect().send(request("GET", "/"))) {
                assertThat(follower.head()).contains("collapsed");
                go.countDown();
                String text = "";
                for (String chunk = follower.chunk(); !chunk.isEmpty(); chunk = follower.chunk()) {
                    text += chunk;
                }
                assertThat(text).isEqualTo("first last");
            }
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await(1, TimeUnit.SECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** Says hello on a connection that was HTTP's. */
    public static final class Hello implements HttpUpgradeHandler {
        @Override
        public void init(WebConnection connection) {
            try {
                connection.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
                connection.getOutputStream().flush();
                connection.close();
            } catch (Exception failed) {
                throw new IllegalStateException(failed);
            }
        }

        @Override
        public void destroy() {}
    }

    @Test
    void an_upgrade_passes_straight_through() {
        start((request, response) -> {
            response.setHeader("Upgrade", "hello");
            response.setHeader("Connection", "Upgrade");
            if (container.isJetty()) { // upgrades by its own API only
                response.setStatus(200);
                response.getWriter().print("hello " + request.getClass().getName());
            } else {
                response.setStatus(HttpServletResponse.SC_SWITCHING_PROTOCOLS);
                request.upgrade(Hello.class);
            }
        });
        try (RawClient client =
                front.connect().send(request("GET", "/", "Upgrade: hello", "Connection: Upgrade, close"))) {
            assertThat(client.rest()).contains("hello").doesNotContain("X-Cache", "ChainRequest");
        }
    }

    @Test
    void five_threads_serve_fifty_clients_of_a_slow_async_servlet() throws Exception {
        servlet = new ScenarioServlet((request, response) -> {
            if (request.getDispatcherType() == DispatcherType.ASYNC) {
                response.setHeader("Cache-Control", "max-age=60");
                response.getWriter().print("done");
                return;
            }
            AsyncContext async = request.startAsync();
            later.schedule((Runnable) async::dispatch, 300, TimeUnit.MILLISECONDS);
        });
        front = container.start(
                servlet,
                5,
                EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC),
                List.of(new CachingFilter(cache)));
        List<CompletableFuture<String>> replies = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            replies.add(CompletableFuture.supplyAsync(() -> front.get("/").text(), clients));
        }
        for (CompletableFuture<String> reply : replies) {
            assertThat(reply.get(10, TimeUnit.SECONDS)).isEqualTo("done");
        }
        assertThat(servlet.count()).isEqualTo(1);
        clients.shutdown();
    }

    private final java.util.concurrent.ExecutorService clients = Executors.newFixedThreadPool(50);
}
