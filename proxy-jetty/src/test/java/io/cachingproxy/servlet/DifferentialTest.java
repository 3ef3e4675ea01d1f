package io.cachingproxy.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.HttpCache;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.testkit.Front;
import io.cachingproxy.testkit.Reply;
import io.cachingproxy.testkit.Scenario;
import io.cachingproxy.testkit.ScenarioServlet;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A servlet answers the same without the filter, with it, and out of the cache, in each container: status, headers and
 * bytes, apart from what the cache adds.
 */
class DifferentialTest {
    private static final Set<String> OF_THE_CACHE =
            Set.of("x-cache", "cache-status", "via", "age", "date", "connection", "keep-alive", "transfer-encoding");

    /** What servlets do. The root is forwarded to or included; the rest answers. */
    enum Way implements Scenario {
        FORWARD((request, response) -> dispatcher(request, "/page").forward(request, response)),
        FORWARD_TO_MUCH((request, response) -> dispatcher(request, "/much").forward(request, response)),
        FORWARD_TO_A_STREAM((request, response) -> dispatcher(request, "/bytes").forward(request, response)),
        FORWARD_TO_NOTHING(
                (request, response) -> dispatcher(request, "/nothing").forward(request, response)),
        FORWARD_TO_AN_ERROR((request, response) -> dispatcher(request, "/error").forward(request, response)),
        FORWARD_BY_THE_CONTEXT((request, response) ->
                request.getServletContext().getRequestDispatcher("/page").forward(request, response)),
        FORWARD_AFTER_OUTPUT((request, response) -> {
            response.getWriter().print("dropped");
            dispatcher(request, "/page").forward(request, response);
        }),
        INCLUDE((request, response) -> {
            response.setContentType("text/html;charset=utf-8");
            response.getWriter().print("before ");
            dispatcher(request, "/page").include(request, response);
            response.getWriter().print(" after");
        }),
        INCLUDE_WITH_A_LENGTH_AND_A_STATUS((request, response) -> {
            response.setContentType("text/plain;charset=utf-8");
            response.getWriter().print("before ");
            dispatcher(request, "/fragment").include(request, response);
            response.getWriter().print(" after, and much more than the fragment said");
        }),
        INCLUDE_MUCH((request, response) -> {
            response.setContentType("text/plain;charset=utf-8");
            response.setHeader("X-Page", "1");
            response.getWriter().print("before ");
            dispatcher(request, "/much").include(request, response);
            response.getWriter().print(" after");
        }),
        INCLUDE_BYTES((request, response) -> {
            response.setHeader("X-Page", "1");
            response.getOutputStream().print("before ");
            dispatcher(request, "/bytes").include(request, response);
            response.getOutputStream().print(" after");
        }),
        ASYNC_TIMEOUT_WITH_A_FALLBACK((request, response) -> {
            AsyncContext async = request.startAsync();
            async.setTimeout(50);
            async.addListener(new OnTimeout() {
                @Override
                public void onTimeout(AsyncEvent event) throws IOException {
                    async.getResponse().getWriter().print("fallback");
                    async.complete();
                }
            });
        }),
        ASYNC_TIMEOUT_COMPLETED_BY_THE_EVENT((request, response) -> {
            AsyncContext async = request.startAsync();
            async.setTimeout(50);
            async.addListener(new OnTimeout() {
                @Override
                public void onTimeout(AsyncEvent event) throws IOException {
                    AsyncContext context = event.getAsyncContext();
                    ((HttpServletResponse) context.getResponse()).setStatus(503);
                    context.getResponse().getWriter().print("fallback");
                    context.complete();
                }
            });
        }),
        ASYNC_TIMEOUT_DISPATCHED((request, response) -> {
            AsyncContext async = request.startAsync();
            async.setTimeout(50);
            async.addListener(new OnTimeout() {
                @Override
                public void onTimeout(AsyncEvent event) {
                    async.dispatch("/page");
                }
            });
        }),
        ASYNC_DISPATCHED_TO_A_PAGE((request, response) -> {
            AsyncContext async = request.startAsync();
            async.start(() -> async.dispatch("/page"));
        }),
        ASYNC_DISPATCHED_TO_MUCH((request, response) -> request.startAsync().dispatch("/much")),
        ASYNC_DISPATCHED_TO_BYTES((request, response) -> request.startAsync().dispatch("/bytes")),
        ASYNC_DISPATCHED_AFTER_OUTPUT((request, response) -> {
            response.setContentType("text/plain;charset=utf-8");
            response.getWriter().print("first ");
            request.startAsync().dispatch("/page");
        }),
        TYPE_WITHOUT_CHARSET((request, response) -> {
            response.setContentType("text/html");
            response.getWriter().print("grüße");
        }),
        WRITER_BEFORE_THE_TYPE((request, response) -> {
            PrintWriter writer = response.getWriter();
            response.setContentType("text/html;charset=utf-8");
            writer.print("grüße");
        }),
        WRITER_BEFORE_THE_CHARSET((request, response) -> {
            response.setContentType("text/plain");
            PrintWriter writer = response.getWriter();
            response.setCharacterEncoding("utf-8");
            writer.print("grüße " + response.getCharacterEncoding().toLowerCase(Locale.ROOT));
        }),
        LOCALE_WITH_A_CHARSET((request, response) -> {
            response.setContentType("text/plain");
            response.setLocale(Locale.JAPANESE);
            response.getWriter().print(response.getCharacterEncoding() + response.getLocale());
        }),
        LOCALE_AFTER_THE_WRITER((request, response) -> {
            response.setContentType("text/plain");
            PrintWriter writer = response.getWriter();
            response.setLocale(Locale.JAPANESE);
            writer.print(response.getCharacterEncoding());
        }),
        UNKNOWN_CHARSET((request, response) -> {
            try {
                response.setContentType("text/plain;charset=no-such");
                response.getOutputStream().print("stream");
            } catch (IllegalArgumentException refused) {
                response.setContentType("text/plain");
                response.getOutputStream().print("refused");
            }
        }),
        JSON((request, response) -> {
            response.setContentType("application/json");
            response.getWriter().print("{\"grüße\": \"€\"}");
        }),
        JSON_WITH_A_CHARSET((request, response) -> {
            response.setContentType("application/json");
            response.setCharacterEncoding("UTF-8");
            response.getWriter().print("{\"grüße\": \"€\"}");
        }),
        PROBLEM_JSON((request, response) -> {
            response.setContentType("application/problem+json");
            response.getOutputStream().print("{}");
        }),
        CHARSET_WITHOUT_A_TYPE((request, response) -> {
            response.setCharacterEncoding("utf-16");
            response.getWriter().print("grüße");
        }),
        WHAT_THE_RESPONSE_SAYS((request, response) -> {
            response.setContentType("text/html; charset=UTF-8");
            response.setHeader("X-A", "1");
            response.addHeader("x-a", "2");
            response.setDateHeader("Last-Modified", 1_000_000_000_000L);
            response.getWriter()
                    .print(response.containsHeader("X-A")
                            + response.getHeader("X-a")
                            + response.getHeaders("X-A")
                            + response.getHeader("Last-Modified")
                            + response.containsHeader("X-B")
                            + response.getStatus()
                            + response.isCommitted());
        }),
        RESET_AFTER_MORE_THAN_A_BUFFER((request, response) -> {
            response.setBufferSize(64 * 1024);
            response.setHeader("X-Gone", "1");
            response.getOutputStream().write(new byte[40_000]);
            response.reset();
            response.getWriter().print("kept " + response.isCommitted());
        }),
        RESET_KEEPS_NOTHING((request, response) -> {
            response.addCookie(new Cookie("a", "b"));
            response.setContentType("text/html;charset=utf-8");
            response.setLocale(Locale.GERMAN);
            response.setStatus(404);
            response.reset();
            response.getWriter().print("kept");
        }),
        RESET_AFTER_COMMIT((request, response) -> {
            response.getWriter().print("a");
            response.flushBuffer();
            try {
                response.reset();
                response.getWriter().print("reset");
            } catch (IllegalStateException refused) {
                response.getWriter().print("refused");
            }
        }),
        BUFFER_SIZE_AFTER_OUTPUT((request, response) -> {
            response.getOutputStream().print("a");
            try {
                response.setBufferSize(100_000);
                response.getOutputStream().print("set");
            } catch (IllegalStateException refused) {
                response.getOutputStream().print("refused");
            }
        }),
        BUFFER_SIZE_AFTER_COMMIT((request, response) -> {
            response.getOutputStream().print("a");
            response.flushBuffer();
            try {
                response.setBufferSize(100_000);
                response.getOutputStream().print("set");
            } catch (IllegalStateException refused) {
                response.getOutputStream().print("refused");
            }
        }),
        COOKIES((request, response) -> {
            Cookie cookie = new Cookie("a", "b");
            cookie.setHttpOnly(true);
            cookie.setPath("/");
            cookie.setAttribute("SameSite", "Lax");
            response.addCookie(cookie);
            response.addCookie(new Cookie("c", "d"));
            response.addHeader("Set-Cookie", "e=f");
            response.getWriter().print("cookies");
        }),
        REDIRECT((request, response) -> response.sendRedirect("/elsewhere")),
        REDIRECT_AFTER_OUTPUT((request, response) -> {
            response.setContentType("text/plain");
            response.getWriter().print("dropped");
            response.sendRedirect("/elsewhere");
        }),
        ERROR((request, response) -> response.sendError(418)),
        ERROR_AFTER_OUTPUT((request, response) -> {
            response.setHeader("X-A", "1");
            response.getWriter().print("dropped");
            response.sendError(404, "not here");
        }),
        EXCEPTION((request, response) -> {
            response.getWriter().print("dropped");
            throw new ServletException("on purpose");
        }),
        EXCEPTION_IN_A_FORWARD(
                (request, response) -> dispatcher(request, "/exception").forward(request, response)),
        NO_CONTENT((request, response) -> response.setStatus(204)),
        EMPTY((request, response) -> response.setHeader("X-A", "1")),
        EMPTY_WITH_A_TYPE((request, response) -> {
            response.setContentType("text/html");
            response.setContentLength(0);
        }),
        CLOSED((request, response) -> {
            response.setContentType("text/plain;charset=utf-8");
            PrintWriter writer = response.getWriter();
            writer.print("said");
            writer.close();
            writer.print("unsaid");
            response.setHeader("X-Late", "1");
        });

        private final Scenario scenario;

        Way(Scenario scenario) {
            this.scenario = scenario;
        }

        private static jakarta.servlet.RequestDispatcher dispatcher(HttpServletRequest request, String path) {
            return request.getRequestDispatcher(path);
        }

        @Override
        public void service(HttpServletRequest request, HttpServletResponse response)
                throws IOException, ServletException {
            Object included = request.getAttribute("jakarta.servlet.include.servlet_path");
            Object info = request.getAttribute("jakarta.servlet.include.path_info");
            String path = included == null
                    ? (request.getServletPath() + (request.getPathInfo() == null ? "" : request.getPathInfo()))
                    : (included + (info == null ? "" : info.toString()));
            switch (path) {
                case "/page" -> {
                    response.setContentType("text/html;charset=utf-8");
                    response.setHeader("X-Page", "page");
                    response.getWriter().print("page grüße");
                }
                case "/fragment" -> {
                    response.setStatus(404);
                    response.setContentLength(8);
                    response.setHeader("X-Fragment", "1");
                    response.addCookie(new Cookie("fragment", "1"));
                    response.getWriter().print("fragment");
                }
                case "/much" -> {
                    response.setHeader("X-Much", "1");
                    for (int i = 0; i < 5_000; i++) {
                        response.getWriter().print("line " + i + '\n');
                    }
                }
                case "/bytes" -> {
                    response.setContentType("application/octet-stream");
                    response.getOutputStream().write(new byte[50_000]);
                }
                case "/nothing" -> {
                    response.setStatus(404);
                    response.setHeader("X-Nothing", "1");
                }
                case "/error" -> response.sendError(404, "not here");
                case "/exception" -> throw new ServletException("on purpose");
                default -> {
                    response.setHeader("Cache-Control", "max-age=60");
                    scenario.service(request, response);
                }
            }
        }
    }

    private abstract static class OnTimeout implements AsyncListener {
        @Override
        public void onComplete(AsyncEvent event) {}

        @Override
        public void onError(AsyncEvent event) {}

        @Override
        public void onStartAsync(AsyncEvent event) {}
    }

    static List<Arguments> all() {
        return Container.tested().stream()
                .flatMap(container -> java.util.Arrays.stream(Way.values()).map(way -> Arguments.of(container, way)))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("all")
    void the_filter_changes_nothing(Container container, Way way) {
        assertSame(container, way, EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC));
    }

    @ParameterizedTest
    @MethodSource("all")
    void the_filter_changes_nothing_where_it_sees_requests_only(Container container, Way way) {
        assertSame(container, way, EnumSet.of(DispatcherType.REQUEST));
    }

    private static void assertSame(Container container, Way way, EnumSet<DispatcherType> dispatchers) {
        String plain = ask(container, way, null, dispatchers).get(0);
        try (HttpCache cache = HttpCache.builder().policy(Policy.application()).build()) {
            for (String cached : ask(container, way, new CachingFilter(cache), dispatchers)) {
                assertThat(cached).isEqualTo(plain);
            }
        }
    }

    /** What two requests get. */
    private static List<String> ask(
            Container container, Way way, @Nullable CachingFilter filter, EnumSet<DispatcherType> dispatchers) {
        List<jakarta.servlet.Filter> filters = filter == null ? List.of() : List.of(filter);
        try (Front front = container.start(new ScenarioServlet(way), 20, dispatchers, filters)) {
            return List.of(shown(front.get("/")), shown(front.get("/")));
        }
    }

    private static String shown(Reply reply) {
        Map<String, String> headers = new TreeMap<>();
        reply.head()
                .lines()
                .skip(1)
                .filter(line -> line.contains(":"))
                .map(line -> line.split(":", 2)[0].toLowerCase(Locale.ROOT))
                .filter(name -> !OF_THE_CACHE.contains(name) && !name.equals("content-length"))
                .forEach(name -> headers.put(name, reply.all(name).toString()));
        String text = reply.body().length > 1000 ? reply.body().length + " bytes" : reply.text();
        if (reply.status() == 500 && reply.body().length > 200) { // a stack trace
            text = "";
        }
        return (reply.status() + " " + headers + "\n" + text)
                .replaceAll("http://[^/\\]]*", "")
                .replaceAll("(?i); ?charset", ";charset")
                .replaceAll("(?i)utf-8", "utf-8")
                .replaceAll("(?i)iso-8859-1", "iso-8859-1")
                .replaceAll("\\$[0-9A-Za-z_$]*|@[0-9a-f]+|\\(.*\\)|\\bat .*", "");
    }
}
