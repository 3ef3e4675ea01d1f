package io.cachingproxy.origin;

import io.cachingproxy.http.AddressRanges;
import io.cachingproxy.net.SocketWrites;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.util.IO;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.Invocable;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections to an origin: resolves the host name on a separate thread, tries the addresses one after another
 * without blocking, and starts TLS.
 */
final class OriginConnector {
    private static final long RESOLUTION_MILLIS = 15_000;

    private final OriginPool pool;
    private final String host;
    private final int port;
    private final @Nullable InetAddress address;
    private final @Nullable OriginHandshakes tls;
    private final SocketWrites writes;

    /** @param address the only address; null: those of the host name */
    OriginConnector(
            OriginPool pool, URI origin, @Nullable InetAddress address, SslContextFactory.@Nullable Client tls) {
        this.pool = pool;
        String named = origin.getHost();
        this.host = named.startsWith("[") ? named.substring(1, named.length() - 1) : named;
        this.port = OriginPool.port(origin);
        this.address = address == null ? AddressRanges.literal(host) : address;
        this.tls = tls == null ? null : new OriginHandshakes(pool, tls, host, port);
        this.writes = new SocketWrites(pool.buffers());
    }

    /** Opens a connection of {@code selector}, and starts {@code call} on the connection. */
    void connect(Http1Call call, ManagedSelector selector) {
        if (!pool.canConnect()) {
            call.fail(new ClosedChannelException());
            return;
        }
        if (address != null) {
            connect(call, selector, List.of(new InetSocketAddress(address, port)), 0);
            return;
        }
        try {
            new SocketAddressResolver.Async(pool::execute, pool.scheduler(), RESOLUTION_MILLIS)
                    .resolve(host, port, Map.of(), new Promise<>() {
                        @Override
                        public void succeeded(List<InetSocketAddress> addresses) {
                            connect(call, selector, addresses, 0);
                        }

                        @Override
                        public void failed(Throwable cause) {
                            call.fail(cause);
                        }
                    });
        } catch (RejectedExecutionException stopping) {
            call.fail(stopping);
        }
    }

    private void connect(Http1Call call, ManagedSelector selector, List<InetSocketAddress> addresses, int index) {
        if (call.isOver()) {
            return;
        }
        if (addresses.isEmpty()) {
            call.fail(new UnknownHostException(host));
            return;
        }
        Connecting connecting = new Connecting(call, selector, addresses, index);
        try {
            connecting.begin();
        } catch (IOException | RuntimeException failed) {
            connecting.fail(failed);
        }
    }

    /** The connection attempt to one address. */
    private final class Connecting implements ManagedSelector.SelectorUpdate, ManagedSelector.Selectable, Closeable {
        private final Http1Call call;
        private final ManagedSelector selector;
        private final List<InetSocketAddress> addresses;
        private final int index;
        private final AtomicBoolean done = new AtomicBoolean();
        private volatile @Nullable SocketChannel channel;
        private volatile Scheduler.@Nullable Task timeout;
        private @Nullable SelectionKey key;

        Connecting(Http1Call call, ManagedSelector selector, List<InetSocketAddress> addresses, int index) {
            this.call = call;
            this.selector = selector;
            this.addresses = addresses;
            this.index = index;
        }

        void begin() throws IOException {
            SocketChannel opened = SocketChannel.open();
            channel = opened;
            opened.configureBlocking(false);
            opened.setOption(StandardSocketOptions.TCP_NODELAY, true);
            opened.connect(addresses.get(index));
            timeout = pool.scheduler()
                    .schedule(
                            () -> fail(new SocketTimeoutException("not connected in time")),
                            pool.timeouts().connect().toMillis(),
                            TimeUnit.MILLISECONDS);
            selector.submit(this);
        }

        @Override
        public void update(Selector on) {
            SocketChannel opened = channel;
            if (opened == null || done.get()) {
                return;
            }
            try {
                key = opened.register(on, SelectionKey.OP_CONNECT, this); // even if already connected
            } catch (ClosedChannelException | RuntimeException failed) {
                fail(failed);
            }
        }

        @Override
        public @Nullable Runnable onSelected() {
            SocketChannel opened = channel;
            SelectionKey registered = key;
            if (opened == null || registered == null) {
                return null;
            }
            try {
                if (!opened.finishConnect()) {
                    return null;
                }
            } catch (IOException refused) {
                fail(refused);
                return null;
            }
            if (!done.compareAndSet(false, true)) {
                return null;
            }
            cancelTimeout();
            registered.interestOps(0);
            OriginEndPoint socket = new OriginEndPoint(opened, selector, registered, pool.scheduler(), writes);
            registered.attach(socket);
            pool.opened();
            return tls == null
                    ? Invocable.from(Invocable.InvocationType.NON_BLOCKING, () -> start(socket))
                    : () -> tls.begin(
                            call,
                            socket); // may block, so the task declares no invocation type and runs on another thread
        }

        private void start(OriginEndPoint socket) {
            Http1Connection connection = new Http1Connection(pool, socket, socket, pool::execute);
            socket.setConnection(connection);
            socket.onOpen();
            connection.onOpen();
            call.start(connection);
        }

        private void cancelTimeout() {
            Scheduler.Task task = timeout;
            if (task != null) {
                task.cancel();
            }
        }

        /** Tries the next address; after the last one the call fails. */
        void fail(Throwable cause) {
            if (!done.compareAndSet(false, true)) {
                return;
            }
            cancelTimeout();
            IO.close(channel);
            if (index + 1 < addresses.size()) {
                connect(call, selector, addresses, index + 1);
            } else {
                call.fail(cause);
            }
        }

        @Override
        public void updateKey() {
            // the interest is always OP_CONNECT
        }

        @Override
        public void replaceKey(SelectionKey other) {
            key = other;
        }

        /** The selector is stopped. */
        @Override
        public void close() {
            fail(new ClosedChannelException());
        }
    }
}
