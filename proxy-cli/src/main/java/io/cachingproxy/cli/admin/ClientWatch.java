package io.cachingproxy.cli.admin;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

/**
 * Notices that the client of a request closes its connection, or one direction of it, before the answer. Jetty does not
 * read a connection of HTTP/1.1 while its request is handled. Only for requests whose content has been read to its end.
 *
 * <p>{@link #end} must be called before the answer, and leaves the connection to Jetty. If the client has sent another
 * request before the answer, that one is lost, and the answer closes the connection (RFC 9112 §9.3.2).
 */
final class ClientWatch implements Callback {
    private static final int READ = 256;

    private final AdminExchange exchange;
    private final EndPoint client;
    private final Runnable left;
    private boolean isWaiting;
    private boolean hasMore;
    private boolean isEnded;

    private ClientWatch(AdminExchange exchange, Runnable left) {
        this.exchange = exchange;
        this.client = exchange.request().getConnectionMetaData().getConnection().getEndPoint();
        this.left = left;
    }

    /**
     * Begins to watch.
     *
     * @param left is run when the client has left, once
     */
    static ClientWatch begin(AdminExchange exchange, Runnable left) {
        ClientWatch watch = new ClientWatch(exchange, left);
        watch.await();
        return watch;
    }

    private synchronized void await() {
        isWaiting = !isEnded && client.tryFillInterested(this);
    }

    /** The connection is readable: by its end, or by more than the request. */
    @Override
    public void succeeded() {
        if (hasLeft()) {
            left.run();
        }
    }

    private synchronized boolean hasLeft() {
        isWaiting = false;
        if (isEnded) {
            return false;
        }
        ByteBuffer more = BufferUtil.allocate(READ);
        try {
            int filled = client.fill(more);
            hasMore |= filled > 0;
            if (filled == 0) {
                await();
            }
            return filled < 0;
        } catch (IOException reset) {
            return true;
        }
    }

    @Override
    public void failed(Throwable cause) {
        synchronized (this) {
            isWaiting = false;
            if (isEnded) {
                return;
            }
            if (cause instanceof TimeoutException) { // idle, as it should be
                await();
                return;
            }
        }
        left.run();
    }

    @Override
    public InvocationType getInvocationType() {
        return InvocationType.NON_BLOCKING;
    }

    /** Ends the watch, so that the answer can be written. */
    synchronized void end() {
        isEnded = true;
        if (isWaiting && client instanceof AbstractEndPoint connection) {
            connection.getFillInterest().onFail(new CancellationException());
        }
        if (hasMore) {
            exchange.response().getHeaders().put(HttpHeader.CONNECTION, "close");
        }
    }
}
