package io.cachingproxy.jetty;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.frames.Frame;
import org.eclipse.jetty.http2.frames.FrameType;
import org.eclipse.jetty.http2.frames.WindowUpdateFrame;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.RateControl;
import org.eclipse.jetty.io.WindowRateControl;

/**
 * Ends HTTP/2 connections whose clients send WINDOW_UPDATE faster than anyone has to (RFC 9113 §10.5). Jetty limits the
 * rate of the other frames that ask for nothing, but of this one only where the stream is over.
 *
 * <p>A client may send {@link #RATE} of them a second, and besides two for each DATA frame that it was sent: one for the
 * stream, one for the connection.
 */
final class WindowFloods implements Connection.Listener {
    static final int RATE = 5000;

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** Jetty's control of all other frames that ask for nothing: it also counts updates that trail a stream which has ended. */
    static final class OtherFrames implements RateControl.Factory {
        private static final int MOST = 128;

        @Override
        public RateControl newRateControl(EndPoint client) {
            RateControl others = new WindowRateControl(MOST, Duration.ofNanos(SECOND));
            return event -> event instanceof WindowUpdateFrame || others.onEvent(event);
        }
    }

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
        private final AtomicLong sent = new AtomicLong();
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

        @Override
        public void onOutgoingFrame(Session session, Frame frame) {
            if (frame.getType() == FrameType.DATA) {
                sent.incrementAndGet();
            }
        }

        private boolean isTooFast() {
            long now = System.nanoTime();
            frames -= 2 * sent.getAndSet(0);
            if (frames <= RATE) {
                return false;
            }
            boolean tooFast = now - begin < SECOND;
            begin = now;
            frames = 0;
            return tooFast;
        }
    }
}
