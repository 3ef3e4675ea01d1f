package io.cachingproxy.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.CacheListener;
import io.cachingproxy.CacheRequest;
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
import jakarta.servlet.Filter;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.web.filter.ShallowEtagHeaderFilter;
import org.springframework.web.util.ContentCachingResponseWrapper;

/**
 * A servlet answers the same without the filter, with it, and out of the cache, in each container: status, headers and
 * bytes, apart from what the cache adds.
 */
class DifferentialTest {
    private static final EnumSet<DispatcherType> REQUEST_ONLY = EnumSet.of(DispatcherType.REQUEST);
    private static final EnumSet<DispatcherType> REQUEST_AND_ASYNC =
            EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC);
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
            async.setTimeout(300);
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
            async.setTimeout(300);
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
            async.setTimeout(300);
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
                    response.setHeader("Cache-Control", request.getQueryString().split("&", 2)[1]);
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

    /** What stands around the servlet, and how it is asked. Those that are not the usual ones run only where all are asked for. */
    enum Setup {
        FILTER("max-age=60"),
        SEES_REQUESTS_ONLY("max-age=60", REQUEST_ONLY, Around.NOTHING, Around.NOTHING),
        FOLLOWERS("max-age=60"),
        FOLLOWERS_OF_PRIVATE_RESPONSES("private"),
        ETAG_OUTSIDE("max-age=60", REQUEST_AND_ASYNC, Around.ETAG, Around.NOTHING),
        ETAG_INSIDE("max-age=60", REQUEST_AND_ASYNC, Around.NOTHING, Around.ETAG),
        CONTENT_CACHING_OUTSIDE("max-age=60", REQUEST_AND_ASYNC, Around.CONTENT_CACHING, Around.NOTHING),
        CONTENT_CACHING_INSIDE("max-age=60", REQUEST_AND_ASYNC, Around.NOTHING, Around.CONTENT_CACHING),
        ALL_DISPATCHES("max-age=60", EnumSet.allOf(DispatcherType.class), Around.NOTHING, Around.NOTHING);

        private final String control;
        private final EnumSet<DispatcherType> dispatchers;
        private final Around outside;
        private final Around inside;

        Setup(String control) {
            this(control, REQUEST_AND_ASYNC, Around.NOTHING, Around.NOTHING);
        }

        Setup(String control, EnumSet<DispatcherType> dispatchers, Around outside, Around inside) {
            this.control = control;
            this.dispatchers = dispatchers;
            this.outside = outside;
            this.inside = inside;
        }

        static List<Setup> tested() {
            return Boolean.getBoolean("all.setups")
                    ? List.of(values())
                    : List.of(FILTER, SEES_REQUESTS_ONLY, FOLLOWERS, FOLLOWERS_OF_PRIVATE_RESPONSES);
        }

        /** The filters, with that of the cache or without it. */
        List<Filter> filters(@Nullable Filter cache) {
            return Stream.of(outside.filter(), cache, inside.filter())
                    .filter(Objects::nonNull)
                    .toList();
        }

        boolean isFollowing() {
            return name().startsWith("FOLLOWERS");
        }

        /** Whether Spring's filters leave this way as it is without the cache, too, in each container. */
        boolean admits(Container container, Way way) {
            boolean lost =
                    container == Container.TOMCAT && SERVLET_6_1 && way.name().startsWith("FORWARD");
            if (lost && filters(null).size() > 0) { // Tomcat 11 ends a forward before Spring's filters write
                return false;
            }
            boolean dispatched = way.name().contains("DISPATCHED");
            return switch (outside == Around.NOTHING ? inside : outside) {
                case NOTHING -> true;
                case ETAG -> !dispatched && (outside == Around.NOTHING || !OF_THE_CONTAINER.contains(way));
                case CONTENT_CACHING ->
                    !way.name().startsWith("ASYNC") && (outside == Around.NOTHING || !OF_THE_CONTAINER.contains(way));
            };
        }

        private static final boolean SERVLET_6_1 = Arrays.stream(HttpServletResponse.class.getMethods())
                .anyMatch(method -> method.getName().equals("sendRedirect") && method.getParameterCount() == 3);

        /** A response of Spring's hides from these what the container makes of a charset, a commit or a forward. */
        private static final Set<Way> OF_THE_CONTAINER = EnumSet.of(
                Way.FORWARD_AFTER_OUTPUT,
                Way.TYPE_WITHOUT_CHARSET,
                Way.WRITER_BEFORE_THE_TYPE,
                Way.WRITER_BEFORE_THE_CHARSET,
                Way.LOCALE_WITH_A_CHARSET,
                Way.LOCALE_AFTER_THE_WRITER,
                Way.UNKNOWN_CHARSET,
                Way.JSON,
                Way.RESET_AFTER_COMMIT,
                Way.BUFFER_SIZE_AFTER_OUTPUT,
                Way.BUFFER_SIZE_AFTER_COMMIT,
                Way.REDIRECT_AFTER_OUTPUT,
                Way.CLOSED);
    }

    /** Filters of Spring. */
    enum Around {
        NOTHING {
            @Override
            @Nullable
            Filter filter() {
                return null;
            }
        },
        ETAG {
            @Override
            Filter filter() {
                return new ShallowEtagHeaderFilter();
            }
        },
        CONTENT_CACHING {
            @Override
            Filter filter() {
                return (request, response, chain) -> {
                    ContentCachingResponseWrapper wrapper =
                            new ContentCachingResponseWrapper((HttpServletResponse) response);
                    chain.doFilter(request, wrapper);
                    wrapper.copyBodyToResponse();
                };
            }
        };

        abstract @Nullable Filter filter();
    }

    static List<Arguments> all() {
        return Container.tested().stream()
                .flatMap(container -> Setup.tested().stream()
                        .flatMap(setup -> Arrays.stream(Way.values())
                                .filter(way -> setup.admits(container, way))
                                .map(way -> Arguments.of(container, setup, way))))
                .toList();
    }

    /** What each way gives in a container and setup, without the filter and with it: all are asked at the same time. */
    private record Run(Map<Way, String> plain, Map<Way, List<String>> filtered) {}

    private static final Map<String, Run> RUNS = new HashMap<>();

    @AfterAll
    static void forget() {
        RUNS.clear();
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("all")
    void the_filter_changes_nothing(Container container, Setup setup, Way way) {
        Run run = RUNS.computeIfAbsent(container + " " + setup, key -> run(container, setup));
        assertThat(run.filtered().get(way))
                .allSatisfy(
                        filtered -> assertThat(filtered).isEqualTo(run.plain().get(way)));
    }

    private static Run run(Container container, Setup setup) {
        Meeting meeting = new Meeting();
        ScenarioServlet plain = new ScenarioServlet(Meeting.NONE);
        ScenarioServlet filtered = new ScenarioServlet(setup.isFollowing() ? meeting : Meeting.NONE);
        ExecutorService clients = Executors.newFixedThreadPool(12);
        try (HttpCache cache = HttpCache.builder()
                        .policy(Policy.application())
                        .listener(meeting)
                        .build();
                Front without = container.start(plain, 20, setup.dispatchers, setup.filters(null));
                Front with =
                        container.start(filtered, 40, setup.dispatchers, setup.filters(new CachingFilter(cache)))) {
            Map<Way, Future<String>> one = new EnumMap<>(Way.class);
            Map<Way, Future<List<String>>> both = new EnumMap<>(Way.class);
            for (Way way : Way.values()) {
                if (setup.admits(container, way)) {
                    String target = "/?" + way + "&" + setup.control;
                    one.put(way, clients.submit(() -> shown(without, target)));
                    both.put(
                            way,
                            clients.submit(() -> setup.isFollowing()
                                    ? meeting.ask(with, target)
                                    : List.of(shown(with, target), shown(with, target))));
                }
            }
            Run run = new Run(new EnumMap<>(Way.class), new EnumMap<>(Way.class));
            for (Way way : one.keySet()) {
                run.plain().put(way, one.get(way).get());
                run.filtered().put(way, both.get(way).get());
            }
            return run;
        } catch (InterruptedException | ExecutionException failed) {
            throw new IllegalStateException(failed);
        } finally {
            clients.shutdownNow();
        }
    }

    /** Has the servlet wait in the first request for a target until another one waits for its response. */
    private static final class Meeting implements Scenario, CacheListener {
        static final Scenario NONE = (request, response) ->
                Way.valueOf(request.getQueryString().split("&", 2)[0]).service(request, response);

        private final Map<String, CountDownLatch> led = new ConcurrentHashMap<>();
        private final Map<String, CountDownLatch> followed = new ConcurrentHashMap<>();

        @Override
        public void service(HttpServletRequest request, HttpServletResponse response)
                throws IOException, ServletException {
            String query = request.getQueryString();
            CountDownLatch leads = latch(led, query);
            boolean first = leads.getCount() > 0 && request.getDispatcherType() == DispatcherType.REQUEST;
            leads.countDown();
            if (first) {
                await(latch(followed, query));
            }
            NONE.service(request, response);
        }

        @Override
        public void onCoalesced(CacheRequest request) {
            String target = request.head().target().pathAndQuery();
            latch(followed, target.substring(target.indexOf('?') + 1)).countDown();
        }

        private static CountDownLatch latch(Map<String, CountDownLatch> latches, String query) {
            return latches.computeIfAbsent(query, key -> new CountDownLatch(1));
        }

        private static void await(CountDownLatch latch) {
            try {
                assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException stopped) {
                throw new IllegalStateException(stopped);
            }
        }

        /** What a request gets, and one that waited for it. */
        List<String> ask(Front front, String target) throws InterruptedException, ExecutionException {
            FutureTask<String> leader = new FutureTask<>(() -> shown(front, target));
            new Thread(leader).start();
            await(latch(led, target.substring(target.indexOf('?') + 1)));
            String follower = shown(front, target);
            return List.of(leader.get(), follower);
        }
    }

    private static String shown(Front front, String target) {
        try {
            return shown(front.get(target));
        } catch (UncheckedIOException broken) {
            return "broken off"; // Spring's filters break some of these ways without the cache, too
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
