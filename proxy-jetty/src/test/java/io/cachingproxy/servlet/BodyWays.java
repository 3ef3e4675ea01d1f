package io.cachingproxy.servlet;

import static io.cachingproxy.servlet.Way.way;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.ByteArrayOutputStream;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/** Streams, writers, buffers and lengths. */
final class BodyWays {
    static final List<Way> ALL = List.of(
            way("RESET_AFTER_MORE_THAN_A_BUFFER", (request, response) -> {
                response.setBufferSize(64 * 1024);
                response.setHeader("X-Gone", "1");
                response.getOutputStream().write(new byte[40_000]);
                response.reset();
                response.getWriter().print("kept " + response.isCommitted());
            }),
            way("RESET_KEEPS_NOTHING", (request, response) -> {
                response.addCookie(new Cookie("a", "b"));
                response.setContentType("text/html;charset=utf-8");
                response.setLocale(Locale.GERMAN);
                response.setStatus(404);
                response.reset();
                response.getWriter().print("kept");
            }),
            way("RESET_AFTER_COMMIT", (request, response) -> {
                response.getWriter().print("a");
                response.flushBuffer();
                try {
                    response.reset();
                    response.getWriter().print("reset");
                } catch (IllegalStateException refused) {
                    response.getWriter().print("refused");
                }
            }),
            way("BUFFER_SIZE_AFTER_OUTPUT", (request, response) -> {
                response.getOutputStream().print("a");
                try {
                    response.setBufferSize(100_000);
                    response.getOutputStream().print("set");
                } catch (IllegalStateException refused) {
                    response.getOutputStream().print("refused");
                }
            }),
            way("BUFFER_SIZE_AFTER_COMMIT", (request, response) -> {
                response.getOutputStream().print("a");
                response.flushBuffer();
                try {
                    response.setBufferSize(100_000);
                    response.getOutputStream().print("set");
                } catch (IllegalStateException refused) {
                    response.getOutputStream().print("refused");
                }
            }),
            way("NO_CONTENT", (request, response) -> response.setStatus(204)),
            way("EMPTY", (request, response) -> response.setHeader("X-A", "1")),
            way("EMPTY_WITH_A_TYPE", (request, response) -> {
                response.setContentType("text/html");
                response.setContentLength(0);
            }),
            way("CLOSED", (request, response) -> {
                response.setContentType("text/plain;charset=utf-8");
                PrintWriter writer = response.getWriter();
                writer.print("said");
                writer.close();
                writer.print("unsaid");
                response.setHeader("X-Late", "1");
            }),
            way("RESET_OF_THE_BUFFER", (request, response) -> {
                response.setHeader("X-Kept", "1");
                response.setStatus(202);
                response.getWriter().print("dropped");
                response.resetBuffer();
                response.getWriter().print("kept");
            }),
            way("RESET_OF_THE_BUFFER_KEEPS_THE_WRITER", (request, response) -> {
                response.getWriter().print("dropped");
                response.resetBuffer();
                try {
                    response.getOutputStream().print("stream");
                } catch (IllegalStateException refused) {
                    response.getWriter().print("refused");
                }
            }),
            way("RESET_FROM_A_WRITER_TO_A_STREAM", (request, response) -> {
                response.getWriter().print("dropped");
                response.reset();
                response.getOutputStream().print("stream");
            }),
            way("BUFFER_OF_A_SIZE", (request, response) -> {
                response.setBufferSize(20_000);
                response.getWriter().print(response.getBufferSize() >= 20_000);
            }),
            way("BUFFER_OVERFLOWS", (request, response) -> {
                response.setBufferSize(10_000);
                response.getOutputStream().write(new byte[9_000]);
                boolean before = response.isCommitted();
                response.getOutputStream().write(new byte[100_000]);
                response.getOutputStream().print(before + " " + response.isCommitted());
                response.setHeader("X-Late", "1");
                response.setStatus(500);
            }),
            way("STREAM_AND_WRITER", (request, response) -> {
                response.getOutputStream().print("stream");
                try {
                    response.getWriter().print("writer");
                } catch (IllegalStateException refused) {
                    response.getOutputStream().print(" only");
                }
            }),
            way("STREAM_BYTE_BY_BYTE", (request, response) -> {
                for (int i = 0; i < 30_000; i++) {
                    response.getOutputStream().write(i);
                }
            }),
            way("STREAM_PRINTS", (request, response) -> {
                ServletOutputStream out = response.getOutputStream();
                out.print(1);
                out.println(true);
                out.print(1.5);
                out.println('c');
                out.print(7L);
                out.println();
                try {
                    out.print("\u20ac");
                } catch (CharConversionException refused) {
                    out.print("refused");
                }
            }),
            way("STREAM_IN_PIECES_OF_NOTHING", (request, response) -> {
                response.getOutputStream().write(new byte[0]);
                response.getOutputStream().write(new byte[10], 5, 0);
                response.getOutputStream().print("a");
                response.getOutputStream().write(new byte[0]);
            }),
            way("STREAM_REUSES_ITS_ARRAY", (request, response) -> {
                byte[] bytes = new byte[3_000];
                for (int i = 0; i < 20; i++) {
                    Arrays.fill(bytes, (byte) ('a' + i));
                    response.getOutputStream().write(bytes);
                }
            }),
            way("STREAM_CLOSED", (request, response) -> {
                response.getOutputStream().print("said");
                response.getOutputStream().close();
                response.setStatus(500);
                response.setHeader("X-Late", "1");
            }),
            way("STREAM_FLUSHED_FIRST", (request, response) -> {
                response.flushBuffer();
                response.setHeader("X-Late", "1");
                response.setStatus(404);
                response.getOutputStream().print("a" + response.isCommitted() + response.getStatus());
            }),
            way("WRITER_SPLITS_A_CHARACTER", (request, response) -> {
                response.setContentType("text/plain;charset=utf-8");
                response.getWriter().write("\ud83d");
                response.getWriter().write('\ude00');
                response.getWriter().write("\ud83d\ude00".toCharArray(), 0, 1);
                response.getWriter().write("\ud83d\ude00".toCharArray(), 1, 1);
            }),
            way("WRITER_OF_MUCH", (request, response) -> {
                response.setContentType("text/plain;charset=utf-8");
                response.getWriter().write("\u20ac\ud83d\ude00".repeat(10_000));
            }),
            way("WRITER_FORMATS", (request, response) -> {
                response.setContentType("text/plain;charset=utf-8");
                PrintWriter writer = response.getWriter();
                writer.printf(Locale.ROOT, "%05d %s%n", 42, "grüße");
                writer.append("appended").append('c').append("subsequence", 0, 3);
                writer.println(1.5);
                writer.println((Object) null);
                writer.print(writer.checkError());
            }),
            way("WRITER_FLUSHED_EACH_TIME", (request, response) -> {
                response.setContentType("text/plain;charset=utf-8");
                for (int i = 0; i < 3; i++) {
                    response.getWriter().print("grüße " + i);
                    response.getWriter().flush();
                }
            }),
            way("LENGTH_EXACT", (request, response) -> {
                response.setContentType("text/plain;charset=utf-8");
                response.setContentLength(5);
                response.getWriter().print("exact");
            }),
            way("LENGTH_AS_A_LONG", (request, response) -> {
                response.setContentLengthLong(50_000L);
                response.getOutputStream().write(new byte[50_000]);
            }),
            way("LENGTH_BY_A_HEADER", (request, response) -> {
                response.setIntHeader("Content-Length", 3);
                response.getOutputStream().print("abc");
            }),
            way("LENGTH_TWICE", (request, response) -> {
                response.setContentLength(8);
                response.setContentLength(3);
                response.getOutputStream().print("abc");
            }),
            way("LENGTH_FORGOTTEN_BY_A_RESET", (request, response) -> {
                response.setContentLength(3);
                response.reset();
                response.getOutputStream().print("more than three");
            }),
            way("LENGTH_TOO_LARGE", (request, response) -> {
                        response.setContentLength(100);
                        response.getOutputStream().print("less");
                    })
                    .alone(),
            way("LENGTH_TOO_LARGE_AND_FLUSHED", (request, response) -> {
                        response.setContentLength(100);
                        response.getOutputStream().print("less");
                        response.flushBuffer();
                    })
                    .alone(),
            way("LENGTH_OF_WHAT_A_HEAD_LACKS", (request, response) -> response.setContentLength(100))
                    .asked("HEAD"),
            way("NOT_MODIFIED_WITH_OUTPUT", (request, response) -> {
                response.setStatus(304);
                response.setHeader("ETag", "\"a\"");
            }),
            way("RESET_CONTENT", (request, response) -> response.setStatus(205)),
            way("CODED_BY_THE_SERVLET", (request, response) -> {
                response.setContentType("text/plain;charset=utf-8");
                response.setHeader("Content-Encoding", "gzip");
                response.setHeader("Vary", "Accept-Encoding");
                response.getOutputStream().write(gzip("grüße".repeat(100)));
            }),
            way("CODED_BY_A_FILTER_BENEATH", (request, response) -> {
                ByteArrayOutputStream text = new ByteArrayOutputStream();
                HttpServletResponse inner = new HttpServletResponseWrapper(response) {
                    private final PrintWriter writer = new PrintWriter(text, false, StandardCharsets.UTF_8);

                    @Override
                    public PrintWriter getWriter() {
                        return writer;
                    }
                };
                inner.setContentType("text/plain;charset=utf-8");
                inner.getWriter().print("grüße".repeat(100));
                inner.getWriter().flush();
                byte[] bytes = gzip(text.toString(StandardCharsets.UTF_8));
                response.setHeader("Content-Encoding", "gzip");
                response.setContentLength(bytes.length);
                response.getOutputStream().write(bytes);
            }),
            way("TRAILERS", (request, response) -> {
                response.setHeader("Cache-Control", "no-store"); // the cache keeps no trailers
                response.setHeader("Trailer", "X-Sum");
                response.setTrailerFields(() -> Map.of("X-Sum", "42"));
                response.getOutputStream().print("a");
                response.flushBuffer();
                response.getOutputStream().print("b");
            }));

    private BodyWays() {}

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }
}
