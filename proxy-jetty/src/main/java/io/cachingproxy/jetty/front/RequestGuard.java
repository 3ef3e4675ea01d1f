package io.cachingproxy.jetty.front;

import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;

/**
 * Refuses requests that Jetty's parser accepts but the next server might parse differently (request smuggling). Costs a
 * few comparisons per request, before any other processing.
 */
public final class RequestGuard implements HttpConfiguration.Customizer {
    private final int maxHeaders;
    private final String scheme;

    /**
     * @param maxHeaders maximum number of field lines in a request
     * @param scheme the scheme of the listener
     */
    public RequestGuard(int maxHeaders, String scheme) {
        this.maxHeaders = maxHeaders;
        this.scheme = scheme;
    }

    @Override
    public Request customize(Request request, HttpFields.Mutable responseHeaders) {
        HttpFields fields = request.getHeaders();
        if (fields.size() > maxHeaders) {
            throw new HttpException.RuntimeException(HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE_431);
        }
        if (request.getMethod().equals("CONNECT")) { // a normal response would let Jetty keep the connection
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

    /** Whether a target is valid in a request line, and forwarded. Jetty refuses paths that lead above the root. */
    public static boolean isForwardable(String method, String target) {
        try {
            HttpURI uri = HttpURI.from(target.startsWith("/") ? "http://any" + target : target); // "//a/b" is a path
            return isForwardable(uri, method) && uri.getFragment() == null && uri.getCanonicalPath() != null;
        } catch (RuntimeException malformed) {
            return false;
        }
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

    /**
     * Whether the text is a single word in a request line: {@code :path} in HTTP/2 can have spaces and control
     * characters. Characters outside ASCII must be percent-encoded (RFC 3986 §2.1); Jetty decodes them, so that they could
     * not be forwarded byte for byte.
     */
    private static boolean isOneWord(String part) {
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            if (c <= ' ' || c >= 0x7f) {
                return false;
            }
        }
        return true;
    }

    private static HttpException.RuntimeException refused() {
        return new HttpException.RuntimeException(HttpStatus.BAD_REQUEST_400);
    }
}
