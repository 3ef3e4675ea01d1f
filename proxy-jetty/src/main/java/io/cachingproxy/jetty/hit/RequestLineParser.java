package io.cachingproxy.jetty.hit;

import io.cachingproxy.jetty.front.ServerContent;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpParser;

/** A parser that also reports an HTTP version in lower case, which Jetty's parser accepts. */
final class RequestLineParser extends HttpParser {
    private static final Set<State> REQUEST_LINE = EnumSet.range(State.START, State.REQUEST_VERSION);

    private boolean lowerCase;

    /** When {@link #linger} was called, 0 before that; as {@link System#nanoTime} has it. */
    private volatile long lingeringSince;

    RequestLineParser(RequestHandler handler, int longestHead, HttpCompliance compliance) {
        super(handler, longestHead, compliance);
    }

    /** Whether the last word of the request line, as far as parsed, has a lower-case letter. */
    boolean isVersionInLowerCase() {
        return lowerCase;
    }

    /**
     * Drops what comes after the last response until the client closes the connection, for {@link
     * ServerContent#LINGERING_SECONDS}. A connection that is closed with unread bytes is reset, and a reset can take the
     * response from the client (RFC 9112 §9.6); Jetty closes it at once.
     */
    void linger() {
        lingeringSince = System.nanoTime() | 1;
    }

    private boolean isLingering() {
        long since = lingeringSince;
        return since != 0
                && isClose()
                && System.nanoTime() - since < TimeUnit.SECONDS.toNanos(ServerContent.LINGERING_SECONDS);
    }

    @Override
    public boolean isTerminated() {
        return super.isTerminated() && !isLingering();
    }

    @Override
    public boolean parseNext(ByteBuffer buffer) {
        if (isLingering()) {
            buffer.position(buffer.limit());
        }
        if (isStart()) {
            lowerCase = false;
        }
        if (REQUEST_LINE.contains(getState())) {
            watch(buffer);
        }
        return super.parseNext(buffer);
    }

    private void watch(ByteBuffer buffer) {
        boolean begun = !isStart();
        for (int i = buffer.position(); i < buffer.limit(); i++) {
            byte c = buffer.get(i);
            if (c == ' ') {
                lowerCase = false;
            } else if (c >= 'a' && c <= 'z') {
                lowerCase = true;
            } else if (c == '\n' && begun) {
                return;
            }
            begun |= c > ' ';
        }
    }
}
