package io.cachingproxy.servlet;

import static io.cachingproxy.testkit.RawClient.request;
import static io.cachingproxy.testkit.Verdicts.assertForwarded;
import static io.cachingproxy.testkit.Verdicts.assertHit;
import static io.cachingproxy.testkit.Verdicts.assertRevalidated;
import static io.cachingproxy.testkit.Verdicts.assertStored;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.HttpCache;
import io.cachingproxy.testkit.Front;
import io.cachingproxy.testkit.JettyFront;
import io.cachingproxy.testkit.ManualTime;
import io.cachingproxy.testkit.RawClient;
import io.cachingproxy.testkit.Reply;
import io.cachingproxy.testkit.Scenario;
import io.cachingproxy.testkit.ScenarioServlet;
import io.cachingproxy.testkit.TomcatFront;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.Cookie;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The filter in front of ordinary servlets, in two containers. */
@ParameterizedClass
@EnumSource
class ChainModeTest {
    enum Container {
        JETTY,
        TOMCAT
    }

    @Parameter
    Container container;

    private final ManualTime time = new ManualTime();
    private final HttpCache cache = HttpCache.builder().clock(time).build();
    private ScenarioServlet servlet;
    private Front front;

    private Front start(Scenario scenario) {
        servlet = new ScenarioServlet(scenario);
        CachingFilter filter = new CachingFilter(cache);
        front = container == Container.JETTY ? JettyFront.of(filter, servlet) : TomcatFront.of(filter, servlet);
        return front;
    }

    @AfterEach
    void stop() {
        front.close();
        cache.close();
    }

    @Test
    void a_redirect_is_stored_only_if_the_servlet_says_how_long() {
        start((request, response) -> {
            if (request.getQueryString() != null) {
                response.setHeader("Cache-Control", "max-age=60");
            }
            response.sendRedirect("/elsewhere");
        });
        assertThat(assertForwarded(front.get("/")).status()).isEqualTo(302);
        assertForwarded(front.get("/"));
        assertThat(assertStored(front.get("/?explicit")).header("Location")).endsWith("/elsewhere");
        assertThat(assertHit(front.get("/?explicit")).status()).isEqualTo(302);
    }

    @Test
    void an_error_page_of_the_container_is_not_stored() {
        start((request, response) -> {
            response.setHeader("Cache-Control", "max-age=60");
            response.setHeader("X-A", "1");
            response.getWriter().print("thrown away");
            response.sendError(404, "nothing here");
        });
        Reply reply = front.get("/");
        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.text()).doesNotContain("thrown away");
        assertForwarded(front.get("/"));
        assertThat(servlet.count()).isEqualTo(2);
    }

    @Test
    void a_304_of_the_servlet_validates_what_is_stored() {
        start((request, response) -> {
            response.setHeader("ETag", "\"1\"");
            response.setHeader("Cache-Control", "max-age=10");
            if ("\"1\"".equals(request.getHeader("If-None-Match"))) {
                response.setStatus(304);
            } else {
                response.getWriter().print("body");
            }
        });
        assertStored(front.get("/"));
        time.advance(Duration.ofSeconds(20));
        Reply reply = assertRevalidated(front.get("/"));
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.text()).isEqualTo("body");
        assertHit(front.get("/"));
        Reply unchanged = front.get("/", "If-None-Match: \"1\"");
        assertThat(unchanged.status()).isEqualTo(304);
        time.advance(Duration.ofSeconds(20));
        assertThat(front.get("/", "If-None-Match: \"1\"").status()).isEqualTo(304);
        assertThat(servlet.count()).isEqualTo(3);
    }

    // The servlet does not see the condition of the client, and its response goes to the client as it is written.
    @Test
    void a_condition_that_a_private_response_satisfies_gives_the_response() {
        start((request, response) -> {
            boolean mine = request.getHeader("Cookie") != null;
            response.setHeader("ETag", mine ? "\"mine\"" : "\"anon\"");
            response.setHeader("Cache-Control", mine ? "private" : "max-age=1");
            response.getWriter().print(mine ? "mine" : "anon");
        });
        assertStored(front.get("/"));
        time.advance(Duration.ofSeconds(5));
        for (int i = 0; i < 2; i++) {
            Reply reply = assertForwarded(front.get("/", "Cookie: u=1", "If-None-Match: \"mine\""));
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.text()).isEqualTo("mine");
        }
    }

    @Test
    void a_stale_response_is_answered_while_the_servlet_makes_the_next() {
        start((request, response) -> {
            response.setHeader("Cache-Control", "max-age=1, stale-while-revalidate=100");
            response.getWriter().print("version " + servlet.count());
        });
        assertStored(front.get("/"));
        time.advance(Duration.ofSeconds(5));
        assertThat(assertHit(front.get("/")).text()).isEqualTo("version 1");
        await().untilAsserted(() -> assertThat(assertHit(front.get("/")).text()).isEqualTo("version 2"));
        assertThat(servlet.count()).isEqualTo(2);
    }

    @Test
    void a_servlet_that_starts_async_refreshes_a_stale_response_too() {
        start((request, response) -> {
            int version = servlet.count();
            response.setHeader("Cache-Control", "max-age=1, stale-while-revalidate=100");
            AsyncContext async = request.startAsync();
            async.start(() -> {
                try {
                    async.getResponse().getWriter().print("version " + version);
                } catch (IOException failed) {
                    throw new IllegalStateException(failed);
                }
                async.complete();
            });
        });
        assertStored(front.get("/"));
        time.advance(Duration.ofSeconds(5));
        assertThat(assertHit(front.get("/")).text()).isEqualTo("version 1");
        await().untilAsserted(() -> assertThat(assertHit(front.get("/")).text()).isEqualTo("version 2"));
    }

    @Test
    void a_stale_response_stands_in_for_an_error_of_the_servlet() {
        start((request, response) -> {
            response.setHeader("Cache-Control", "max-age=1, stale-if-error=100");
            if (servlet.count() > 1) {
                response.sendError(503);
            } else {
                response.getWriter().print("kept");
            }
        });
        assertStored(front.get("/"));
        time.advance(Duration.ofSeconds(5));
        assertThat(assertHit(front.get("/")).text()).isEqualTo("kept");
    }

    @Test
    void an_exception_after_some_output_is_not_stored() {
        start((request, response) -> {
            response.getWriter().print("begun");
            response.flushBuffer();
            if (servlet.count() == 1) {
                throw new IOException("broken");
            }
        });
        try (RawClient client = front.connect().send(request("GET", "/"))) {
            client.head();
            assertThat(client.rest()).doesNotContain("0\r\n\r\n");
        }
        assertStored(front.get("/"));
    }

    @Test
    void an_exception_before_any_output_is_not_stored() {
        start((request, response) -> {
            response.getWriter().print("begun");
            if (servlet.count() == 1) {
                throw new IllegalStateException("broken");
            }
        });
        assertThat(front.get("/").status()).isEqualTo(500);
        assertThat(assertStored(front.get("/")).text()).isEqualTo("begun");
    }

    @Test
    void a_body_shorter_than_it_said_is_not_stored() {
        start((request, response) -> {
            response.setContentLength(10);
            response.getOutputStream().print(servlet.count() == 1 ? "short" : "longenough");
        });
        try (RawClient client = front.connect().send(request("GET", "/", "Connection: close"))) {
            assertThat(client.rest()).doesNotContain("longenough");
        }
        assertStored(front.get("/"));
        assertHit(front.get("/"));
    }

    @Test
    void what_a_client_hung_up_on_is_not_stored() throws Exception {
        CountDownLatch gone = new CountDownLatch(1);
        CountDownLatch failed = new CountDownLatch(1);
        start((request, response) -> {
            if (servlet.count() > 1) {
                response.getWriter().print("whole");
                return;
            }
            try {
                response.getOutputStream().print("begun");
                response.flushBuffer();
                gone.await();
                while (true) {
                    response.getOutputStream().write(new byte[100_000]);
                    response.flushBuffer();
                }
            } catch (IOException | InterruptedException expected) {
                failed.countDown();
            }
        });
        try (RawClient client = front.connect().send(request("GET", "/"))) {
            client.head();
        }
        gone.countDown();
        assertThat(failed.await(5, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
        assertThat(assertStored(front.get("/")).text()).isEqualTo("whole");
    }

    @Test
    void set_cookie_is_not_stored() {
        start((request, response) -> {
            Cookie cookie = new Cookie("session", "1");
            cookie.setHttpOnly(true);
            cookie.setPath("/");
            response.addCookie(cookie);
            response.getWriter().print("yours");
        });
        Reply reply = assertForwarded(front.get("/"));
        assertThat(reply.header("Set-Cookie")).contains("session=1").contains("HttpOnly");
        assertForwarded(front.get("/"));
    }

    @Test
    void vary_keeps_variants_apart() {
        start((request, response) -> {
            response.setHeader("Vary", "Accept-Language");
            response.getWriter().print("in " + request.getHeader("Accept-Language"));
        });
        assertStored(front.get("/", "Accept-Language: de"));
        assertThat(assertStored(front.get("/", "Accept-Language: fr")).text()).isEqualTo("in fr");
        assertThat(assertHit(front.get("/", "Accept-Language: de")).text()).isEqualTo("in de");
    }

    @Test
    void post_passes_with_its_body_and_removes_what_is_stored() {
        start((request, response) -> response.getWriter()
                .print(request.getMethod()
                        + servlet.count()
                        + new String(request.getInputStream().readAllBytes())));
        assertStored(front.get("/"));
        String post = "POST / HTTP/1.1\r\nHost: proxy\r\nContent-Length: 5\r\n\r\n body";
        assertThat(assertForwarded(RawClient.ask(front.port(), post)).text()).isEqualTo("POST2 body");
        assertThat(assertStored(front.get("/")).text()).isEqualTo("GET3");
    }

    @Test
    void head_is_answered_by_a_stored_get() {
        start((request, response) -> response.getWriter().print("body"));
        assertThat(assertForwarded(front.ask("HEAD", "/")).status()).isEqualTo(200);
        assertStored(front.get("/"));
        assertThat(assertHit(front.ask("HEAD", "/")).header("Content-Length")).isEqualTo("4");
    }
}
