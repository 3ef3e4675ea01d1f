package io.cachingproxy.jetty.front;

import io.cachingproxy.http.syntax.FieldValues;
import java.util.Set;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.api.server.ServerSessionListener;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.util.Callback;

/**
 * Resets the streams of malformed HTTP/2 requests (RFC 9113 §8.1.1) that Jetty accepts. The connection and its other
 * streams continue.
 */
public final class Http2Requests {
    /** Connection-specific header fields, which HTTP/2 forbids (RFC 9113 §8.2.2). */
    private static final Set<String> CONNECTION_SPECIFIC =
            Set.of("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "http2-settings");

    private static final long LONGEST = Long.MAX_VALUE / 16;

    private Http2Requests() {}

    /** HTTP/2 over TLS. */
    public static HTTP2ServerConnectionFactory secure(HttpConfiguration configuration) {
        return new HTTP2ServerConnectionFactory(configuration) {
            @Override
            protected ServerSessionListener newSessionListener(Connector connector, EndPoint client) {
                return new HTTPServerSessionListener(client) {
                    @Override
                    public Stream.Listener onNewStream(Stream stream, HeadersFrame frame) {
                        return isReset(stream, frame) ? Stream.Listener.AUTO_DISCARD : super.onNewStream(stream, frame);
                    }
                };
            }
        };
    }

    /** HTTP/2 in cleartext. */
    public static HTTP2ServerConnectionFactory inTheClear(HttpConfiguration configuration) {
        return new HTTP2CServerConnectionFactory(configuration) {
            @Override
            protected ServerSessionListener newSessionListener(Connector connector, EndPoint client) {
                return new HTTPServerSessionListener(client) {
                    @Override
                    public Stream.Listener onNewStream(Stream stream, HeadersFrame frame) {
                        return isReset(stream, frame) ? Stream.Listener.AUTO_DISCARD : super.onNewStream(stream, frame);
                    }
                };
            }
        };
    }

    private static boolean isReset(Stream stream, HeadersFrame frame) {
        if (!isMalformed(frame.getMetaData(), frame.isEndStream())) {
            return false;
        }
        stream.reset(new ResetFrame(stream.getId(), ErrorCode.PROTOCOL_ERROR.code), Callback.NOOP);
        return true;
    }

    private static boolean isMalformed(MetaData request, boolean ended) {
        if (request.getHttpVersion() != HttpVersion.HTTP_2) {
            return false; // upgraded from HTTP/1.1
        }
        if (request instanceof MetaData.ConnectRequest connect && connect.getProtocol() != null) {
            return true; // :protocol is for CONNECT only (RFC 8441 §4), which is not supported
        }
        Long length = null;
        for (HttpField field : request.getHttpFields()) {
            String name = field.getLowerCaseName();
            String value = field.getValue() == null ? "" : field.getValue();
            if (CONNECTION_SPECIFIC.contains(name) || (name.equals("te") && !value.equalsIgnoreCase("trailers"))) {
                return true;
            }
            if (name.equals("content-length")) {
                Long announced = FieldValues.number(value, LONGEST);
                if (length != null || announced == null || announced == LONGEST) {
                    return true;
                }
                length = announced;
            }
        }
        return ended && length != null && length != 0;
    }
}
