package io.cachingproxy.jetty.hit;

import io.cachingproxy.jetty.front.ClientEndPoint;
import io.cachingproxy.jetty.front.ServerContent;
import io.cachingproxy.net.Sockets;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HostPortHttpField;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpGenerator;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.internal.HttpConnection;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * A client connection over HTTP/1. Corrects Jetty where it reads requests differently from RFC 9110 and 9112, or ends a
 * truncated response as if it were complete:
 *
 * <ul>
 *   <li>Expect and Upgrade in HTTP/1.0, and upgrades to h2c, which RFC 9113 §3.1 has deprecated, are ignored.
 *   <li>The port of Host may be empty.
 *   <li>The HTTP version is case-sensitive.
 *   <li>A response that is delimited by the end of the connection and breaks off ends with a TCP reset.
 *   <li>A chunk is sent with the CRLF that completes it: {@link ChunkGenerator}.
 * </ul>
 */
class ClientConnection extends HttpConnection {
    /** Set while the superclass constructor runs, before that constructor creates the parser. */
    private @Nullable RequestHandler handler;

    ClientConnection(HttpConfiguration configuration, Connector connector, EndPoint client) {
        super(configuration, connector, client);
    }

    @Override
    protected RequestHandler newRequestHandler() {
        RequestHandler made = new RequestHandler() {
            @Override
            public void startRequest(String method, String uri, HttpVersion version) {
                if (getParser() instanceof RequestLineParser parser && parser.isVersionInLowerCase()) { // RFC 9112 §2.3
                    throw new HttpException.RuntimeException(HttpStatus.BAD_REQUEST_400);
                }
                super.startRequest(method, uri, version);
            }
        };
        handler = made;
        return made;
    }

    @Override
    protected HttpGenerator newHttpGenerator() {
        return new ChunkGenerator();
    }

    @Override
    protected HttpParser newHttpParser(HttpCompliance compliance) {
        HttpConfiguration configuration = getHttpConfiguration();
        HttpParser parser = new RequestLineParser(
                Objects.requireNonNull(handler), configuration.getRequestHeaderSize(), compliance);
        parser.setHeaderCacheSize(configuration.getHeaderCacheSize());
        parser.setHeaderCacheCaseSensitive(configuration.isHeaderCacheCaseSensitive());
        return parser;
    }

    @Override
    protected HttpStreamOverHTTP1 newHttpStream(String method, String uri, HttpVersion version) {
        return new ClientStream(method, uri, version);
    }

    private @Nullable ClientEndPoint socket() {
        return Sockets.of(getEndPoint()) instanceof ClientEndPoint socket ? socket : null;
    }

    /** One request and response. */
    private final class ClientStream extends HttpStreamOverHTTP1 {
        private final boolean old;
        private final List<HttpField> upgrades = new ArrayList<>(0);
        private boolean asksForUpgrade;
        private boolean expects;
        private volatile boolean interim;
        private volatile boolean counted;
        /** Whether all of the response was written; a failure after that is unread content of the request. */
        private volatile boolean written;

        ClientStream(String method, String uri, HttpVersion version) {
            super(method, uri, version);
            this.old = version.getVersion() < HttpVersion.HTTP_1_1.getVersion();
        }

        @Override
        public void parsedHeader(HttpField field) {
            HttpHeader header = field.getHeader();
            if (header == HttpHeader.UPGRADE) {
                upgrades.add(field);
            } else if (header == HttpHeader.HOST) {
                super.parsedHeader(host(field));
            } else if (header != HttpHeader.EXPECT || !old) { // RFC 9110 §10.1.1
                expects |= header == HttpHeader.EXPECT;
                asksForUpgrade |= header == HttpHeader.CONNECTION && field.contains("upgrade");
                super.parsedHeader(field);
            }
        }

        @Override
        public Runnable headerComplete() {
            for (HttpField upgrade : upgrades) { // RFC 9110 §7.8
                if (!old && asksForUpgrade && !upgrade.contains("h2c")) {
                    super.parsedHeader(upgrade);
                }
            }
            return super.headerComplete();
        }

        @Override
        public void send(
                MetaData.Request request,
                MetaData.Response response,
                boolean last,
                ByteBuffer content,
                Callback callback) {
            if (response != null) {
                interim = response.getStatus() < HttpStatus.OK_200;
                counted = response.getContentLength() >= 0
                        || response.getHttpFields().contains(HttpHeader.CONTENT_LENGTH);
            }
            unfinished(!last && !counted && !interim);
            boolean chunk = !last && !counted && !old && content != null && content.hasRemaining();
            ByteBuffer sent =
                    chunk && getGenerator() instanceof ChunkGenerator chunks ? chunks.completed(content) : content;
            boolean persistent = getGenerator().isPersistent();
            super.send(request, response, last, sent, last ? noting(callback) : callback);
            if (expects && response != null && interim) { // Jetty takes any status but 100 for a final one
                getGenerator().setPersistent(persistent);
            }
        }

        private Callback noting(Callback callback) {
            Runnable success = () -> {
                written = true;
                callback.succeeded();
            };
            return Callback.from(callback.getInvocationType(), success, callback::failed);
        }

        @Override
        public void failed(Throwable cause) {
            if (written && !getGenerator().isPersistent()) {
                linger();
                super.succeeded();
                return;
            }
            boolean cut =
                    getGenerator().isCommitted() && !counted && !getGenerator().isChunking();
            unfinished(cut);
            ClientEndPoint socket = socket();
            if (cut && socket != null) {
                socket.close(cause); // before the TLS close_notify
            }
            super.failed(cause);
        }

        @Override
        public void succeeded() {
            if (expects && !getGenerator().isPersistent()) {
                linger();
            }
            super.succeeded();
        }

        /** Drops content that no one reads, until the client closes the connection. */
        private void linger() {
            if (getParser() instanceof RequestLineParser parser) {
                parser.linger();
                getEndPoint().setIdleTimeout(TimeUnit.SECONDS.toMillis(ServerContent.LINGERING_SECONDS));
            }
        }

        private void unfinished(boolean value) {
            ClientEndPoint socket = socket();
            if (socket != null) {
                socket.unfinished(value);
            }
        }
    }

    /** An empty port means the default port (RFC 9110 §4.2.3). Any other invalid host throws, as in Jetty's parser. */
    private static HttpField host(HttpField field) {
        String value = field.getValue() == null ? "" : field.getValue();
        return new HostPortHttpField(value.endsWith(":") ? value.substring(0, value.length() - 1) : value);
    }
}
