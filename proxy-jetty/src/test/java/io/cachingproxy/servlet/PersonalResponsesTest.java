package io.cachingproxy.servlet;

import static io.cachingproxy.testkit.Verdicts.assertForwarded;
import static io.cachingproxy.testkit.Verdicts.assertHit;
import static io.cachingproxy.testkit.Verdicts.assertStored;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.HttpCache;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.testkit.Front;
import io.cachingproxy.testkit.Reply;
import io.cachingproxy.testkit.Scenario;
import io.cachingproxy.testkit.ScenarioServlet;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.security.Principal;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What is made for one client is stored for nobody, in whatever order the filters stand. */
@ParameterizedClass
@MethodSource("io.cachingproxy.servlet.Container#tested")
class PersonalResponsesTest {
    @Parameter
    Container container;

    private final HttpCache cache = HttpCache.builder().policy(Policy.rfc9111()).build();
    private ScenarioServlet servlet;
    private Front front;

    private void start(Scenario scenario) {
        start(List.of(), scenario);
    }

    /** Starts the filter behind those {@code outer} ones. */
    private void start(List<Filter> outer, Scenario scenario) {
        servlet = new ScenarioServlet((request, response) -> {
            String control = request.getQueryString();
            if (!"silent".equals(control)) {
                response.setHeader("Cache-Control", control == null ? "max-age=60" : control);
            }
            scenario.service(request, response);
        });
        List<Filter> all = new java.util.ArrayList<>(outer);
        all.add(new CachingFilter(cache));
        front = container.start(servlet, all.toArray(Filter[]::new));
    }

    @AfterEach
    void stop() {
        front.close();
        cache.close();
    }

    private void assertNeverShared() {
        assertForwarded(front.get("/"));
        assertForwarded(front.get("/"));
    }

    private void assertShared(String target) {
        assertStored(front.get(target));
        assertHit(front.get(target));
    }

    @Test
    void a_page_that_makes_a_session_is_not_stored() {
        start((request, response) ->
                response.getWriter().print(request.getSession().getId()));
        String first = assertForwarded(front.get("/")).text();
        Reply second = assertForwarded(front.get("/"));
        assertThat(second.text()).isNotEqualTo(first);
        assertThat(second.header("Set-Cookie")).contains(second.text());
    }

    @Test
    void a_page_that_reads_a_session_is_not_stored() {
        start((request, response) -> {
            if (request.getRequestURI().equals("/login")) {
                request.getSession().setAttribute("user", "alice");
            } else {
                Object user = request.getSession(false) == null
                        ? "nobody"
                        : request.getSession(false).getAttribute("user");
                response.getWriter().print(user);
            }
        });
        String cookie = "Cookie: "
                + assertForwarded(front.get("/login")).header("Set-Cookie").split(";")[0];
        assertThat(assertForwarded(front.get("/me", cookie)).text()).isEqualTo("alice");
        assertThat(assertStored(front.get("/me")).text()).isEqualTo("nobody");
    }

    @Test
    void a_user_who_is_asked_for_in_the_middle_of_the_page_ends_its_storing() {
        start((request, response) -> {
            response.getWriter().print("x".repeat(100));
            response.flushBuffer();
            response.getWriter().print(request.getUserPrincipal());
        });
        assertThat(front.get("/").text()).endsWith("xnull");
        assertThat(front.get("/").header("X-Cache")).isEqualTo("MISS");
        assertThat(servlet.count()).isEqualTo(2);
    }

    @Test
    void a_page_that_changes_the_session_or_encodes_it_in_a_link_is_not_stored() {
        start((request, response) -> {
            request.getSession();
            response.getWriter().print(response.encodeURL("/next"));
        });
        assertForwarded(front.get("/?max-age=60,public"));
        assertNeverShared();
    }

    @Test
    void a_page_that_asks_for_the_user_is_not_stored() {
        start((request, response) -> response.getWriter()
                .print(
                        switch (request.getRequestURI()) {
                            case "/principal" -> String.valueOf(request.getUserPrincipal());
                            case "/remote" -> String.valueOf(request.getRemoteUser());
                            default -> String.valueOf(request.isUserInRole("admin"));
                        }));
        for (String target : List.of("/principal", "/remote", "/role")) {
            assertForwarded(front.get(target));
            assertForwarded(front.get(target));
        }
    }

    @Test
    void a_question_for_the_user_after_the_page_changes_nothing() {
        start((request, response) -> {
            response.getWriter().print("page");
            request.getUserPrincipal(); // as Spring MVC does for its events
        });
        assertShared("/");
    }

    @Test
    void a_page_that_reads_cookies_is_not_stored() {
        start((request, response) -> {
            for (Cookie cookie : request.getCookies() == null ? new Cookie[0] : request.getCookies()) {
                response.getWriter().print(cookie.getValue());
            }
        });
        assertThat(assertForwarded(front.get("/", "Cookie: a=alice")).text()).isEqualTo("alice");
        assertThat(assertStored(front.get("/")).text()).isEmpty();
    }

    @Test
    void public_permits_what_a_session_forbids() {
        start((request, response) -> response.getWriter().print(request.getSession() != null));
        assertShared("/?public,max-age=60");
        assertShared("/?s-maxage=60");
        assertThat(front.get("/?s-maxage=60").header("Set-Cookie")).isNull();
    }

    @Test
    void a_session_cookie_that_an_outer_filter_causes_is_seen() {
        start(
                List.of((request, response, chain) -> {
                    ((HttpServletRequest) request).getSession();
                    chain.doFilter(request, response);
                }),
                (request, response) -> response.getWriter().print("page"));
        Reply reply = assertForwarded(front.get("/"));
        assertThat(reply.header("Set-Cookie")).isNotNull();
        assertThat(front.get("/").all("Set-Cookie")).hasSize(1).doesNotContain(reply.header("Set-Cookie"));
    }

    @Test
    void no_store_that_an_outer_filter_sets_before_counts_if_the_servlet_says_nothing() {
        start(
                List.of((request, response, chain) -> {
                    ((HttpServletResponse) response).setHeader("Cache-Control", "no-store");
                    chain.doFilter(request, response);
                }),
                (request, response) -> {
                    response.setHeader("Expires", "Thu, 01 Jan 2099 00:00:00 GMT");
                    response.getWriter().print("page");
                });
        for (int i = 0; i < 2; i++) {
            Reply reply = assertForwarded(front.get("/?silent"));
            assertThat(reply.all("Cache-Control")).containsExactly("no-store");
        }
        assertThat(assertStored(front.get("/")).all("Cache-Control")).containsExactly("max-age=60");
        assertThat(assertHit(front.get("/")).all("Cache-Control")).containsExactly("max-age=60");
    }

    @Test
    void no_store_that_an_outer_filter_writes_at_commit_counts() {
        start(
                List.of((request, response, chain) -> {
                    AtCommit wrapper = new AtCommit((HttpServletResponse) response);
                    chain.doFilter(request, wrapper);
                    wrapper.commit();
                }),
                (request, response) -> {
                    response.setHeader("Expires", "Thu, 01 Jan 2099 00:00:00 GMT");
                    if (request.getRequestURI().equals("/long")) {
                        response.getWriter().print("x".repeat(100_000));
                    }
                    response.getWriter().print("page");
                });
        for (String target : List.of("/?silent", "/?silent", "/long?silent", "/long?silent")) {
            Reply reply = assertForwarded(front.get(target));
            assertThat(reply.all("Cache-Control")).containsExactly("no-store");
            assertThat(reply.text()).endsWith("page");
        }
    }

    @Test
    void no_store_at_commit_counts_behind_a_filter_that_holds_the_body_back() {
        start(
                List.of(
                        (request, response, chain) -> {
                            AtCommit wrapper = new AtCommit((HttpServletResponse) response);
                            chain.doFilter(request, wrapper);
                            wrapper.commit();
                        },
                        (request, response, chain) ->
                                chain.doFilter(request, new HttpServletResponseWrapper((HttpServletResponse) response) {
                                    @Override
                                    public void flushBuffer() {
                                        // later
                                    }
                                })),
                (request, response) -> {
                    response.setHeader("Expires", "Thu, 01 Jan 2099 00:00:00 GMT");
                    response.getWriter().print("page");
                });
        assertForwarded(front.get("/?silent"));
        assertForwarded(front.get("/?silent"));
    }

    @Test
    void an_outer_wrapper_that_adds_nothing_of_the_kind_does_no_harm() {
        start(
                List.of((request, response, chain) -> {
                    ((HttpServletResponse) response).setHeader("X-Outer", "1");
                    ((HttpServletResponse) response).setHeader("Vary", "Origin");
                    chain.doFilter(request, new HttpServletResponseWrapper((HttpServletResponse) response));
                }),
                (request, response) -> response.getWriter().print("page"));
        Reply miss = assertStored(front.get("/"));
        Reply hit = assertHit(front.get("/"));
        for (Reply reply : List.of(miss, hit)) {
            assertThat(reply.all("X-Outer")).containsExactly("1");
            assertThat(reply.all("Vary")).containsExactly("Origin");
            assertThat(reply.header("Content-Length")).isEqualTo("4");
        }
    }

    /** Writes a header when the response is committed, as Spring Security does. */
    private static final class AtCommit extends HttpServletResponseWrapper {
        private boolean done;

        AtCommit(HttpServletResponse response) {
            super(response);
        }

        void commit() {
            if (!done) {
                done = true;
                if (!containsHeader("Cache-Control")) {
                    setHeader("Cache-Control", "no-store");
                }
            }
        }

        @Override
        public void flushBuffer() throws IOException {
            commit();
            super.flushBuffer();
        }

        @Override
        public ServletOutputStream getOutputStream() throws IOException {
            ServletOutputStream out = super.getOutputStream();
            return new ServletOutputStream() {
                @Override
                public void write(int b) throws IOException {
                    commit();
                    out.write(b);
                }

                @Override
                public void write(byte[] bytes, int offset, int length) throws IOException {
                    commit();
                    out.write(bytes, offset, length);
                }

                @Override
                public boolean isReady() {
                    return out.isReady();
                }

                @Override
                public void setWriteListener(WriteListener listener) {
                    out.setWriteListener(listener);
                }
            };
        }
    }

    @Test
    void a_user_whom_an_outer_filter_knows_keeps_the_page_for_himself() {
        Principal alice = () -> "alice";
        start(
                List.of((request, response, chain) -> {
                    HttpServletRequest plain = (HttpServletRequest) request;
                    boolean known = plain.getHeader("X-User") != null;
                    chain.doFilter(
                            new HttpServletRequestWrapper(plain) {
                                @Override
                                public Principal getUserPrincipal() {
                                    return known ? alice : null;
                                }
                            },
                            response);
                }),
                (request, response) -> response.getWriter().print("for a thread's user"));
        assertForwarded(front.get("/", "X-User: alice"));
        assertShared("/");
    }

    @Test
    void a_link_made_of_forwarded_fields_is_not_stored() {
        start((request, response) -> {
            String host = request.getHeader("X-Forwarded-Host");
            response.getWriter().print("http://" + (host == null ? request.getServerName() : host) + "/next");
        });
        String target = "/?public,max-age=60";
        assertThat(assertForwarded(front.get(target, "X-Forwarded-Host: evil")).text())
                .contains("evil");
        assertThat(assertStored(front.get(target)).text()).isEqualTo("http://proxy/next");
        assertThat(assertHit(front.get(target)).text()).isEqualTo("http://proxy/next");
    }

    @Test
    void a_host_that_an_outer_filter_takes_from_forwarded_fields_is_in_the_key() {
        start(
                List.of((request, response, chain) -> chain.doFilter(
                        new HttpServletRequestWrapper((HttpServletRequest) request) {
                            @Override
                            public String getServerName() {
                                String host = getHeader("X-Forwarded-Host");
                                return host == null ? super.getServerName() : host;
                            }
                        },
                        response)),
                (request, response) -> response.getWriter().print(request.getServerName()));
        assertThat(assertStored(front.get("/", "X-Forwarded-Host: evil")).text())
                .isEqualTo("evil");
        assertThat(assertStored(front.get("/")).text()).isEqualTo("proxy");
        assertThat(assertHit(front.get("/")).text()).isEqualTo("proxy");
    }

    @Test
    void a_stream_of_events_is_stored_only_with_explicit_freshness() {
        start((request, response) -> {
            response.setContentType("application/x-ndjson");
            response.setHeader("ETag", "\"1\"");
            response.setHeader("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT");
            response.getWriter().print("{}\n");
        });
        assertForwarded(front.get("/?silent"));
        assertForwarded(front.get("/?silent"));
        assertShared("/");
    }

    @Test
    void a_cookie_is_the_containers_and_its_errors_are() {
        start((request, response) -> {
            Cookie cookie = new Cookie("a", "b");
            cookie.setMaxAge(60);
            response.addCookie(cookie);
            try {
                response.addCookie(new Cookie("c", "not\u0001valid"));
                response.getWriter().print("accepted");
            } catch (IllegalArgumentException invalid) {
                response.getWriter().print("refused");
            }
        });
        Reply cached = front.get("/?no-store");
        try (Front plain = container.start(servlet)) {
            Reply expected = plain.get("/?no-store");
            assertThat(cached.text()).isEqualTo(expected.text());
            assertThat(withoutTime(cached)).isEqualTo(withoutTime(expected));
        }
    }

    private static String withoutTime(Reply reply) {
        return reply.all("Set-Cookie").toString().replaceAll("Expires=[^;\\]]*", "Expires");
    }
}
