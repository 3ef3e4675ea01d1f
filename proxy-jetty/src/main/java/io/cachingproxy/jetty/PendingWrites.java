package io.cachingproxy.jetty;

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
 * Writes that wait for their clients. Those of readers that were cut off, because memory is short, are aborted: else their
 * bodies would stay in memory until the client goes on.
 */
final class PendingWrites implements Runnable {
    /** A write that waits for its client. */
    interface Write {
        /** Whether the reader of the content was cut off. */
        boolean isCutOff();

        /** Ends the response; the write fails. */
        void abort();
    }

    private final Set<Write> writes = ConcurrentHashMap.newKeySet();
    private final Runnable before;

    /** Those of one server. */
    PendingWrites() {
        this(() -> {});
    }

    /**
     * Those of one server.
     *
     * @param before run before each look: cuts off readers
     */
    PendingWrites(Runnable before) {
        this.before = before;
    }

    void add(Write write) {
        writes.add(write);
    }

    void remove(Write write) {
        writes.remove(write);
    }

    /** Aborts those that were cut off. */
    @Override
    public void run() {
        before.run();
        for (Write write : List.copyOf(writes)) {
            if (write.isCutOff() && writes.remove(write)) {
                write.abort();
            }
        }
    }

    /** Aborts the response to {@code request}: its stream over HTTP/2, its connection over HTTP/1. */
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
