package io.cachingproxy.testkit;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Content with trailers that is available at once, and an HTTP/2 client whose window takes two bytes of it at first. */
public final class ContentWithTrailers implements Content {
    private final Headers trailers;
    private ByteBuffer bytes;

    public ContentWithTrailers(String body, Headers trailers) {
        this.bytes = ByteBuffer.wrap(body.getBytes(StandardCharsets.ISO_8859_1));
        this.trailers = trailers;
    }

    @Override
    public Chunk read() {
        ByteBuffer next = bytes;
        bytes = ByteBuffer.allocate(0);
        return next.hasRemaining() ? Chunk.of(next) : END;
    }

    @Override
    public void demand(Runnable ready) {
        ready.run();
    }

    @Override
    public void cancel() {}

    @Override
    public Headers trailers() {
        return trailers;
    }

    /** The contents of the DATA frames of a response, and TRAILERS; the window is opened after the first frame. */
    public static List<String> received(int port) throws IOException {
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
            client.setSoTimeout(5_000);
            String windowOfTwo = Http2Frames.frame(Http2Frames.SETTINGS, 0, 0, "\0\4" + Http2Frames.integer(2));
            send(client, Http2Frames.PREFACE + windowOfTwo + Http2Frames.asking(1, "/a"));
            List<String> frames = new ArrayList<>(frames(client, frame -> frame.type() == Http2Frames.DATA));
            send(client, Http2Frames.frame(Http2Frames.WINDOW_UPDATE, 0, 1, Http2Frames.integer(9)));
            frames.addAll(frames(client, ContentWithTrailers::isEnd));
            return frames;
        }
    }

    private static void send(Socket client, String frames) throws IOException {
        client.getOutputStream().write(frames.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static boolean isEnd(Http2Frames.Frame frame) {
        return frame.stream() == 1 && (frame.flags() & Http2Frames.END_STREAM) != 0;
    }

    private static List<String> frames(Socket client, Predicate<Http2Frames.Frame> last) throws IOException {
        List<String> frames = new ArrayList<>();
        InputStream in = client.getInputStream();
        Http2Frames.Frame frame;
        do {
            frame = Http2Frames.read(in);
            if (frame.type() == Http2Frames.DATA) {
                frames.add(new String(frame.payload(), StandardCharsets.ISO_8859_1));
            } else if (frame.type() == Http2Frames.HEADERS && isEnd(frame)) {
                frames.add("TRAILERS");
            }
        } while (!last.test(frame));
        return frames;
    }
}
