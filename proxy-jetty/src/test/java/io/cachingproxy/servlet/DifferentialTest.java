package io.cachingproxy.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.CacheListener;
import io.cachingproxy.CacheRequest;
import io.cachingproxy.HttpCache;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.testkit.Front;
import io.cachingproxy.testkit.RawClient;
import io.cachingproxy.testkit.Reply;
import io.cachingproxy.testkit.Scenario;
import io.cachingproxy.testkit.ScenarioServlet;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
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

    /** The longest silence of a container, also on a machine with much else to do. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /** What stands around the servlet, and how it is asked. Those that are not the usual ones run only where all are asked for. */
    enum Setup {
        FILTER("max-age=60"),
        SEES_REQUESTS_ONLY("max-age=60", REQUEST_ONLY, Around.NOTHING, Around.NOTHING),
        PAGE_FOR_ALL_ERRORS("max-age=60"),
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
                    : List.of(
                            FILTER, SEES_REQUESTS_ONLY, PAGE_FOR_ALL_ERRORS, FOLLOWERS, FOLLOWERS_OF_PRIVATE_RESPONSES);
        }

        /** The filters, with that of the cache or without it. */
        List<Filter> filters(@Nullable Filter cache) {
            return Stream.of(outside.filter(), cache, inside.filter())
                    .filter(Objects::nonNull)
                    .toList();
        }

        Container.Option option() {
            return this == PAGE_FOR_ALL_ERRORS ? Container.Option.PAGE_FOR_ALL_ERRORS : Container.Option.NONE;
        }

        boolean isFollowing() {
            return name().startsWith("FOLLOWERS");
        }

        /** Whether Spring's filters leave this way as it is without the cache, too, in each container. */
        boolean admits(Container container, Way way) {
            if (isFollowing()
                    && (!way.isFollowed()
                            || (container == Container.UNDERTOW && FAILS_IN_A_DISPATCH.contains(way.name())))) {
                return false;
            }
            if (container == Container.UNDERTOW && NOT_RIGHT_IN_UNDERTOW.contains(way.name())) {
                return false;
            }
            if (container == Container.TOMCAT && way.name().equals("ASYNC_AND_AN_EXCEPTION")) {
                return false; // never answered
            }
            boolean lost =
                    container == Container.TOMCAT && SERVLET_6_1 && way.name().startsWith("FORWARD");
            if (lost && filters(null).size() > 0) { // Tomcat 11 ends a forward before Spring's filters write
                return false;
            }
            boolean async = way.name().contains("ASYNC"); // a filter of Spring may write before, or never
            boolean timeout =
                    way.name().startsWith("ASYNC_TIMEOUT") && !way.name().endsWith("DISPATCHED");
            boolean breaksOff = container == Container.TOMCAT && way.name().equals("INCLUDE_A_REDIRECT");
            boolean hidden = way.name().equals("CHARSET_REMOVED")
                    || breaksOff
                    || (outside != Around.NOTHING && OF_THE_CONTAINER.contains(way.name()));
            return switch (outside == Around.NOTHING ? inside : outside) {
                case NOTHING -> true;
                case ETAG -> (!async || timeout) && !hidden && !way.name().equals("SESSION_IN_A_LINK");
                case CONTENT_CACHING -> !async && !hidden;
            };
        }

        private static final boolean SERVLET_6_1 = Arrays.stream(HttpServletResponse.class.getMethods())
                .anyMatch(method -> method.getName().equals("sendRedirect") && method.getParameterCount() == 3);

        /** A redirect in an include changes the page, a reset forgets no length, and a network path becomes a path. */
        private static final Set<String> NOT_RIGHT_IN_UNDERTOW =
                Set.of("INCLUDE_A_REDIRECT", "LENGTH_FORGOTTEN_BY_A_RESET", "REDIRECT_TO_A_NETWORK_PATH");

        /** Undertow has no error pages for exceptions of a dispatch, such as that of a request that has waited. */
        private static final Set<String> FAILS_IN_A_DISPATCH =
                Set.of("EXCEPTION_WITH_A_PAGE", "EXCEPTION_WHOSE_CAUSE_HAS_A_PAGE", "EXCEPTION_AFTER_AN_ERROR");

        /** A response of Spring's hides from these what the container makes of a charset, a commit or a forward. */
        private static final Set<String> OF_THE_CONTAINER = Set.of(
                "BUFFER_OVERFLOWS",
                "FORWARD_AFTER_COMMIT",
                "FORWARD_AND_OUTPUT_AFTER_IT",
                "HEADERS_AFTER_COMMIT",
                "HEADERS_NAMED",
                "INCLUDE_A_REDIRECT",
                "REDIRECT_AFTER_COMMIT",
                "RESET_OF_THE_BUFFER_KEEPS_THE_WRITER",
                "SESSION_AFTER_COMMIT",
                "STREAM_AND_WRITER",
                "STREAM_CLOSED",
                "STREAM_FLUSHED_FIRST",
                "STREAM_PRINTS",
                "TYPE_AFTER_COMMIT",
                "TYPE_OF_A_SCRIPT",
                "TYPE_OF_XML",
                "WRITER_FORMATS",
                "FORWARD_AFTER_OUTPUT",
                "TYPE_WITHOUT_CHARSET",
                "WRITER_BEFORE_THE_TYPE",
                "WRITER_BEFORE_THE_CHARSET",
                "LOCALE_WITH_A_CHARSET",
                "LOCALE_AFTER_THE_WRITER",
                "UNKNOWN_CHARSET",
                "JSON",
                "RESET_AFTER_COMMIT",
                "BUFFER_SIZE_AFTER_OUTPUT",
                "BUFFER_SIZE_AFTER_COMMIT",
                "REDIRECT_AFTER_OUTPUT",
                "CLOSED");
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
                        .flatMap(setup -> Way.ALL.stream()
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
                Front without = container.start(plain, 20, setup.dispatchers, setup.filters(null), setup.option());
                Front with = container.start(
                        filtered, 40, setup.dispatchers, setup.filters(new CachingFilter(cache)), setup.option())) {
            Map<Way, Future<String>> one = new LinkedHashMap<>();
            Map<Way, Future<List<String>>> both = new LinkedHashMap<>();
            for (Way way : Way.ALL) {
                if (setup.admits(container, way)) {
                    String asked = way.request(setup.control);
                    one.put(way, clients.submit(() -> shown(without, asked)));
                    both.put(
                            way,
                            clients.submit(() -> setup.isFollowing()
                                    ? meeting.ask(with, asked)
                                    : List.of(shown(with, asked), shown(with, asked))));
                }
            }
            Run run = new Run(new HashMap<>(), new HashMap<>());
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
        static final Scenario NONE =
                (request, response) -> Way.of(request.getQueryString()).service(request, response);

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
                assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
            } catch (InterruptedException stopped) {
                throw new IllegalStateException(stopped);
            }
        }

        /** What a request gets, and one that waited for it. */
        List<String> ask(Front front, String request) throws InterruptedException, ExecutionException {
            FutureTask<String> leader = new FutureTask<>(() -> shown(front, request));
            new Thread(leader).start();
            await(latch(led, request.substring(request.indexOf('?') + 1, request.indexOf(" HTTP"))));
            String follower = shown(front, request);
            return List.of(leader.get(), follower);
        }
    }

    private static String shown(Front front, String request) {
        try {
            return shown(RawClient.ask(front.port(), request, PATIENCE));
        } catch (UncheckedIOException broken) {
            if (broken.getCause() instanceof SocketTimeoutException) {
                throw broken;
            }
            return "broken off"; // Spring's filters break some of these ways without the cache, too
        }
    }

    private static String shown(Reply reply) {
        if (reply.head().isEmpty()) {
            return "broken off";
        }
        Map<String, String> headers = new TreeMap<>();
        reply.head()
                .lines()
                .skip(1)
                .filter(line -> line.contains(":"))
                .map(line -> line.split(":", 2)[0].toLowerCase(Locale.ROOT))
                .filter(name -> !OF_THE_CACHE.contains(name) && !name.equals("content-length"))
                .forEach(name -> headers.put(name, values(reply, name).toString()));
        String text = reply.body().length > 1000 ? reply.body().length + " bytes" : reply.text();
        if (reply.status() == 500 && reply.body().length > 200) { // a stack trace
            text = "";
        }
        return (reply.status() + " " + headers + "\n" + text + reply.trailers())
                .replaceAll("http://(?!example)[^/\\]]*", "")
                .replaceAll("(?i)(jsessionid=)[-_.!0-9a-z]+", "$1")
                .replaceAll("Via: [^\n]*\n", "") // what TRACE shows of the request
                .replaceAll("(?i); ?charset", ";charset")
                .replaceAll("(?i)utf-8", "utf-8")
                .replaceAll("(?i)iso-8859-1", "iso-8859-1")
                .replaceAll("\\$[0-9A-Za-z_$]*|@[0-9a-f]+|\\(.*\\)|\\bat .*", "");
    }

    /** The values; Location as a client understands it: some containers make it absolute, and the filter does not. */
    private static List<String> values(Reply reply, String name) {
        return name.equals("location")
                ? reply.all(name).stream()
                        .map(location ->
                                URI.create("http://proxy/").resolve(location).toString())
                        .toList()
                : reply.all(name);
    }
}
