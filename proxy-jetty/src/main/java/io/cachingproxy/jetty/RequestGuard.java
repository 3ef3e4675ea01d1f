package io.cachingproxy.jetty;

import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;

/**
 * Refuses requests that the parser lets pass although the next one on the way might read them in another way. A few
 * comparisons each, before anything else happens.
 */
final class RequestGuard implements HttpConfiguration.Customizer {
    /** What stands for bytes that are not UTF-8: two different targets would become the same. */
    private static final char UNREADABLE = '\ufffd';

    private final int maxHeaders;
    private final String scheme;

    /**
     * A guard.
     *
     * @param maxHeaders how many field lines a request may have
     * @param scheme the one of the connections
     */
    RequestGuard(int maxHeaders, String scheme) {
        this.maxHeaders = maxHeaders;
        this.scheme = scheme;
    }

    @Override
    public Request customize(Request request, HttpFields.Mutable responseHeaders) {
        HttpFields fields = request.getHeaders();
        if (fields.size() > maxHeaders) {
            throw new HttpException.RuntimeException(HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE_431);
        }
        if (request.getMethod().equals("CONNECT")) { // here, because Jetty keeps the connection if it is answered
            throw new HttpException.RuntimeException(HttpStatus.NOT_IMPLEMENTED_501);
        }
        String coding = fields.get(HttpHeader.TRANSFER_ENCODING);
        if (coding != null && (!coding.equalsIgnoreCase("chunked") || isOld(request))) { // RFC 9112 §6.1
            throw refused();
        }
        HttpURI uri = request.getHttpURI();
        if ((uri.getScheme() != null && !uri.getScheme().equals(scheme)) || uri.getUser() != null) {
            throw refused();
        }
        if (!isForwardable(uri, request.getMethod()) || uri.getFragment() != null) {
            throw refused();
        }
        return request;
    }

    private static boolean isOld(Request request) {
        return request.getConnectionMetaData().getHttpVersion().getVersion() < HttpVersion.HTTP_1_1.getVersion();
    }

    private static boolean isForwardable(HttpURI uri, String method) {
        String path = uri.getPath();
        if (path == null || path.isEmpty()) {
            return false;
        }
        String query = uri.getQuery();
        boolean origin = path.charAt(0) == '/' || (path.equals("*") && method.equals("OPTIONS"));
        return origin && isOneWord(path) && (query == null || isOneWord(query));
    }

    /** Whether it stays one word of a request line: HTTP/2 can carry spaces and control characters in {@code :path}. */
    private static boolean isOneWord(String part) {
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            if (c <= ' ' || c == 0x7f || c == UNREADABLE) {
                return false;
            }
        }
        return true;
    }

    private static HttpException.RuntimeException refused() {
        return new HttpException.RuntimeException(HttpStatus.BAD_REQUEST_400);
    }
}
