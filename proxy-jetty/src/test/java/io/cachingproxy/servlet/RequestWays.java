package io.cachingproxy.servlet;

import static io.cachingproxy.servlet.Way.way;

import io.cachingproxy.testkit.Scenario;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.List;

/** Methods, conditions, ranges and bodies of requests. */
final class RequestWays {
    static final List<Way> ALL = List.of(
            way("SEEN", (request, response) -> response.getWriter().print(Way.seen(request, "forward", "async"))),
            way(
                            "SEEN_WITH_HEADERS",
                            (request, response) -> response.getWriter()
                                    .print(Way.seen(request, "forward", "async")
                                            + request.getHeaders("X-Asked").hasMoreElements()
                                            + request.getDateHeader("X-Date")
                                            + request.getIntHeader("X-Number")
                                            + Collections.list(request.getLocales())))
                    .asked(
                            "GET",
                            "X-Asked: yes",
                            "X-Date: Sun, 09 Sep 2001 01:46:40 GMT",
                            "X-Number: 7",
                            "Accept-Language: de, fr;q=0.5"),
            way("HEAD_OF_A_PAGE", (request, response) -> {
                        response.setContentType("text/plain;charset=utf-8");
                        response.setHeader("X-A", "1");
                        response.getWriter().print("grüße");
                    })
                    .asked("HEAD"),
            way(
                            "HEAD_OF_MUCH",
                            (request, response) -> response.getOutputStream().write(new byte[50_000]))
                    .asked("HEAD"),
            way("HEAD_BY_THE_SERVLET_CLASS", servlet()).asked("HEAD"),
            way("HEAD_OF_AN_ERROR", (request, response) -> response.sendError(404))
                    .asked("HEAD"),
            way("GET_BY_THE_SERVLET_CLASS", servlet()),
            way("GET_IF_MODIFIED_SINCE", servlet()).asked("GET", "If-Modified-Since: Sun, 09 Sep 2001 01:46:40 GMT"),
            way("GET_IF_MODIFIED_SINCE_LONG_AGO", servlet())
                    .asked("GET", "If-Modified-Since: Sat, 08 Sep 2001 01:46:40 GMT"),
            way("GET_IF_NONE_MATCH", (request, response) -> {
                        response.setHeader("ETag", "\"a\"");
                        if ("\"a\"".equals(request.getHeader("If-None-Match"))) {
                            response.setStatus(304);
                        } else {
                            response.getWriter().print("a");
                        }
                    })
                    .asked("GET", "If-None-Match: \"a\""),
            way("GET_A_RANGE", (request, response) -> {
                        response.setStatus(206);
                        response.setHeader("Content-Range", "bytes 2-4/10");
                        response.setHeader("ETag", "\"a\"");
                        response.setContentType("text/plain");
                        response.setContentLength(3);
                        response.getOutputStream().print("cde");
                    })
                    .asked("GET", "Range: bytes=2-4"),
            way("GET_A_RANGE_THAT_IS_NOT_THERE", (request, response) -> {
                        response.setHeader("Content-Range", "bytes */10");
                        response.sendError(416);
                    })
                    .asked("GET", "Range: bytes=20-"),
            way(
                            "GET_WITH_A_BODY",
                            (request, response) -> response.getOutputStream()
                                    .write(request.getInputStream().readAllBytes()))
                    .asked("GET")
                    .sent("body"),
            way(
                            "POST_A_FORM",
                            (request, response) -> response.getWriter()
                                    .print(request.getParameter("a")
                                            + request.getParameterMap().keySet()))
                    .asked("POST", "Content-Type: application/x-www-form-urlencoded")
                    .sent("a=b%20c&d=e"),
            way(
                            "POST_TEXT",
                            (request, response) -> response.getWriter()
                                    .print(request.getReader().readLine() + request.getCharacterEncoding()))
                    .asked("POST", "Content-Type: text/plain;charset=iso-8859-1")
                    .sent("gr\u00fc\u00dfe"),
            way(
                            "POST_MUCH",
                            (request, response) -> response.getWriter()
                                    .print(request.getInputStream().readAllBytes().length))
                    .asked("POST", "Content-Type: application/octet-stream")
                    .sent("x".repeat(100_000)),
            way("POST_AND_A_REDIRECT", (request, response) -> {
                        request.getInputStream().readAllBytes();
                        response.setStatus(303);
                        response.setHeader("Location", "/created");
                    })
                    .asked("POST")
                    .sent("a"),
            way("POST_UNREAD", (request, response) -> response.getWriter().print("unread"))
                    .asked("POST")
                    .sent("a".repeat(1_000)),
            way("PUT", (request, response) -> {
                        response.setStatus(201);
                        response.setHeader("Location", "/created");
                        response.getWriter().print(request.getReader().readLine());
                    })
                    .asked("PUT", "Content-Type: application/json")
                    .sent("{}"),
            way("DELETE", (request, response) -> response.setStatus(204)).asked("DELETE"),
            way("PATCH", (request, response) -> {
                        response.setContentType("application/json");
                        response.getOutputStream()
                                .write(request.getInputStream().readAllBytes());
                    })
                    .asked("PATCH", "Content-Type: application/merge-patch+json")
                    .sent("{\"a\":1}"),
            way("OPTIONS", (request, response) -> response.setHeader("Allow", "GET, HEAD, OPTIONS"))
                    .asked("OPTIONS"),
            way("TRACE", servlet()).asked("TRACE"),
            way("METHOD_UNKNOWN", servlet()).asked("BREW"),
            way("METHOD_NOT_SUPPORTED", servlet()).asked("PUT"));

    private RequestWays() {}

    /** An HttpServlet that answers GET, and knows when its page was modified. */
    private static Scenario servlet() {
        HttpServlet servlet = new HttpServlet() {
            @Override
            protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
                response.setContentType("text/plain;charset=utf-8");
                response.getWriter().print("grüße");
            }

            @Override
            protected long getLastModified(HttpServletRequest request) {
                return 1_000_000_000_000L;
            }
        };
        return servlet::service;
    }
}
