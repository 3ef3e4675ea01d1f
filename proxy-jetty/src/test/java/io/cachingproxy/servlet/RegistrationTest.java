package io.cachingproxy.servlet;

import static io.cachingproxy.testkit.Verdicts.assertForwarded;
import static io.cachingproxy.testkit.Verdicts.assertHit;
import static io.cachingproxy.testkit.Verdicts.assertStored;
import static java.util.concurrent.CompletableFuture.supplyAsync;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachingproxy.CacheListener;
import io.cachingproxy.CacheRequest;
import io.cachingproxy.HttpCache;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.servlet.Container.Odd;
import io.cachingproxy.testkit.Front;
import io.cachingproxy.testkit.LogLines;
import io.cachingproxy.testkit.RawClient;
import io.cachingproxy.testkit.Reply;
import io.cachingproxy.testkit.Scenario;
import io.cachingproxy.testkit.ScenarioServlet;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** How a filter is registered, and what it says if that cannot work. */
@ParameterizedClass
@MethodSource("io.cachingproxy.servlet.Container#tested")
class RegistrationTest {
    private static final EnumSet<DispatcherType> REQUEST = EnumSet.of(DispatcherType.REQUEST);
    private static final EnumSet<DispatcherType> REQUEST_AND_ASYNC =
            EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC);
    private static final Scenario PAGE = (request, response) -> {
        response.setHeader("Cache-Control", "max-age=60");
        response.getWriter().print("page");
    };

    @Parameter
    Container container;

    private final LogLines log = new LogLines(CachingFilter.class);
    private final CountDownLatch coalesced = new CountDownLatch(1);
    private final HttpCache cache = HttpCache.builder()
            .policy(Policy.application())
            .listener(new CacheListener() {
                @Override
                public void onCoalesced(CacheRequest request) {
                    coalesced.countDown();
                }
            })
            .build();
    private ScenarioServlet servlet;
    private Front front;

    private void start(Scenario scenario, Filter... filters) {
        servlet = new ScenarioServlet(scenario);
        front = container.start(servlet, filters);
    }

    @AfterEach
    void stop() {
        log.close();
        if (front != null) {
            front.close();
        }
        cache.close();
    }

    private List<String> warnings() {
        return log.beginningWith("The caching filter ");
    }

    @Test
    void a_filter_that_is_registered_as_the_guide_says_is_silent() {
        start(PAGE, new CachingFilter(cache));
        assertStored(front.get("/"));
        assertHit(front.get("/"));
        assertThat(warnings()).isEmpty();
    }

    @Test
    void without_async_support_it_says_what_to_write() {
        start(PAGE, new Odd(new CachingFilter(cache), REQUEST_AND_ASYNC, false));
        assertStored(front.get("/"));
        assertHit(front.get("/"));
        assertThat(warnings()).singleElement().asString().contains("async support", "setAsyncSupported(true)");
    }

    @Test
    void without_the_dispatcher_type_async_it_says_what_to_write() {
        start(PAGE, new Odd(new CachingFilter(cache), REQUEST, true));
        assertStored(front.get("/")); // before it Undertow initialises no filter
        assertThat(warnings())
                .singleElement()
                .asString()
                .contains("EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC)");
    }

    @Test
    void without_the_dispatcher_type_request_it_says_that_it_does_nothing() {
        start(
                (request, response) -> {
                    if (request.getDispatcherType() == DispatcherType.REQUEST) {
                        request.getRequestDispatcher("/page").forward(request, response);
                    } else {
                        PAGE.service(request, response);
                    }
                },
                new Odd(new CachingFilter(cache), EnumSet.of(DispatcherType.FORWARD), true));
        assertThat(front.get("/").text()).isEqualTo("page");
        assertThat(warnings()).singleElement().asString().contains("caches nothing");
    }

    @Test
    void a_second_filter_in_the_chain_passes_on_and_says_so() {
        HttpCache other = HttpCache.builder().build();
        start(PAGE, new CachingFilter(cache), new CachingFilter(other));
        Reply reply = assertStored(front.get("/"));
        assertThat(reply.all("Via")).hasSize(1);
        assertHit(front.get("/"));
        assertThat(warnings()).singleElement().asString().contains("twice");
        other.close();
    }

    @Test
    void override_in_an_application_with_sessions_is_warned_of() {
        HttpCache overriding = HttpCache.builder()
                .policy(Policy.override(Duration.ofMinutes(1)))
                .build();
        start((request, response) -> request.getSession(), new CachingFilter(overriding));
        Reply first = front.get("/");
        front.get("/other", "Cookie: " + first.header("Set-Cookie").split(";", 2)[0]);
        assertThat(warnings()).singleElement().asString().contains("override", "sessions", "include");
        overriding.close();
    }

    @Test
    void a_filter_behind_it_that_sees_requests_only_sees_those_that_waited() throws Exception {
        AtomicInteger seen = new AtomicInteger();
        AtomicReference<DispatcherType> last = new AtomicReference<>();
        Filter guard = (request, response, chain) -> {
            seen.incrementAndGet();
            last.set(request.getDispatcherType());
            chain.doFilter(request, response);
        };
        assertFollowerRuns(new CachingFilter(cache), new Odd(guard, REQUEST, true));
        assertThat(seen).hasValue(2);
        assertThat(last).hasValue(DispatcherType.REQUEST);
    }

    @Test
    void a_chain_that_runs_after_a_request_has_waited_sees_no_async_dispatch() throws Exception {
        List<DispatcherType> seen = Collections.synchronizedList(new ArrayList<>());
        Filter watching = (request, response, chain) -> {
            seen.add(request.getDispatcherType());
            chain.doFilter(request, response);
        };
        assertFollowerRuns(new CachingFilter(cache), watching);
        assertThat(seen).containsExactly(DispatcherType.REQUEST, DispatcherType.REQUEST);
    }

    @Test
    void a_request_waits_on_its_thread_behind_a_filter_that_wraps_the_response() throws Exception {
        Filter wrapping = (request, response, chain) -> {
            chain.doFilter(
                    request,
                    new jakarta.servlet.http.HttpServletResponseWrapper(
                            (jakarta.servlet.http.HttpServletResponse) response));
            assertThat(request.isAsyncStarted()).isFalse();
        };
        assertFollowerRuns(wrapping, new CachingFilter(cache));
    }

    /** Has a request wait for the response to another one, which is private. */
    private void assertFollowerRuns(Filter... filters) throws Exception {
        CountDownLatch led = new CountDownLatch(1);
        start(
                (request, response) -> {
                    led.countDown();
                    try {
                        coalesced.await(10, TimeUnit.SECONDS);
                    } catch (InterruptedException stopped) {
                        throw new IOException(stopped);
                    }
                    response.setHeader("Cache-Control", "private");
                    response.getWriter().print("page");
                },
                filters);
        CompletableFuture<Reply> leader = supplyAsync(() -> front.get("/"));
        assertThat(led.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(assertForwarded(front.get("/")).text()).isEqualTo("page");
        assertThat(assertForwarded(leader.get()).text()).isEqualTo("page");
        assertThat(servlet.count()).isEqualTo(2);
    }

    @Test
    void a_client_that_hangs_up_while_it_waits_hurts_nobody() throws Exception {
        CountDownLatch led = new CountDownLatch(1);
        CountDownLatch gone = new CountDownLatch(1);
        start(
                (request, response) -> {
                    led.countDown();
                    try {
                        gone.await(10, TimeUnit.SECONDS);
                    } catch (InterruptedException stopped) {
                        throw new IOException(stopped);
                    }
                    response.setHeader("Cache-Control", request.getQueryString());
                    response.getWriter().print("page");
                },
                new CachingFilter(cache));
        CompletableFuture<Reply> leader = supplyAsync(() -> front.get("/?private"));
        assertThat(led.await(10, TimeUnit.SECONDS)).isTrue();
        try (RawClient waiting = front.connect().send(RawClient.request("GET", "/?private"))) {
            assertThat(coalesced.await(10, TimeUnit.SECONDS)).isTrue();
        }
        gone.countDown();
        assertThat(assertForwarded(leader.get()).text()).isEqualTo("page");
        assertThat(assertForwarded(front.get("/?private")).text()).isEqualTo("page");
        assertStored(front.get("/?max-age=60"));
        assertHit(front.get("/?max-age=60"));
    }

    @Test
    void only_what_is_included_and_not_excluded_nor_bypassed_is_cached() {
        assertOnlyProducts(CachingFilter.builder(cache)
                .include("/products/*", "*.css")
                .exclude("/products/cart")
                .bypass(request -> "yes".equals(request.getHeader("X-Preview")))
                .build());
    }

    @Test
    void init_parameters_say_the_same() {
        assertOnlyProducts(new Configured(Map.of(
                "include", "/products/*, *.css",
                "exclude", "/products/cart",
                "bypass", Preview.class.getName())));
    }

    @Test
    void every_init_parameter_stands_in_the_guide() throws IOException {
        Configured filter = new Configured(Map.of());
        start(PAGE, filter);
        assertStored(front.get("/"));
        String guide = Files.readString(Path.of("README.md"));
        String table = guide.substring(guide.indexOf("| init parameter |"), guide.indexOf("Purge by the URL"));
        Set<String> listed = table.lines()
                .filter(line -> line.startsWith("| `"))
                .flatMap(line -> Arrays.stream(line.split("\\|", -1)[1].split(",")))
                .map(name -> name.replace("`", "").strip())
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(listed).isEqualTo(filter.asked);
    }

    private void assertOnlyProducts(Filter filter) {
        start(PAGE, filter);
        for (String target : List.of("/products/1", "/products", "/a/b.css")) {
            assertStored(front.get(target));
            assertHit(front.get(target));
            assertThat(front.get(target, "X-Preview: yes").header("X-Cache")).isNull();
        }
        for (String target : List.of("/", "/productsX", "/products/cart", "/css", "/other?a=/products/1")) {
            assertThat(front.get(target).header("X-Cache")).as(target).isNull();
        }
    }

    /** Previews are never cached. */
    public static final class Preview implements Predicate<HttpServletRequest> {
        @Override
        public boolean test(HttpServletRequest request) {
            return request.getHeader("X-Preview") != null;
        }
    }

    /** A caching filter with init parameters. */
    private static final class Configured implements Filter {
        private final CachingFilter filter = new CachingFilter();
        private final Map<String, String> parameters;
        private final Set<String> asked = new TreeSet<>();

        Configured(Map<String, String> parameters) {
            this.parameters = parameters;
        }

        @Override
        public void init(FilterConfig config) throws ServletException {
            filter.init(new FilterConfig() {
                @Override
                public String getFilterName() {
                    return config.getFilterName();
                }

                @Override
                public ServletContext getServletContext() {
                    return config.getServletContext();
                }

                @Override
                public String getInitParameter(String name) {
                    asked.add(name);
                    return parameters.get(name);
                }

                @Override
                public Enumeration<String> getInitParameterNames() {
                    return Collections.enumeration(parameters.keySet());
                }
            });
        }

        @Override
        public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
                throws IOException, ServletException {
            filter.doFilter(request, response, chain);
        }

        @Override
        public void destroy() {
            filter.destroy();
        }
    }

    @Test
    void wrong_init_parameters_are_refused_by_their_names() {
        for (Map.Entry<String, String> wrong : Map.of(
                        "include", "products/*",
                        "exclude", "/a*b",
                        "bypass", "no.such.Type",
                        "memory", "much",
                        "policy", "none")
                .entrySet()) {
            assertThatThrownBy(() -> initialise(Map.of(wrong.getKey(), wrong.getValue())))
                    .hasStackTraceContaining(wrong.getKey());
        }
        assertThatThrownBy(
                        () -> CachingFilter.builder(cache).include("products/*").build())
                .hasMessageContaining("products/*")
                .hasMessageContaining("/products/*, *.css or /exact");
    }

    private static void initialise(Map<String, String> parameters) throws ServletException {
        ServletException[] thrown = new ServletException[1];
        Filter filter = new Configured(parameters);
        Filter catching = new Filter() {
            @Override
            public void init(FilterConfig config) {
                try {
                    filter.init(config);
                } catch (ServletException refused) {
                    thrown[0] = refused;
                }
            }

            @Override
            public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain) {}
        };
        Container.tested().get(0).start(new ScenarioServlet(PAGE), catching).close();
        if (thrown[0] != null) {
            throw thrown[0];
        }
    }

    @Test
    void an_application_purges_by_the_url_that_its_clients_use() {
        start(
                (request, response) -> {
                    if (request.getMethod().equals("PUT")) {
                        URI url = URI.create(request.getRequestURL().toString()).resolve("/page");
                        CachingFilter.cache(request.getServletContext())
                                .purge(url)
                                .toCompletableFuture()
                                .join();
                    } else {
                        PAGE.service(request, response);
                    }
                },
                new CachingFilter());
        assertStored(front.get("/page"));
        assertHit(front.get("/page"));
        front.ask("PUT", "/other", "Content-Length: 0");
        assertStored(front.get("/page"));
    }
}
