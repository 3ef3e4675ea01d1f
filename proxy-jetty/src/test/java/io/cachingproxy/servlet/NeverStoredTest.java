package io.cachingproxy.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.HttpCache;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.testkit.Front;
import io.cachingproxy.testkit.Scenario;
import io.cachingproxy.testkit.ScenarioServlet;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Principal;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each row of the table of what is never stored, in the guide. */
class NeverStoredTest {
    private static final Filter NONE = (request, response, chain) -> chain.doFilter(request, response);

    private enum Row {
        SESSION("a session is made", (request, response) -> request.getSession()),
        CREDENTIALS("cookies, `Authorization`", (request, response) -> request.getCookies(), "Cookie: a=b"),
        USER("the user is asked for", (request, response) -> request.getUserPrincipal()),
        LOGIN("somebody logs in or out", (request, response) -> {
            try {
                request.login("alice", "secret");
            } catch (ServletException nobodyIsKnownHere) {
                // the page is made all the same
            }
        }),
        KNOWN_USER(
                "an outer filter knows a user",
                (request, response, chain) -> chain.doFilter(
                        new HttpServletRequestWrapper((HttpServletRequest) request) {
                            @Override
                            public Principal getUserPrincipal() {
                                return () -> "alice";
                            }
                        },
                        response)),
        FOREIGN_COOKIE("an outer filter makes a session or sets a cookie", (request, response, chain) -> {
            ((HttpServletResponse) response).addHeader("Set-Cookie", "a=b");
            chain.doFilter(request, response);
        }),
        FOREIGN_CONTROL("an outer filter sets `no-store`", (request, response, chain) -> {
            ((HttpServletResponse) response).setHeader("Cache-Control", "no-store");
            chain.doFilter(request, response);
        }) {
            @Override
            boolean saysNothing() {
                return true;
            }
        },
        SESSION_IN_URL("a session is put into a URL", (request, response) -> {
            request.getSession();
            response.getWriter().print(response.encodeURL("/next"));
        }),
        FORWARDED(
                "`X-Forwarded-Host` or the like",
                (request, response) -> request.getHeader("X-Forwarded-Host"),
                "X-Forwarded-Host: evil"),
        TIMEOUT("an async time-out", (request, response) -> {
            AsyncContext async = request.startAsync();
            async.setTimeout(20);
            async.addListener(new AsyncListener() {
                @Override
                public void onTimeout(AsyncEvent event) {
                    async.complete();
                }

                @Override
                public void onComplete(AsyncEvent event) {}

                @Override
                public void onError(AsyncEvent event) {}

                @Override
                public void onStartAsync(AsyncEvent event) {}
            });
        }),
        STREAM("a stream of events", (request, response) -> response.setContentType("text/event-stream")) {
            @Override
            String control() {
                return "no-cache";
            }
        },
        CREDENTIALS_UNREAD("a request with `Cookie` or `Authorization`", (request, response) -> {}, "Cookie: a=b");

        private final String begin;
        private final Filter outer;
        private final Scenario scenario;
        private final String[] headers;

        Row(String begin, Scenario scenario, String... headers) {
            this.begin = begin;
            this.outer = NONE;
            this.scenario = scenario;
            this.headers = headers;
        }

        Row(String begin, Filter outer) {
            this.begin = begin;
            this.outer = outer;
            this.scenario = (request, response) -> {};
            this.headers = new String[0];
        }

        String control() {
            return "max-age=60";
        }

        boolean saysNothing() {
            return false;
        }
    }

    /** The rows of the table: what happens, and what permits to store all the same. */
    private static Map<String, String> table() throws IOException {
        String guide = Files.readString(Path.of("README.md"));
        return guide.lines()
                .dropWhile(line -> !line.equals("### Never stored"))
                .skip(1)
                .takeWhile(line -> !line.startsWith("#"))
                .filter(line -> line.startsWith("| ") && !line.startsWith("| what happens"))
                .map(line -> line.split("\\|", -1))
                .collect(Collectors.toMap(cells -> cells[1].strip(), cells -> cells[3].strip()));
    }

    @Test
    void every_row_of_the_guide_is_run() throws IOException {
        List<String> begins = Arrays.stream(Row.values()).map(row -> row.begin).toList();
        assertThat(table().keySet())
                .hasSize(begins.size())
                .allSatisfy(row -> assertThat(begins).anyMatch(row::startsWith));
    }

    @ParameterizedTest
    @EnumSource
    void a_row_of_the_guide_holds(Row row) throws IOException {
        String unless = table().entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(row.begin))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow();
        assertThat(unless).isIn("", "`public` or `s-maxage`");
        assertThat(isStored(row, row.control())).isFalse();
        if (!row.saysNothing()) {
            for (String permitting : List.of("public, max-age=60", "s-maxage=60")) {
                assertThat(isStored(row, permitting)).as(permitting).isEqualTo(!unless.isEmpty());
            }
        }
    }

    private static boolean isStored(Row row, String control) {
        ScenarioServlet servlet = new ScenarioServlet((request, response) -> {
            if (row.saysNothing()) {
                response.setHeader("Expires", "Thu, 01 Jan 2099 00:00:00 GMT");
            } else {
                response.setHeader("Cache-Control", control);
            }
            row.scenario.service(request, response);
            if (!request.isAsyncStarted()) {
                response.getWriter().print("page");
            }
        });
        try (HttpCache cache = HttpCache.builder().policy(Policy.application()).build();
                Front front = Container.JETTY.start(servlet, row.outer, new CachingFilter(cache))) {
            return Stream.of(1, 2)
                    .map(i -> front.get("/", row.headers))
                    .anyMatch(reply -> "HIT".equals(reply.header("X-Cache")));
        }
    }
}
