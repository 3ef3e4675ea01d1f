package io.cachingproxy;

import java.nio.ByteBuffer;
import java.util.List;

/** Passes the content of a response to its listeners, each with a view of its own. */
final class ObservedContent implements ContentListener {
    private final Events events;
    private final List<ContentListener> listeners;

    ObservedContent(Events events, List<ContentListener> listeners) {
        this.events = events;
        this.listeners = listeners;
    }

    @Override
    public void onContent(ByteBuffer bytes) {
        for (ContentListener listener : listeners) {
            events.tellOne(listener, it -> it.onContent(bytes.asReadOnlyBuffer()));
        }
    }

    @Override
    public void onEnd(boolean complete) {
        for (ContentListener listener : listeners) {
            events.tellOne(listener, it -> it.onEnd(complete));
        }
    }
}
