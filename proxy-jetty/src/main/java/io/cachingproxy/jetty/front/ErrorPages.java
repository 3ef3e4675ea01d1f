package io.cachingproxy.jetty.front;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.DateGenerator;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/**
 * Error responses to requests that never reach the cache: the reason phrase of the status, without details of the
 * server or the request. Error responses must not be stored, and close the connection, since the start of the next
 * request is unknown.
 */
public final class ErrorPages extends ErrorHandler {

    @Override
    public boolean errorPageForMethod(String method) {
        return true;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        int status = response.getStatus();
        FaultLog.client(FaultLog.Subject.of(request), "refused with " + status);
        ByteBuffer page = page(status, response.getHeaders());
        ConnectionMetaData connection = request.getConnectionMetaData();
        Callback end = callback;
        if (connection.getHttpVersion().getVersion() <= HttpVersion.HTTP_1_1.getVersion()) {
            response.getHeaders().put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE);
            if (request.getMethod().equals("CONNECT")) { // Jetty keeps a connection that may become a tunnel
                EndPoint client = connection.getConnection().getEndPoint();
                end = Callback.from(callback, (Runnable) client::close);
            }
        }
        response.write(true, request.getMethod().equals("HEAD") ? null : page, end);
        return true;
    }

    private static ByteBuffer page(int status, HttpFields.Mutable fields) {
        byte[] text = (HttpStatus.getMessage(status) + "\n").getBytes(StandardCharsets.US_ASCII);
        fields.put(HttpHeader.DATE, DateGenerator.formatDate(System.currentTimeMillis()));
        fields.put(HttpHeader.CONTENT_TYPE, "text/plain;charset=utf-8");
        fields.put(HttpHeader.CONTENT_LENGTH, text.length);
        fields.put(HttpHeader.CACHE_CONTROL, "no-store");
        if (status == HttpStatus.SERVICE_UNAVAILABLE_503) {
            fields.put(HttpHeader.RETRY_AFTER, "1");
        }
        return ByteBuffer.wrap(text);
    }
}
