package io.cachingproxy.servlet;

import io.cachingproxy.testkit.RawClient;
import io.cachingproxy.testkit.Scenario;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * One way in which servlets answer, and the request that asks for it. The root answers in this way; the other paths are
 * what the ways forward to, include or dispatch to.
 *
 * @param method a method other than GET, a field or a body make a request that no other request waits for
 */
record Way(String name, String method, List<String> fields, String body, Scenario scenario) implements Scenario {
    /** The status and the exception whose error page is {@value #ERROR_PAGE}, in each {@link Container}. */
    static final int STATUS_WITH_A_PAGE = 470;

    static final Class<IllegalCallerException> EXCEPTION_WITH_A_PAGE = IllegalCallerException.class;
    static final String ERROR_PAGE = "/error-page";

    static final List<Way> ALL = Stream.of(
                    DispatchWays.ALL,
                    AsyncWays.ALL,
                    CharsetWays.ALL,
                    BodyWays.ALL,
                    EndWays.ALL,
                    HeadWays.ALL,
                    RequestWays.ALL)
            .flatMap(List::stream)
            .toList();

    static Way way(String name, Scenario scenario) {
        return new Way(name, "GET", List.of(), "", scenario);
    }

    /** The way that a target asks for. */
    static Way of(String query) {
        String name = query.split("&", 2)[0];
        return ALL.stream().filter(way -> way.name.equals(name)).findAny().orElseThrow();
    }

    /** The same, asked for with this method and these header lines. */
    Way asked(String with, String... lines) {
        return new Way(name, with, List.of(lines), body, scenario);
    }

    /**
     * The same, asked for by requests that do not wait for each other. Where a container ends a broken response as if it
     * were complete, the request that waits for it gets an error; and Tomcat loses the error pages of some dispatches.
     */
    Way alone() {
        return asked(method, "X-Alone: yes", "Connection: close");
    }

    /** The same, asked for with a body. */
    Way sent(String content) {
        return new Way(name, method, fields, content, scenario);
    }

    /** The request, for a response with this Cache-Control. */
    String request(String control) {
        Stream<String> length = body.isEmpty() ? Stream.of() : Stream.of("Content-Length: " + body.length());
        String[] lines = Stream.concat(fields.stream(), length).toArray(String[]::new);
        return RawClient.request(method, "/?" + name + '&' + control, lines) + body;
    }

    /** Whether other requests may wait for the response. */
    boolean isFollowed() {
        return method.equals("GET") && fields.isEmpty() && body.isEmpty();
    }

    @Override
    public String toString() {
        return name;
    }

    @Override
    public void service(HttpServletRequest request, HttpServletResponse response) throws IOException, ServletException {
        Object included = request.getAttribute(RequestDispatcher.INCLUDE_SERVLET_PATH);
        Object info = request.getAttribute(RequestDispatcher.INCLUDE_PATH_INFO);
        boolean names = included == null || request.getDispatcherType() != DispatcherType.INCLUDE;
        String path = names
                ? request.getServletPath() + (request.getPathInfo() == null ? "" : request.getPathInfo())
                : included + (info == null ? "" : info.toString());
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
            case "/error-with-a-page" -> response.sendError(STATUS_WITH_A_PAGE, "with a page");
            case "/exception" -> throw new ServletException("on purpose");
            case "/exception-with-a-page" -> throw new IllegalCallerException("with a page");
            case "/redirect" -> response.sendRedirect("/elsewhere");
            case "/hop" -> request.getRequestDispatcher("/page").forward(request, response);
            case "/async" -> request.startAsync().dispatch("/page");
            case "/including" -> {
                response.getWriter().print("[");
                request.getRequestDispatcher("/page").include(request, response);
                response.getWriter().print("]");
            }
            case "/flushed" -> {
                response.getWriter().print("flushed ");
                response.flushBuffer();
            }
            case "/seen" -> {
                response.setContentType("text/plain;charset=utf-8");
                response.getWriter().print(seen(request, "forward", "include", "async"));
            }
            case ERROR_PAGE -> {
                response.setContentType("text/plain;charset=utf-8");
                response.setHeader("X-Error-Page", "1");
                response.getWriter().print("error page " + seen(request, "forward", "error"));
            }
            default -> {
                response.setHeader("Cache-Control", request.getQueryString().split("&", 2)[1]);
                scenario.service(request, response);
            }
        }
    }

    /** What a servlet sees of the request, and of the one that is forwarded, included, dispatched, or has failed. */
    static String seen(HttpServletRequest request, String... dispatches) {
        StringBuilder seen = new StringBuilder();
        // an error page may be shown before or after another thread completes the request
        boolean started = request.getDispatcherType() != DispatcherType.ERROR && request.isAsyncStarted();
        for (String value : List.of(
                request.getMethod(),
                request.getDispatcherType().name(),
                request.getRequestURI(),
                request.getServletPath() + request.getPathInfo() + request.getContextPath(),
                request.getHttpServletMapping().getPattern(),
                request.getProtocol() + request.getScheme() + request.getContentType() + request.getContentLength(),
                String.valueOf(request.getHeader("X-Asked")),
                request.getParameterMap().keySet().toString(),
                String.valueOf(request.isAsyncSupported()) + started)) {
            seen.append(value).append('\n');
        }
        for (String of : dispatches) {
            for (String attribute :
                    List.of("request_uri", "servlet_path", "query_string", "status_code", "message", "servlet_name")) {
                Object value = request.getAttribute("jakarta.servlet." + of + '.' + attribute);
                if (value != null) {
                    seen.append(of)
                            .append(' ')
                            .append(attribute)
                            .append('=')
                            .append(value)
                            .append('\n');
                }
            }
        }
        Object exception = request.getAttribute(RequestDispatcher.ERROR_EXCEPTION);
        if (exception != null) {
            seen.append(exception.getClass().getSimpleName().toLowerCase(Locale.ROOT));
        }
        return seen.toString();
    }
}
