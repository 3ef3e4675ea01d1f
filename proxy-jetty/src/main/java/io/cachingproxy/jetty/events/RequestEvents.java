package io.cachingproxy.jetty.events;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Notifies the {@link RequestListener}s. Without a listener nothing is measured. */
public final class RequestEvents {
    /** No listeners. */
    public static final RequestEvents NONE = new RequestEvents(List.of());

    private static final Logger LOG = LoggerFactory.getLogger(RequestEvents.class);

    private final RequestListener @Nullable [] listeners;
    private final AtomicBoolean warned = new AtomicBoolean();

    public RequestEvents(List<RequestListener> listeners) {
        this.listeners = listeners.isEmpty() ? null : listeners.toArray(RequestListener[]::new);
    }

    /** Whether there is a listener. */
    public boolean isOn() {
        return listeners != null;
    }

    /** Notifies all listeners. */
    public void answered(AnsweredRequest request) {
        if (listeners != null) {
            for (RequestListener told : listeners) {
                tell(told, request);
            }
        }
    }

    private void tell(RequestListener told, AnsweredRequest request) {
        try {
            told.onAnswered(request);
        } catch (RuntimeException | LinkageError broken) {
            if (warned.compareAndSet(false, true)) {
                LOG.warn("The request listener fails: {}", broken.toString());
            }
            LOG.debug("The request listener failed", broken);
        }
    }
}
