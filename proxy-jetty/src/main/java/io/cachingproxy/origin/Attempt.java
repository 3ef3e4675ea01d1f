package io.cachingproxy.origin;

import io.cachingproxy.OriginException;
import java.time.Duration;
import java.util.Optional;

/**
 * One attempt of a request at one server of an origin; decides whether the request is retried on another server. The
 * exchange does not see attempts that are retried.
 */
public interface Attempt {
    /** The progress of a failed request. */
    enum Progress {
        /** No byte of the request was sent. */
        UNSENT,
        /** The request was sent, possibly in part; no byte of a response was received. */
        SENT,
        /** A part of a response was received. */
        ANSWERED
    }

    /** A single attempt without retries. */
    Attempt ONLY = new Attempt() {};

    /**
     * Called with the status of the final response.
     *
     * @return whether to retry: the response is dropped, and {@link #retry} is called
     */
    default boolean answered(int status) {
        return false;
    }

    /**
     * Called if there is no response, or only a part of one.
     *
     * @param slowClient whether the client was slow enough for the server to give the connection up
     * @return whether to retry: {@link #retry} is called
     */
    default boolean failed(OriginException fault, Progress progress, boolean slowClient) {
        return false;
    }

    /**
     * Time from the end of the request to the head of the response after which {@link #slow} is called; empty: never. Checked
     * once a second, or more often.
     */
    default Optional<Duration> latency() {
        return Optional.empty();
    }

    /** Called at most once, before {@link #answered}, if the response takes longer than {@link #latency}. */
    default void slow() {}

    /** Retries the request on another server; called after {@link #end}. */
    default void retry() {}

    /** Cancels the retry, because the exchange has ended meanwhile. */
    default void cancelRetry() {}

    /** Called when the request no longer uses the server. */
    default void end() {}
}
