package io.cachingproxy.jetty;

import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.frames.Frame;
import org.eclipse.jetty.http2.frames.FrameType;
import org.eclipse.jetty.io.Connection;

/**
 * Ends HTTP/2 connections whose clients send WINDOW_UPDATE faster than anyone has to (RFC 9113 §10.5). Jetty limits the
 * rate of the other frames that ask for nothing, but of this one only where the stream is over.
 *
 * <p>A client may send {@link #RATE} of them a second, and besides one for each {@link #BYTES} that it was sent.
 */
final class WindowFloods implements Connection.Listener {
    static final int RATE = 5000;
    static final int BYTES = 256;

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    @Override
    public void onOpened(Connection connection) {
        if (connection instanceof HTTP2Connection http2) {
            http2.getSession().addEventListener(new Count(http2));
        }
    }

    /** The WINDOW_UPDATE frames of one connection in one second. Its frames are parsed one after another. */
    private static final class Count implements HTTP2Session.FrameListener {
        private final HTTP2Connection connection;
        private long begin = System.nanoTime();
        private long written;
        private long frames;

        Count(HTTP2Connection connection) {
            this.connection = connection;
        }

        @Override
        public void onIncomingFrame(Session session, Frame frame) {
            if (frame.getType() == FrameType.WINDOW_UPDATE && ++frames > RATE && isTooFast()) {
                connection.onConnectionFailure(ErrorCode.ENHANCE_YOUR_CALM_ERROR.code, "window_update_rate");
            }
        }

        private boolean isTooFast() {
            long now = System.nanoTime();
            long sent = connection.getBytesOut();
            if (frames <= RATE + (sent - written) / BYTES) {
                return false;
            }
            boolean tooFast = now - begin < SECOND;
            begin = now;
            written = sent;
            frames = 0;
            return tooFast;
        }
    }
}
