package io.cachingproxy.jetty.hit;

import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Set;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpParser;

/** A parser that also reports an HTTP version in lower case, which Jetty's parser accepts. */
final class RequestLineParser extends HttpParser {
    private static final Set<State> REQUEST_LINE = EnumSet.range(State.START, State.REQUEST_VERSION);

    private boolean lowerCase;

    RequestLineParser(RequestHandler handler, int longestHead, HttpCompliance compliance) {
        super(handler, longestHead, compliance);
    }

    /** Whether the last word of the request line, as far as parsed, has a lower-case letter. */
    boolean isVersionInLowerCase() {
        return lowerCase;
    }

    @Override
    public boolean parseNext(ByteBuffer buffer) {
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
