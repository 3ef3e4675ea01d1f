package io.cachingproxy.jetty.front;

import io.cachingproxy.http.Content;
import io.cachingproxy.http.ResponseHead;
import java.nio.ByteBuffer;
import org.eclipse.jetty.util.Callback;

/** A response to a client, as {@link AnswerSender} writes it: one write at a time. */
public interface Outgoing {
    /**
     * Sets the head. Replaces a head that is not written yet.
     *
     * @param content whose trailers are sent if the head announces no length
     */
    void head(ResponseHead head, Content content);

    /** Whether the head was written, so that it cannot be replaced. */
    boolean isCommitted();

    /**
     * Writes content; the first write has the head.
     *
     * @param last whether the response ends with this content
     */
    void write(boolean last, ByteBuffer bytes, Callback callback);

    /** Runs {@code task} on another thread. */
    void execute(Runnable task);

    /** Aborts the response, whose client does not read; the pending write fails. */
    void abort();

    /** Ends the exchange: the response was written. */
    void completed();

    /** Ends the exchange: the response breaks off. */
    void failed(Throwable cause);

    /** The error log. */
    FaultLog faults();

    /** The request, for the error log. */
    FaultLog.Subject subject();
}
