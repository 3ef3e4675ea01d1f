package io.cachingproxy.servlet;

import static io.cachingproxy.testkit.Verdicts.assertHit;
import static io.cachingproxy.testkit.Verdicts.assertStored;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.HttpCache;
import io.cachingproxy.testkit.Front;
import io.cachingproxy.testkit.JettyFront;
import io.cachingproxy.testkit.Reply;
import io.cachingproxy.testkit.Scenario;
import io.cachingproxy.testkit.ScenarioServlet;
import io.cachingproxy.testkit.TomcatFront;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A servlet answers the same without the filter, with it, and out of the cache: status, headers and bytes. */
class TransparencyTest {
    /** The ways in which servlets write. */
    enum Way implements Scenario {
        STREAM((request, response) -> response.getOutputStream().write(new byte[] {0, 1, 2, (byte) 255})),
        STREAM_OF_A_KNOWN_LENGTH((request, response) -> {
            response.setContentLength(5);
            response.setContentType("text/plain");
            response.getOutputStream().print("hello");
        }),
        LARGE((request, response) -> {
            for (int i = 0; i < 100; i++) {
                response.getOutputStream().write(new byte[4_000]);
            }
        }),
        FLUSHED((request, response) -> {
            response.getOutputStream().print("a");
            response.flushBuffer();
            response.getOutputStream().print("b");
            response.getOutputStream().flush();
        }),
        WRITER((request, response) -> {
            response.setContentType("text/html;charset=utf-8");
            response.getWriter().print("grüße €");
        }),
        WRITER_FLUSHED_AND_CLOSED((request, response) -> {
            response.setContentType("text/html; charset=UTF-8");
            PrintWriter writer = response.getWriter();
            writer.print("grüße €");
            writer.flush();
            writer.print(" more");
            writer.close();
        }),
        WRITER_WITHOUT_CHARSET((request, response) -> {
            response.setContentType("text/html");
            response.getWriter().print("grüße");
        }),
        WRITER_WITHOUT_TYPE((request, response) -> response.getWriter().print("grüße")),
        WRITER_OF_JSON((request, response) -> {
            response.setContentType("application/json");
            response.getWriter().print("{\"a\":\"grüße €\"}");
        }),
        WRITER_OF_MUCH((request, response) -> {
            response.setCharacterEncoding("utf-8");
            for (int i = 0; i < 10_000; i++) {
                response.getWriter().print("€ " + i);
            }
        }),
        TYPE_AS_A_HEADER((request, response) -> {
            response.setHeader("Content-Type", "text/plain;charset=utf-8");
            response.getWriter().print("€");
        }),
        CHARSET_BEFORE_TYPE((request, response) -> {
            response.setCharacterEncoding("utf-8");
            response.setContentType("text/plain");
            response.getWriter().print("€");
        }),
        LOCALE((request, response) -> {
            response.setLocale(Locale.GERMANY);
            response.setContentType("text/plain;charset=utf-8");
            response.getWriter().print("grüße");
        }),
        HEADERS((request, response) -> {
            response.addHeader("X-A", "1");
            response.addHeader("X-A", "2, \"3\"");
            response.addIntHeader("X-Int", 7);
            response.setDateHeader("Last-Modified", 1_000_000_000_000L);
            response.setHeader("X-Gone", "1");
            response.setHeader("X-Gone", "2");
            response.getOutputStream()
                    .print(response.getHeader("X-A")
                            + response.getHeaders("X-A").size());
        }),
        STATUS((request, response) -> {
            response.setStatus(404);
            response.setHeader("Cache-Control", "max-age=60");
            response.getOutputStream().print("not here");
        }),
        EMPTY((request, response) -> response.setHeader("Cache-Control", "max-age=60")),
        RESET((request, response) -> {
            response.setStatus(500);
            response.setHeader("X-Gone", "1");
            response.getOutputStream().print("gone");
            response.reset();
            response.getWriter().print("kept");
        }),
        RESET_BUFFER((request, response) -> {
            response.setHeader("X-Kept", "1");
            response.getWriter().print("gone");
            response.resetBuffer();
            response.getWriter().print("kept");
        }),
        REDIRECT((request, response) -> {
            response.setHeader("Cache-Control", "max-age=60");
            response.sendRedirect("/elsewhere?a=b");
        }),
        ASYNC_WITHOUT_ARGUMENTS((request, response) -> {
            AsyncContext async = request.startAsync();
            async.start(() -> {
                try {
                    async.getResponse().getOutputStream().print("trapped");
                    ((HttpServletResponse) request.getAsyncContext().getResponse()).flushBuffer();
                    request.getAsyncContext().getResponse().getOutputStream().print(" no more");
                } catch (IOException failed) {
                    throw new IllegalStateException(failed);
                }
                async.complete();
            });
        }),
        ASYNC_COMPLETED_AT_ONCE((request, response) -> {
            AsyncContext async = request.startAsync(request, response);
            response.getWriter().print("done");
            async.complete();
        }),
        ASYNC_DISPATCHED((request, response) -> {
            if (request.getAttribute("result") == null) {
                request.setAttribute("result", "dispatched");
                AsyncContext async = request.startAsync();
                async.start(async::dispatch);
            } else {
                response.getWriter().print(request.getAttribute("result"));
            }
        }),
        NON_BLOCKING((request, response) -> {
            AsyncContext async = request.startAsync();
            ServletOutputStream out = response.getOutputStream();
            out.setWriteListener(new WriteListener() {
                private int left = 50;

                @Override
                public void onWritePossible() throws IOException {
                    while (out.isReady()) {
                        if (left-- == 0) {
                            async.complete();
                            return;
                        }
                        out.write(new byte[20_000]);
                    }
                }

                @Override
                public void onError(Throwable failed) {
                    async.complete();
                }
            });
        });

        private final Scenario scenario;

        Way(Scenario scenario) {
            this.scenario = scenario;
        }

        @Override
        public void service(HttpServletRequest request, HttpServletResponse response)
                throws IOException, jakarta.servlet.ServletException {
            scenario.service(request, response);
        }
    }

    private interface Container {
        Front start(@Nullable CachingFilter filter, ScenarioServlet servlet);
    }

    @ParameterizedTest
    @EnumSource
    void in_jetty(Way way) {
        assertSame(way, JettyFront::of);
    }

    @ParameterizedTest
    @EnumSource
    void in_tomcat(Way way) {
        assertSame(way, TomcatFront::of);
    }

    private static void assertSame(Way way, Container container) {
        Reply plain;
        try (Front front = container.start(null, new ScenarioServlet(way))) {
            plain = front.get("/");
        }
        ScenarioServlet servlet = new ScenarioServlet(way);
        try (HttpCache cache = HttpCache.builder().build();
                Front front = container.start(new CachingFilter(cache), servlet)) {
            assertSame(assertStored(front.get("/")), plain);
            assertSame(assertHit(front.get("/")), plain);
            assertThat(servlet.count()).isEqualTo(1);
        }
    }

    private static void assertSame(Reply reply, Reply plain) {
        assertThat(reply.status()).isEqualTo(plain.status());
        assertThat(reply.body()).isEqualTo(plain.body());
        assertThat(reply.all("Date")).hasSize(1);
        assertThat(reply.all("Server")).hasSizeLessThanOrEqualTo(1);
        for (String name : new String[] {
            "Content-Type", "Content-Language", "Last-Modified", "X-A", "X-Int", "X-Gone", "X-Kept", "Location"
        }) {
            assertThat(normal(reply, name)).as(name).isEqualTo(normal(plain, name));
        }
    }

    /** What two containers spell differently. */
    private static String normal(Reply reply, String name) {
        return reply.all(name)
                .toString()
                .toLowerCase(Locale.ROOT)
                .replace("; ", ";")
                .replaceAll("http://[^/]*", "");
    }
}
