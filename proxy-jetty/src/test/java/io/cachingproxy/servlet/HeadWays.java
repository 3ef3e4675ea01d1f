package io.cachingproxy.servlet;

import static io.cachingproxy.servlet.Way.way;

import jakarta.servlet.http.Cookie;
import java.util.List;
import java.util.Locale;

/** Status and headers. */
final class HeadWays {
    static final List<Way> ALL = List.of(
            way("WHAT_THE_RESPONSE_SAYS", (request, response) -> {
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
            way("COOKIES", (request, response) -> {
                Cookie cookie = new Cookie("a", "b");
                cookie.setHttpOnly(true);
                cookie.setPath("/");
                cookie.setAttribute("SameSite", "Lax");
                response.addCookie(cookie);
                response.addCookie(new Cookie("c", "d"));
                response.addHeader("Set-Cookie", "e=f");
                response.getWriter().print("cookies");
            }),
            way("STATUS_UNKNOWN", (request, response) -> {
                response.setStatus(299);
                response.getWriter().print(response.getStatus());
            }),
            way("STATUS_TWICE", (request, response) -> {
                response.setStatus(404);
                response.setStatus(201);
                response.getWriter().print(response.getStatus());
            }),
            way("HEADERS_OF_NUMBERS_AND_DATES", (request, response) -> {
                response.setIntHeader("X-Number", 1);
                response.addIntHeader("X-Number", -2);
                response.setDateHeader("X-Date", 1_000_000_000_000L);
                response.addDateHeader("X-Date", 0);
                response.setDateHeader("Expires", 4_000_000_000_000L);
                response.getWriter().print(response.getHeaders("X-Number") + " " + response.getHeaders("X-Date"));
            }),
            way("HEADERS_REPLACED", (request, response) -> {
                response.addHeader("X-A", "1");
                response.addHeader("X-A", "2");
                response.setHeader("x-a", "3");
                response.addHeader("X-B", "1");
                response.addHeader("X-b", "2");
                response.getWriter().print(response.getHeaders("X-A") + " " + response.getHeaders("x-B"));
            }),
            way("HEADERS_EMPTY_AND_NULL", (request, response) -> {
                response.setHeader("X-Empty", "");
                response.addHeader("X-Null", null);
                response.setHeader("X-Spaces", "  a  b  ");
                response.getWriter().print("a");
            }),
            way("HEADERS_NAMED", (request, response) -> {
                response.setHeader("X-B", "1");
                response.addHeader("X-A", "1");
                response.addHeader("x-b", "2");
                response.setContentType("text/plain");
                response.getWriter()
                        .print(response.getHeaderNames().stream()
                                .map(name -> name.toLowerCase(Locale.ROOT))
                                .filter(name -> name.startsWith("x-"))
                                .sorted()
                                .toList());
            }),
            way("HEADERS_LARGE", (request, response) -> {
                for (int i = 0; i < 40; i++) {
                    response.addHeader("X-Large", i + "x".repeat(50));
                }
                response.getWriter().print("a");
            }),
            way("HEADERS_AFTER_COMMIT", (request, response) -> {
                response.setHeader("X-A", "1");
                response.getWriter().print("a");
                response.flushBuffer();
                response.setHeader("X-A", "2");
                response.addHeader("X-B", "1");
                response.addCookie(new Cookie("a", "b"));
                response.setStatus(404);
                response.setDateHeader("Last-Modified", 0);
                response.getWriter().print(response.getStatus());
            }),
            way("VARY_WITH_SEVERAL", (request, response) -> {
                response.addHeader("Vary", "Accept-Language, X-Device");
                response.addHeader("Vary", "Origin");
                response.getWriter().print("a");
            }),
            way("VARY_ANY", (request, response) -> {
                response.setHeader("Vary", "*");
                response.getWriter().print("a");
            }),
            way("VALIDATORS", (request, response) -> {
                response.setHeader("ETag", "W/\"a\"");
                response.setDateHeader("Last-Modified", 1_000_000_000_000L);
                response.getWriter().print("a");
            }),
            way("LINKS", (request, response) -> {
                response.addHeader("Link", "</style.css>; rel=preload");
                response.addHeader("Link", "</script.js>; rel=preload; as=\"script\"");
                response.getWriter().print("a");
            }),
            way("COOKIES_WITH_ATTRIBUTES", (request, response) -> {
                Cookie cookie = new Cookie("a", "b");
                cookie.setMaxAge(0);
                cookie.setSecure(true);
                cookie.setPath("/path");
                cookie.setDomain("example.org");
                response.addCookie(cookie);
                Cookie partitioned = new Cookie("c", "d");
                partitioned.setAttribute("Partitioned", "");
                partitioned.setAttribute("Priority", "High");
                response.addCookie(partitioned);
                response.getWriter().print("a");
            }),
            way("COOKIES_OF_ONE_NAME", (request, response) -> {
                response.addCookie(new Cookie("a", "1"));
                response.addCookie(new Cookie("a", "2"));
                response.getWriter().print(response.getHeaders("Set-Cookie").size());
            }),
            way("COOKIES_REFUSED", (request, response) -> {
                try {
                    response.addCookie(new Cookie("a", "b\u0001c"));
                } catch (RuntimeException refused) {
                    response.setHeader("X-Refused", "1");
                }
                response.getWriter().print("a");
            }),
            way("SESSION", (request, response) -> {
                request.getSession().setAttribute("a", "b");
                response.getWriter().print(request.getSession(false).getAttribute("a"));
            }),
            way("SESSION_IN_A_LINK", (request, response) -> {
                request.getSession();
                response.setContentType("text/html;charset=utf-8");
                response.getWriter().print("<a href=\"" + response.encodeURL("/next?a=b") + "\">");
            }),
            way("SESSION_INVALIDATED", (request, response) -> {
                request.getSession().invalidate();
                response.getWriter().print(request.getSession(false) == null);
            }),
            way("SESSION_AFTER_COMMIT", (request, response) -> {
                response.getWriter().print("a");
                response.flushBuffer();
                try {
                    request.getSession();
                    response.getWriter().print("made");
                } catch (IllegalStateException refused) {
                    response.getWriter().print("refused");
                }
            }));

    private HeadWays() {}
}
