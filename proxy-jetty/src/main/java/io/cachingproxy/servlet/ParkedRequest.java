package io.cachingproxy.servlet;

import io.cachingproxy.Step;
import io.cachingproxy.key.CacheKey;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletResponseWrapper;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A request that waits for the response to another request without blocking a thread, by {@code startAsync}. A usable
 * response is written as it arrives; otherwise the request is dispatched, and the chain runs on the thread of the
 * dispatch.
 *
 * <p>A dispatch runs only filters that are mapped for ASYNC, outer filters may not expect that the chain returns
 * without a response, and the target is parsed once more. {@link #permits} checks that none of this matters.
 */
final class ParkedRequest implements AsyncListener {
    private static final String ATTRIBUTE = ParkedRequest.class.getName();
    private static final Pattern PLAIN =
            Pattern.compile("(?:/[A-Za-z0-9_~!$&'()*+,=:@-][A-Za-z0-9._~!$&'()*+,=:@-]*)*/?");

    private final CacheKey key;
    private final AsyncContext async;
    private final long timeout;
    private @Nullable Step step;
    private boolean over;

    private ParkedRequest(CacheKey key, AsyncContext async) {
        this.key = key;
        this.async = async;
        this.timeout = async.getTimeout();
    }

    /** Whether this request can be parked, provided that async dispatches run all filters. */
    static boolean permits(HttpServletRequest request, HttpServletResponse response) {
        return request.isAsyncSupported()
                && !(response instanceof ServletResponseWrapper)
                && PLAIN.matcher(request.getRequestURI()).matches();
    }

    /** Parks a request until its next step is known. */
    static void park(
            CompletionStage<Step> opened, CacheKey key, HttpServletRequest request, HttpServletResponse response) {
        ParkedRequest parked = new ParkedRequest(key, request.startAsync(request, response));
        parked.async.setTimeout(0);
        parked.async.addListener(parked);
        opened.thenAccept(parked::goOn);
    }

    private void goOn(Step known) {
        boolean answered = known instanceof Step.Answered it && it.refresh() == null;
        synchronized (this) {
            if (!over && !answered) {
                step = known;
            }
            if (over) {
                Followers.discard(known);
                return;
            }
        }
        if (answered) {
            AnswerWriter.write(((Step.Answered) known).answer(), async);
            return;
        }
        try {
            async.getRequest().setAttribute(ATTRIBUTE, this);
            async.dispatch();
        } catch (RuntimeException containerWasFaster) {
            end();
        }
    }

    /** The parked request of this dispatch; null for any other dispatch. */
    static @Nullable ParkedRequest of(HttpServletRequest request) {
        return request.getAttribute(ATTRIBUTE) instanceof ParkedRequest parked && parked.waits() ? parked : null;
    }

    private synchronized boolean waits() {
        return step != null;
    }

    /** The next step; may be taken once. */
    synchronized Step take() {
        Step taken = Objects.requireNonNull(step);
        step = null;
        return taken;
    }

    CacheKey key() {
        return key;
    }

    /** Default async timeout of this container, in milliseconds. */
    long timeout() {
        return timeout;
    }

    /** The request has ended: discards its next step. */
    private void end() {
        Step left;
        synchronized (this) {
            over = true;
            left = step;
            step = null;
        }
        if (left != null) {
            Followers.discard(left);
        }
    }

    @Override
    public void onComplete(AsyncEvent event) {
        end();
    }

    @Override
    public void onError(AsyncEvent event) {
        end();
    }

    @Override
    public void onTimeout(AsyncEvent event) {
        // there is no timeout
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
        // started by the servlet
    }
}
