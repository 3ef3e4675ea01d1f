package io.cachingproxy.cli.admin;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable;

/**
 * Discards content that is still arriving after the answer, for at most {@link #SECONDS} seconds: a connection that is
 * closed with unread content is reset, and the client may not see the answer (RFC 9112 §9.6).
 */
final class UnreadContent extends Handler.Wrapper {
    private static final int SECONDS = 2;
    private static final long MOST = 16 << 20;

    UnreadContent(Handler handler) {
        super(handler);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        boolean waits = request.getHeaders().contains(HttpHeader.EXPECT); // sends nothing after another answer
        return super.handle(
                request,
                response,
                waits
                        ? callback
                        : Callback.from(
                                Invocable.InvocationType.NON_BLOCKING,
                                () -> new Discarding(request, callback).begin(),
                                callback::failed));
    }

    private static final class Discarding implements Runnable {
        private final Request request;
        private final Callback callback;
        private final AtomicBoolean done = new AtomicBoolean();
        private long discarded;

        Discarding(Request request, Callback callback) {
            this.request = request;
            this.callback = callback;
        }

        void begin() {
            if (!isRead()) {
                request.getComponents().getScheduler().schedule(this::end, SECONDS, TimeUnit.SECONDS);
                request.demand(this);
                return;
            }
            end();
        }

        @Override
        public void run() {
            if (done.get()) {
                return;
            }
            if (isRead()) {
                end();
            } else {
                request.demand(this);
            }
        }

        /** Reads what has arrived; whether nothing else is to be read. */
        private boolean isRead() {
            for (Content.Chunk chunk = request.read(); chunk != null; chunk = request.read()) {
                if (Content.Chunk.isFailure(chunk)) {
                    return true;
                }
                discarded += chunk.remaining();
                chunk.release();
                if (chunk.isLast() || discarded > MOST) {
                    return true;
                }
            }
            return false;
        }

        private void end() {
            if (done.compareAndSet(false, true)) {
                callback.succeeded();
            }
        }
    }
}
