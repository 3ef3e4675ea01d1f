package io.cachingproxy.servlet;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.Target;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Enumeration;
import java.util.Locale;

/** Reads the raw head of a servlet request. */
final class RequestHeads {
    private RequestHeads() {}

    static RequestHead of(HttpServletRequest request, Target target) throws IOException {
        return new RequestHead(request.getMethod(), target, headers(request), hasBody(request));
    }

    /** The request head with which {@code servlet} fetches for this request. */
    static RequestHead of(HttpServletRequest request, FetchingServlet servlet) throws IOException {
        Headers passed = servlet.passed(headers(request));
        return new RequestHead(request.getMethod(), target(request), passed, hasBody(request));
    }

    /** The target of the request: the scheme of the connection, and the host that the client sent. */
    static Target target(HttpServletRequest request) {
        String scheme = request.getScheme().toLowerCase(Locale.ROOT);
        int port = request.getServerPort();
        boolean usual = port == (scheme.equals("https") ? 443 : 80);
        String host = request.getServerName().toLowerCase(Locale.ROOT);
        return new Target(scheme, usual ? host : host + ':' + port, pathAndQuery(request));
    }

    /** The raw path and query of the request. */
    static String pathAndQuery(HttpServletRequest request) {
        String query = request.getQueryString();
        return query == null ? request.getRequestURI() : request.getRequestURI() + '?' + query;
    }

    private static Headers headers(HttpServletRequest request) {
        Headers.Builder headers = Headers.builder();
        Enumeration<String> names = request.getHeaderNames();
        while (names.hasMoreElements()) {
            String name = names.nextElement();
            Enumeration<String> values = request.getHeaders(name);
            while (values.hasMoreElements()) {
                headers.add(name, values.nextElement());
            }
        }
        boolean split = !request.getProtocol().startsWith("HTTP/1"); // RFC 9113 §8.2.3
        return split ? headers.build().joined("Cookie", "; ") : headers.build();
    }

    /**
     * Whether the request has content. HTTP/2 needs neither Content-Length nor Transfer-Encoding for content, and
     * containers do not expose the end of the stream before a read. A GET or HEAD without content available at its head
     * therefore counts as one without content.
     */
    private static boolean hasBody(HttpServletRequest request) throws IOException {
        long length = request.getContentLengthLong();
        if (length >= 0 || request.getHeader("Transfer-Encoding") != null) {
            return length != 0;
        }
        if (!request.getProtocol().startsWith("HTTP/2")
                || request.getInputStream().isFinished()) {
            return false;
        }
        boolean usuallyWithout =
                request.getMethod().equals("GET") || request.getMethod().equals("HEAD");
        return !usuallyWithout || request.getInputStream().available() > 0;
    }
}
