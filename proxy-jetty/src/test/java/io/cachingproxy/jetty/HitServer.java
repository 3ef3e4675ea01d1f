package io.cachingproxy.jetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.Answer;
import io.cachingproxy.jetty.front.AnswerSender;
import io.cachingproxy.jetty.front.CertificateFiles;
import io.cachingproxy.jetty.front.ErrorPages;
import io.cachingproxy.jetty.front.JettyResponse;
import io.cachingproxy.jetty.front.PendingWrites;
import io.cachingproxy.jetty.front.Periodic;
import io.cachingproxy.jetty.front.TlsIdentity;
import io.cachingproxy.jetty.hit.HitConnection;
import io.cachingproxy.jetty.hit.OnlyHit;
import io.cachingproxy.testkit.Certificates;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/** A server that gives the same answers on the connection and from a handler, and counts what came to the handler. */
final class HitServer implements AutoCloseable {
    final ArrayByteBufferPool.Tracking buffers = new ArrayByteBufferPool.Tracking();
    final AtomicInteger handled = new AtomicInteger();
    final ServerConnector connector;
    private final PendingWrites pending = new PendingWrites();
    private final @Nullable Certificates identity;
    private final Server server = new Server(new QueuedThreadPool(), null, buffers);

    /**
     * A server.
     *
     * @param answers a new one for each method and target
     */
    HitServer(BiFunction<String, String, Answer> answers, Limits limits) throws Exception {
        this(answers, limits, null);
    }

    /**
     * A server over TLS.
     *
     * @param identity null: in the clear
     */
    HitServer(BiFunction<String, String, Answer> answers, Limits limits, @Nullable Certificates identity)
            throws Exception {
        this.identity = identity;
        SslContextFactory.Server tls =
                identity == null ? null : new TlsIdentity(CertificateFiles.of(identity.chain(), identity.key())).tls();
        HitConnection.Cache cache = (request, client) -> new OnlyHit(answers.apply(request.method(), request.target()));
        connector = Listener.of(server, cache, pending, limits, tls, null);
        server.addBean(new Periodic(connector.getScheduler(), pending));
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setErrorHandler(new ErrorPages());
        server.setDynamic(false);
        server.setHandler(new Handler.Abstract.NonBlocking() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                handled.incrementAndGet();
                String target = request.getHttpURI().getPathQuery();
                AnswerSender.send(
                        answers.apply(request.getMethod(), target),
                        pending,
                        new JettyResponse(null, response, callback));
                return true;
            }
        });
        server.start();
    }

    HttpConfiguration configuration() {
        return connector.getConnectionFactory(HttpConnectionFactory.class).getHttpConfiguration();
    }

    int port() {
        return connector.getLocalPort();
    }

    /** The only connection that there is. */
    Connection connection() {
        return connector.getConnectedEndPoints().iterator().next().getConnection();
    }

    /** A client that gives up after 5 s without a byte, whose kernel takes but a few bytes that it does not read. */
    Socket client(int receiveBuffer) throws Exception {
        Socket client = new Socket();
        if (receiveBuffer > 0) {
            client.setReceiveBufferSize(receiveBuffer);
        }
        client.setSoTimeout(5_000);
        client.setTcpNoDelay(true);
        client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port()));
        if (identity == null) {
            return client;
        }
        return identity.context().getSocketFactory().createSocket(client, "localhost", port(), true);
    }

    /** All that comes for {@code requests}, after which the client sends no more. */
    String ask(String requests) throws Exception {
        try (Socket client = client(0)) {
            client.getOutputStream().write(requests.getBytes(StandardCharsets.ISO_8859_1));
            client.shutdownOutput();
            return rest(client);
        }
    }

    /** The same for a client that stays, as the server does not: who has ended may get no error page from Jetty. */
    String provoke(String requests) throws Exception {
        try (Socket client = client(0)) {
            client.getOutputStream().write(requests.getBytes(StandardCharsets.ISO_8859_1));
            return rest(client);
        }
    }

    /** All that comes until the connection ends. */
    static String rest(Socket client) throws IOException {
        InputStream in = client.getInputStream();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] piece = new byte[1 << 16];
        try {
            for (int length = in.read(piece); length >= 0; length = in.read(piece)) {
                all.write(piece, 0, length);
            }
        } catch (SocketException reset) {
            all.writeBytes("(reset)".getBytes(StandardCharsets.ISO_8859_1));
        }
        return all.toString(StandardCharsets.ISO_8859_1);
    }

    /** Waits for that, and looks often. */
    static void until(Callable<Boolean> condition) {
        await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5)).until(condition);
    }

    @Override
    public void close() throws Exception {
        server.stop();
        await().pollDelay(Duration.ZERO)
                .untilAsserted(() ->
                        assertThat(buffers.getLeaks()).as(buffers::dumpLeaks).isEmpty());
    }
}
