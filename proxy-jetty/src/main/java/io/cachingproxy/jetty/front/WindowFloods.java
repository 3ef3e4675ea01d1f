package io.cachingproxy.jetty.front;

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
 * Closes HTTP/2 connections whose clients flood WINDOW_UPDATE frames (RFC 9113 §10.5). Jetty limits the rate of other
 * frames that request nothing, but that of WINDOW_UPDATE only on closed streams.
 *
 * <p>A client may send {@link #RATE} WINDOW_UPDATE frames a second, and two more for each DATA frame that it received:
 * one for the stream, one for the connection.
 */
public final class WindowFloods implements Connection.Listener {
    static final int RATE = 5000;

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /**
     * Jetty's rate control of all other frames that request nothing; also counts WINDOW_UPDATE frames on closed streams.
     */
    public static final class OtherFrames implements RateControl.Factory {
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

    /**
     * Count of the WINDOW_UPDATE frames of one connection in one second. Not thread-safe: the frames of a connection are
     * parsed one after another.
     */
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
