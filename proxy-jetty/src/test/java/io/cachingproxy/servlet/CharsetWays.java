package io.cachingproxy.servlet;

import static io.cachingproxy.servlet.Way.way;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** Content types, charsets and locales. */
final class CharsetWays {
    static final List<Way> ALL = List.of(
            way("TYPE_WITHOUT_CHARSET", (request, response) -> {
                response.setContentType("text/html");
                response.getWriter().print("grüße");
            }),
            way("WRITER_BEFORE_THE_TYPE", (request, response) -> {
                PrintWriter writer = response.getWriter();
                response.setContentType("text/html;charset=utf-8");
                writer.print("grüße");
            }),
            way("WRITER_BEFORE_THE_CHARSET", (request, response) -> {
                response.setContentType("text/plain");
                PrintWriter writer = response.getWriter();
                response.setCharacterEncoding("utf-8");
                writer.print("grüße " + response.getCharacterEncoding().toLowerCase(Locale.ROOT));
            }),
            way("LOCALE_WITH_A_CHARSET", (request, response) -> {
                response.setContentType("text/plain");
                response.setLocale(Locale.JAPANESE);
                response.getWriter().print(response.getCharacterEncoding() + response.getLocale());
            }),
            way("LOCALE_AFTER_THE_WRITER", (request, response) -> {
                response.setContentType("text/plain");
                PrintWriter writer = response.getWriter();
                response.setLocale(Locale.JAPANESE);
                writer.print(response.getCharacterEncoding());
            }),
            way("UNKNOWN_CHARSET", (request, response) -> {
                try {
                    response.setContentType("text/plain;charset=no-such");
                    response.getOutputStream().print("stream");
                } catch (IllegalArgumentException refused) {
                    response.setContentType("text/plain");
                    response.getOutputStream().print("refused");
                }
            }),
            way("JSON", (request, response) -> {
                response.setContentType("application/json");
                response.getWriter().print("{\"grüße\": \"€\"}");
            }),
            way("JSON_WITH_A_CHARSET", (request, response) -> {
                response.setContentType("application/json");
                response.setCharacterEncoding("UTF-8");
                response.getWriter().print("{\"grüße\": \"€\"}");
            }),
            way("PROBLEM_JSON", (request, response) -> {
                response.setContentType("application/problem+json");
                response.getOutputStream().print("{}");
            }),
            way("CHARSET_WITHOUT_A_TYPE", (request, response) -> {
                response.setCharacterEncoding("utf-16");
                response.getWriter().print("grüße");
            }),
            way("CHARSET_REMOVED", (request, response) -> {
                response.setContentType("text/plain");
                response.setCharacterEncoding("utf-8");
                try {
                    response.setCharacterEncoding((String) null);
                } catch (RuntimeException refused) {
                    response.setHeader("X-Refused", "1");
                }
                response.getWriter().print("grüße");
            }),
            way("CHARSET_TWICE", (request, response) -> {
                response.setContentType("text/plain;charset=utf-16");
                response.setCharacterEncoding("utf-8");
                response.getWriter().print("grüße " + response.getContentType());
            }),
            way("CHARSET_IN_QUOTES", (request, response) -> {
                response.setContentType("text/plain; charset=\"UTF-8\"");
                response.getWriter().print("grüße");
            }),
            way("CHARSET_AND_A_STREAM", (request, response) -> {
                response.setCharacterEncoding("utf-8");
                response.setContentType("text/plain");
                response.getOutputStream().write("grüße".getBytes(StandardCharsets.UTF_8));
            }),
            way("CHARSET_WITHOUT_THE_CHARACTER", (request, response) -> {
                response.setContentType("text/plain;charset=iso-8859-1");
                response.getWriter().print("10 €");
            }),
            way("CHARSET_OF_TWO_BYTES", (request, response) -> {
                response.setContentType("text/plain;charset=utf-16be");
                response.getWriter().print("grüße");
            }),
            way("TYPE_TWICE", (request, response) -> {
                response.setContentType("text/plain;charset=utf-8");
                response.setContentType("application/xml");
                response.getWriter()
                        .print("<grüße/>" + response.getCharacterEncoding().toLowerCase(Locale.ROOT));
            }),
            way("TYPE_REMOVED", (request, response) -> {
                response.setContentType("text/plain;charset=utf-8");
                response.setContentType(null);
                response.getWriter().print("grüße");
            }),
            way("TYPE_BY_A_HEADER", (request, response) -> {
                response.setHeader("Content-Type", "text/plain;charset=utf-8");
                response.getWriter()
                        .print("grüße " + response.getCharacterEncoding().toLowerCase(Locale.ROOT));
            }),
            way("TYPE_WITH_PARAMETERS", (request, response) -> {
                response.setContentType("multipart/mixed; boundary=\"a b\"; x=y");
                response.getOutputStream().print("--a b--");
            }),
            way("TYPE_AFTER_COMMIT", (request, response) -> {
                response.setContentType("text/plain");
                response.getOutputStream().print("a");
                response.flushBuffer();
                response.setContentType("text/html");
                response.setCharacterEncoding("utf-8");
                response.getOutputStream().print("b");
            }),
            way("TYPE_OF_XML", (request, response) -> {
                response.setContentType("application/xhtml+xml");
                response.getWriter().print("<grüße/>");
            }),
            way("TYPE_OF_A_SCRIPT", (request, response) -> {
                response.setContentType("text/javascript");
                response.getWriter().print("'grüße'");
            }),
            way(
                    "WRITER_WITHOUT_A_TYPE",
                    (request, response) -> response.getWriter().print("grüße " + response.getContentType())),
            way("LOCALE_AND_THEN_A_CHARSET", (request, response) -> {
                response.setLocale(Locale.JAPANESE);
                response.setContentType("text/plain;charset=utf-8");
                response.getWriter().print("grüße");
            }),
            way("LOCALE_TWICE", (request, response) -> {
                response.setContentType("text/plain");
                response.setLocale(Locale.CANADA_FRENCH);
                response.setLocale(Locale.GERMANY);
                response.setHeader("X-Locale", response.getLocale().toString());
                response.getOutputStream().print("a");
            }),
            way("LANGUAGE_BY_A_HEADER", (request, response) -> {
                response.setContentType("text/plain;charset=utf-8");
                response.addHeader("Content-Language", "de");
                response.addHeader("Content-Language", "fr");
                response.getWriter().print("grüße");
            }));

    private CharsetWays() {}
}
