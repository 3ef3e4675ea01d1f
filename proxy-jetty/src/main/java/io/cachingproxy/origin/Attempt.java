package io.cachingproxy.origin;

import io.cachingproxy.OriginException;

/**
 * A request at one of the servers of an origin, and what the one that sent it there makes of the result. Where the request
 * goes to another server, the exchange learns nothing of this one.
 */
public interface Attempt {
    /** How far a request came that failed. */
    enum Progress {
        /** Nothing of it was sent. */
        UNSENT,
        /** It was sent, perhaps in part, and nothing of a response was received. */
        SENT,
        /** A part of a response was received. */
        ANSWERED
    }

    /** The only attempt: whatever comes is the response. */
    Attempt ONLY = new Attempt() {};

    /**
     * Told of the status of the final response.
     *
     * @return whether it goes to another server: the response is dropped, and {@link #goElsewhere} called
     */
    default boolean answered(int status) {
        return false;
    }

    /**
     * Told that there is no response, or only a part of one.
     *
     * @param slowClient whether the client was slow enough for the server to give the connection up
     * @return whether it goes to another server: {@link #goElsewhere} is called
     */
    default boolean failed(OriginException fault, Progress progress, boolean slowClient) {
        return false;
    }

    /** Sends the request to another server, after {@link #end}. */
    default void goElsewhere() {}

    /** The request goes to no other server after all: its exchange has ended meanwhile. */
    default void stay() {}

    /** The server has nothing to do with the request any more. */
    default void end() {}
}
