package io.cachingproxy.servlet;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.Target;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Enumeration;
import java.util.Locale;

/** Reads the head of a servlet request: raw, as it came. */
public final class RequestHeads {
    private RequestHeads() {}

    public static RequestHead of(HttpServletRequest request, Target target) throws IOException {
        return new RequestHead(request.getMethod(), target, headers(request), hasBody(request));
    }

    /** What {@code servlet} is to fetch for this request. */
    public static RequestHead of(HttpServletRequest request, FetchingServlet servlet) throws IOException {
        Headers passed = servlet.passed(headers(request));
        return new RequestHead(request.getMethod(), target(request), passed, hasBody(request));
    }

    /** The target by the connection's scheme, and the host that the client named. */
    public static Target target(HttpServletRequest request) {
        String scheme = request.getScheme().toLowerCase(Locale.ROOT);
        int port = request.getServerPort();
        boolean usual = port == (scheme.equals("https") ? 443 : 80);
        String host = request.getServerName().toLowerCase(Locale.ROOT);
        return new Target(scheme, usual ? host : host + ':' + port, pathAndQuery(request));
    }

    /** The raw path and query. */
    public static String pathAndQuery(HttpServletRequest request) {
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
     * Whether content follows; HTTP/2 says so neither by Content-Length nor by Transfer-Encoding. Containers do not tell
     * its end before it was read: a GET or HEAD whose content is not there with its head passes as one without.
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
