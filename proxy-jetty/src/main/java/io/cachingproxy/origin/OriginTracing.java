package io.cachingproxy.origin;

import io.cachingproxy.OriginException;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.net.TraceParent;

/** The trace context of a request to an origin, and the spans of its attempts. */
@FunctionalInterface
public interface OriginTracing {
    /** No spans: the trace context of the client is passed on with a new span id ({@link TraceParent#passedOn}). */
    OriginTracing NO_SPANS = (head, number) -> {
        RequestHead passedOn = TraceParent.passedOn(head);
        return () -> passedOn;
    };

    /**
     * Begins an attempt at a server of the origin.
     *
     * @param head the request with the URL of the server, and with the trace context of the client
     * @param number 1 for the first attempt
     */
    Attempt begin(RequestHead head, int number);

    /** An attempt at one server. */
    @FunctionalInterface
    interface Attempt {
        /** The request to be sent, with the trace context of this attempt. */
        RequestHead head();

        /** Called with the status of the final response. */
        default void answered(int status) {}

        /** Called if there is no response, or only a part of one. */
        default void failed(OriginException fault) {}

        /** Called once, when the request no longer uses the server. */
        default void ended() {}
    }
}
