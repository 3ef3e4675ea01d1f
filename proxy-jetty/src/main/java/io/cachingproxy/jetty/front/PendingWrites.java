package io.cachingproxy.jetty.front;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Callback;

/**
 * List of writes that wait for slow clients. When memory is short and a reader is cut off, its write is aborted;
 * otherwise the body would stay in memory until the client reads on.
 */
public final class PendingWrites implements Runnable {
    /** A write that waits for its client to read. */
    public interface Write {
        /** Whether the reader of the content was cut off. */
        boolean isCutOff();

        /** Aborts the response; the write fails. */
        void abort();
    }

    private final Set<Write> writes = ConcurrentHashMap.newKeySet();
    private final Runnable before;

    /** The pending writes of one server. */
    public PendingWrites() {
        this(() -> {});
    }

    /**
     * The pending writes of one server.
     *
     * @param before runs before each check; cuts off readers
     */
    public PendingWrites(Runnable before) {
        this.before = before;
    }

    public void add(Write write) {
        writes.add(write);
    }

    public void remove(Write write) {
        writes.remove(write);
    }

    /** Aborts the writes of readers that were cut off. */
    @Override
    public void run() {
        before.run();
        for (Write write : List.copyOf(writes)) {
            if (write.isCutOff() && writes.remove(write)) {
                write.abort();
            }
        }
    }

    /** Aborts the response to {@code request}: resets its stream over HTTP/2, closes its connection over HTTP/1. */
    static void abort(Request request) {
        Connection connection = request.getConnectionMetaData().getConnection();
        Stream stream = connection instanceof HTTP2Connection http2
                ? http2.getSession().getStream(Integer.parseInt(request.getId()))
                : null;
        if (stream == null) {
            connection.getEndPoint().close();
        } else {
            stream.reset(new ResetFrame(stream.getId(), ErrorCode.ENHANCE_YOUR_CALM_ERROR.code), Callback.NOOP);
        }
    }
}
