package io.cachingproxy.origin;

import java.io.IOException;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.HTTP2Stream;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.frames.Frame;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.http2.frames.StreamFrame;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Fails HTTP/2 streams with a malformed sequence of frames (RFC 9113 §8.1), which Jetty's client misinterprets, and
 * streams that Jetty resets without a notification of the stream's listener.
 */
final class OriginFrames implements HTTP2Session.FrameListener {
    /** The stream attribute that is set once the head of the final response was received. */
    private static final String HEAD = OriginFrames.class.getName() + ".head";

    @Override
    public void onIncomingFrame(Session session, Frame frame) {
        if (!(session instanceof HTTP2Session http2) || !(frame instanceof StreamFrame part)) {
            return;
        }
        HTTP2Stream stream = http2.getStream(part.getStreamId());
        if (stream == null) {
            return;
        }
        String fault = switch (frame.getType()) {
            case HEADERS -> fault(stream, (HeadersFrame) frame);
            case DATA -> stream.getAttribute(HEAD) == null ? "data before the head" : null;
            default -> null;
        };
        if (fault != null) {
            http2.onStreamFailure(stream.getId(), ErrorCode.PROTOCOL_ERROR.code, fault);
        }
    }

    private static @Nullable String fault(Stream stream, HeadersFrame frame) {
        boolean headed = stream.getAttribute(HEAD) != null;
        if (!(frame.getMetaData() instanceof MetaData.Response response)) {
            return !headed ? "trailers without a head" : frame.isEndStream() ? null : "trailers that end nothing";
        }
        if (headed) {
            return "another head";
        }
        if (HttpStatus.isInterim(response.getStatus())) {
            return frame.isEndStream() ? "no final response" : null;
        }
        stream.setAttribute(HEAD, true);
        return null;
    }

    /** Reports resets because of malformed frames. Aborted requests are reset with CANCEL. */
    @Override
    public void onOutgoingFrame(Session session, Frame frame) {
        if (frame instanceof ResetFrame reset
                && reset.getError() != ErrorCode.CANCEL_STREAM_ERROR.code
                && session.getStream(reset.getStreamId()) instanceof HTTP2Stream stream) {
            Stream.Listener listener = stream.getListener();
            if (listener != null) {
                IOException failure = new IOException("reset with " + ErrorCode.toString(reset.getError(), "an error"));
                listener.onFailure(stream, reset.getError(), "reset", failure, Callback.NOOP);
            }
        }
    }
}
