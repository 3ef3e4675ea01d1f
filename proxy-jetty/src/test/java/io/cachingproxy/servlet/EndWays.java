package io.cachingproxy.servlet;

import static io.cachingproxy.servlet.Way.way;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.Cookie;
import java.io.IOException;
import java.util.List;

/** Errors, error pages, exceptions and redirects. */
final class EndWays {
    static final List<Way> ALL = List.of(
            way("ERROR", (request, response) -> response.sendError(418)),
            way("ERROR_AFTER_OUTPUT", (request, response) -> {
                response.setHeader("X-A", "1");
                response.getWriter().print("dropped");
                response.sendError(404, "not here");
            }),
            way("EXCEPTION", (request, response) -> {
                response.getWriter().print("dropped");
                throw new ServletException("on purpose");
            }),
            way("REDIRECT", (request, response) -> response.sendRedirect("/elsewhere")),
            way("REDIRECT_AFTER_OUTPUT", (request, response) -> {
                response.setContentType("text/plain");
                response.getWriter().print("dropped");
                response.sendRedirect("/elsewhere");
            }),
            way("ERROR_WITH_HEADERS", (request, response) -> {
                response.setHeader("Retry-After", "120");
                response.addCookie(new Cookie("a", "b"));
                response.setContentType("application/json");
                response.sendError(503);
            }),
            way("ERROR_AFTER_COMMIT", (request, response) -> {
                        response.getWriter().print("a");
                        response.flushBuffer();
                        try {
                            response.sendError(500);
                        } catch (IllegalStateException refused) {
                            response.getWriter().print("refused");
                        }
                    })
                    .alone(),
            way("ERROR_TWICE", (request, response) -> {
                response.sendError(404);
                try {
                    response.sendError(500);
                } catch (IllegalStateException refused) {
                    // the first one stays
                }
            }),
            way("ERROR_WITH_MARKUP", (request, response) -> response.sendError(400, "<b>\"bold\"</b>")),
            way("ERROR_WITH_A_PAGE", (request, response) -> {
                response.setHeader("X-Before", "1");
                response.getWriter().print("dropped");
                response.sendError(Way.STATUS_WITH_A_PAGE, "with a page");
            }),
            way("STATUS_WITHOUT_ITS_PAGE", (request, response) -> {
                response.setStatus(Way.STATUS_WITH_A_PAGE);
                response.getWriter().print("kept");
            }),
            way("EXCEPTION_WITH_A_PAGE", (request, response) -> {
                throw new IllegalCallerException("with a page");
            }),
            way("EXCEPTION_WHOSE_CAUSE_HAS_A_PAGE", (request, response) -> {
                response.setHeader("X-Before", "1");
                response.getWriter().print("dropped");
                throw new ServletException(new IllegalCallerException("with a page"));
            }),
            way("EXCEPTION_AFTER_COMMIT", (request, response) -> {
                        response.getWriter().print("a");
                        response.flushBuffer();
                        throw new ServletException("on purpose");
                    })
                    .alone(),
            way("EXCEPTION_AFTER_MUCH", (request, response) -> {
                        response.getOutputStream().write(new byte[200_000]);
                        throw new IOException("on purpose");
                    })
                    .alone(),
            way("EXCEPTION_AFTER_A_STATUS", (request, response) -> {
                response.setStatus(202);
                response.setHeader("X-Before", "1");
                response.setContentType("application/json");
                throw new IllegalStateException("on purpose");
            }),
            way("EXCEPTION_AFTER_AN_ERROR", (request, response) -> {
                response.sendError(404);
                throw new IllegalStateException("on purpose");
            }),
            way("FAILURE_OF_THE_VM", (request, response) -> {
                throw new StackOverflowError("on purpose");
            }),
            way("REDIRECT_RELATIVE", (request, response) -> response.sendRedirect("next/page?a=b#c")),
            way("REDIRECT_WITH_A_QUERY_ONLY", (request, response) -> response.sendRedirect("?a=b")),
            way("REDIRECT_TO_ANOTHER_HOST", (request, response) -> response.sendRedirect("https://example.org/a?b=c")),
            way("REDIRECT_TO_A_NETWORK_PATH", (request, response) -> response.sendRedirect("//example.org/a")),
            way("REDIRECT_WITH_HEADERS", (request, response) -> {
                response.setHeader("X-Before", "1");
                response.addCookie(new Cookie("a", "b"));
                response.sendRedirect("/elsewhere");
                response.setHeader("X-Late", "1");
                response.getWriter().print("unsaid");
            }),
            way("REDIRECT_BY_STATUS", (request, response) -> {
                response.setStatus(303);
                response.setHeader("Location", "/elsewhere");
                response.getWriter().print("see there");
            }),
            way("REDIRECT_PERMANENT", (request, response) -> {
                response.setStatus(301);
                response.setHeader("Location", "https://example.org/");
            }),
            way("REDIRECT_AFTER_COMMIT", (request, response) -> {
                response.getWriter().print("a");
                response.flushBuffer();
                try {
                    response.sendRedirect("/elsewhere");
                } catch (IllegalStateException refused) {
                    response.getWriter().print("refused");
                }
            }),
            way(
                    "REDIRECT_ENCODED",
                    (request, response) -> response.sendRedirect(
                            response.encodeRedirectURL("/elsewhere?a=" + response.encodeURL("/b")))));

    private EndWays() {}
}
