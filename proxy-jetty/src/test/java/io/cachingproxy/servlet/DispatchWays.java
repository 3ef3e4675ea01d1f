package io.cachingproxy.servlet;

import static io.cachingproxy.servlet.Way.way;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Locale;

/** Forwards and includes. */
final class DispatchWays {
    static final List<Way> ALL = List.of(
            way(
                    "FORWARD",
                    (request, response) -> request.getRequestDispatcher("/page").forward(request, response)),
            way(
                    "FORWARD_TO_MUCH",
                    (request, response) -> request.getRequestDispatcher("/much").forward(request, response)),
            way(
                    "FORWARD_TO_A_STREAM",
                    (request, response) ->
                            request.getRequestDispatcher("/bytes").forward(request, response)),
            way(
                    "FORWARD_TO_NOTHING",
                    (request, response) ->
                            request.getRequestDispatcher("/nothing").forward(request, response)),
            way(
                    "FORWARD_TO_AN_ERROR",
                    (request, response) ->
                            request.getRequestDispatcher("/error").forward(request, response)),
            way(
                    "FORWARD_BY_THE_CONTEXT",
                    (request, response) -> request.getServletContext()
                            .getRequestDispatcher("/page")
                            .forward(request, response)),
            way("FORWARD_AFTER_OUTPUT", (request, response) -> {
                response.getWriter().print("dropped");
                request.getRequestDispatcher("/page").forward(request, response);
            }),
            way("INCLUDE", (request, response) -> {
                response.setContentType("text/html;charset=utf-8");
                response.getWriter().print("before ");
                request.getRequestDispatcher("/page").include(request, response);
                response.getWriter().print(" after");
            }),
            way("INCLUDE_WITH_A_LENGTH_AND_A_STATUS", (request, response) -> {
                response.setContentType("text/plain;charset=utf-8");
                response.getWriter().print("before ");
                request.getRequestDispatcher("/fragment").include(request, response);
                response.getWriter().print(" after, and much more than the fragment said");
            }),
            way("INCLUDE_MUCH", (request, response) -> {
                response.setContentType("text/plain;charset=utf-8");
                response.setHeader("X-Page", "1");
                response.getWriter().print("before ");
                request.getRequestDispatcher("/much").include(request, response);
                response.getWriter().print(" after");
            }),
            way("INCLUDE_BYTES", (request, response) -> {
                response.setHeader("X-Page", "1");
                response.getOutputStream().print("before ");
                request.getRequestDispatcher("/bytes").include(request, response);
                response.getOutputStream().print(" after");
            }),
            way(
                    "EXCEPTION_IN_A_FORWARD",
                    (request, response) ->
                            request.getRequestDispatcher("/exception").forward(request, response)),
            way(
                    "FORWARD_CHAIN",
                    (request, response) -> request.getRequestDispatcher("/hop").forward(request, response)),
            way(
                    "FORWARD_WITH_ATTRIBUTES",
                    (request, response) ->
                            request.getRequestDispatcher("/seen?b=c").forward(request, response)),
            way(
                    "FORWARD_TO_A_REDIRECT",
                    (request, response) ->
                            request.getRequestDispatcher("/redirect").forward(request, response)),
            way(
                    "FORWARD_TO_AN_INCLUDE",
                    (request, response) ->
                            request.getRequestDispatcher("/including").forward(request, response)),
            way(
                    "FORWARD_TO_ASYNC",
                    (request, response) ->
                            request.getRequestDispatcher("/async").forward(request, response)),
            way("FORWARD_BY_NAME", (request, response) -> named(request, response, true)),
            way("FORWARD_WITH_HEADERS_BEFORE", (request, response) -> {
                response.setHeader("X-Before", "1");
                response.addCookie(new Cookie("before", "1"));
                response.setStatus(202);
                request.getRequestDispatcher("/page").forward(request, response);
            }),
            way("FORWARD_AND_OUTPUT_AFTER_IT", (request, response) -> {
                request.getRequestDispatcher("/page").forward(request, response);
                response.setHeader("X-Late", "1");
                response.getWriter().print("unsaid");
            }),
            way("FORWARD_AFTER_COMMIT", (request, response) -> {
                response.getWriter().print("a");
                response.flushBuffer();
                try {
                    request.getRequestDispatcher("/page").forward(request, response);
                } catch (IllegalStateException refused) {
                    response.getWriter().print("refused");
                }
            }),
            way(
                    "FORWARD_WRAPPED",
                    (request, response) -> request.getRequestDispatcher("/page")
                            .forward(new HttpServletRequestWrapper(request), new HttpServletResponseWrapper(response) {
                                @Override
                                public void setHeader(String name, String value) {
                                    super.setHeader(name + "-Wrapped", value);
                                }
                            })),
            way("INCLUDE_WITH_ATTRIBUTES", (request, response) -> {
                response.getWriter().print("before ");
                request.getRequestDispatcher("/seen?b=c").include(request, response);
            }),
            way("INCLUDE_NESTED", (request, response) -> {
                response.setContentType("text/html;charset=utf-8");
                request.getRequestDispatcher("/including").include(request, response);
                request.getRequestDispatcher("/including").include(request, response);
            }),
            way("INCLUDE_BY_NAME", (request, response) -> {
                response.getWriter().print("before ");
                named(request, response, false);
                response.getWriter().print(" after");
            }),
            way("INCLUDE_A_FLUSH", (request, response) -> {
                response.getWriter().print("before ");
                request.getRequestDispatcher("/flushed").include(request, response);
                response.getWriter().print("after");
            }),
            way("INCLUDE_A_REDIRECT", (request, response) -> {
                response.getWriter().print("before ");
                request.getRequestDispatcher("/redirect").include(request, response);
                response.getWriter().print("after");
            }),
            way("INCLUDE_AN_EXCEPTION", (request, response) -> {
                response.getWriter().print("before ");
                try {
                    request.getRequestDispatcher("/exception").include(request, response);
                } catch (ServletException thrown) {
                    response.getWriter().print("caught");
                }
            }),
            way("INCLUDE_WHAT_IS_CAUGHT_BY_A_WRAPPER", (request, response) -> {
                StringWriter caught = new StringWriter();
                request.getRequestDispatcher("/page").include(request, new HttpServletResponseWrapper(response) {
                    @Override
                    public PrintWriter getWriter() {
                        return new PrintWriter(caught, true);
                    }
                });
                response.setContentType("text/plain;charset=utf-8");
                response.getWriter().print(caught.toString().toUpperCase(Locale.ROOT));
            }));

    private DispatchWays() {}

    /** Dispatches the request once more to the servlet, by its name. */
    private static void named(HttpServletRequest request, HttpServletResponse response, boolean forward)
            throws IOException, ServletException {
        if (request.getAttribute("again") != null) {
            response.setHeader("X-Named", "1");
            response.getWriter().print("named " + request.getRequestURI());
            return;
        }
        request.setAttribute("again", true);
        RequestDispatcher dispatcher = request.getServletContext().getNamedDispatcher("servlet");
        if (forward) {
            dispatcher.forward(request, response);
        } else {
            dispatcher.include(request, response);
        }
    }
}
